"""Hints for statement files on the command line."""

from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from dashtam.api.ledger.csv_profiles import CsvProfileBody
from domain.ledger.errors import HintNeeded
from domain.ledger.hints import CsvColumn, CsvProfile, DateOrder, ReadingHints, SimilarAccounts
from domain.ledger.profile_validation import is_text_encoding, validate_profile
from domain.ledger.questions import Asked, Question
from domain.shared.errors import DomainError
from domain.shared.money import is_listed


def add_hints(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("hints for what the file does not say")
    group.add_argument("--account", default="", metavar="NAME", help="a name for the account")
    group.add_argument("--currency", type=_currency, metavar="EUR", help="its ISO 4217 currency")
    group.add_argument(
        "--similar-accounts",
        choices=[each.value for each in SimilarAccounts],
        help="whether its accounts are those that look like them",
    )
    orders = [order.value for order in DateOrder]
    group.add_argument("--date-order", choices=orders, help="the order of its dates")
    group.add_argument("--decimal-mark", choices=[".", ","], help="its decimal mark")
    group.add_argument(
        "--charges-positive", choices=["true", "false"], help="whether charges have no minus sign"
    )
    group.add_argument(
        "--fees-included", choices=["true", "false"], help="whether amounts include their fees"
    )
    group.add_argument("--encoding", type=_encoding, metavar="cp1250", help="how its text is coded")
    names = ", ".join(column.value for column in CsvColumn)
    group.add_argument(
        "--column",
        action="append",
        default=[],
        type=_column,
        metavar="amount=HEADING",
        help=f"a column by its heading, or #3 for the third: {names}",
    )
    text = "a CSV profile as a JSON file, as `inspect_statement --format json` shows it"
    group.add_argument("--csv-profile-file", type=_profile, metavar="FILE", help=text)


FLAGS = {
    **{asked.value: f"--{asked.replace('_', '-')}" for asked in Asked},
    Asked.ACCOUNT: "--account",
}


def answers_wanted(error: DomainError) -> list[str]:
    """Return a line for each question of an error: the flag that answers it, and the options."""
    questions = error.questions if isinstance(error, HintNeeded) else ()
    return [_answer_wanted(question) for question in questions]


def _answer_wanted(question: Question) -> str:
    flag = FLAGS.get(question.field)
    if flag is None:
        flag = f"--column {question.field.removeprefix('columns.')}="
    parts = [
        f"{flag}{'' if flag.endswith('=') else ' '}{'|'.join(question.options) or '…'}",
        f"likely: {question.suggestion}" if question.suggestion else "",
        f"in the file: {', '.join(question.examples)}" if question.examples else "",
    ]
    return "; ".join(filter(None, parts))


def hints_of(options: dict[str, Any]) -> ReadingHints:
    order, positive = options["date_order"], options["charges_positive"]
    similar, included = options["similar_accounts"], options["fees_included"]
    return ReadingHints(
        account=options["account"],
        currency=options["currency"],
        similar_accounts=SimilarAccounts(similar) if similar else None,
        date_order=DateOrder(order) if order else None,
        decimal_mark=options["decimal_mark"],
        charges_positive=positive == "true" if positive else None,
        fees_included=included == "true" if included else None,
        encoding=options["encoding"],
        columns=dict(options["column"]),
        csv_profile=options["csv_profile_file"],
    )


def _currency(text: str) -> str:
    if not is_listed(text.upper()):
        raise ArgumentTypeError("not a currency: use its ISO 4217 code, such as EUR")
    return text.upper()


def _encoding(text: str) -> str:
    if not is_text_encoding(text):
        raise ArgumentTypeError("not a known encoding")
    return text


def _column(text: str) -> tuple[CsvColumn, str]:
    name, _, heading = text.partition("=")
    if name not in list(CsvColumn) or not heading.strip():
        names = ", ".join(CsvColumn)
        raise ArgumentTypeError(f"write it as amount=Betrag; before the = may stand {names}")
    return CsvColumn(name), heading


def _profile(path: str) -> CsvProfile:
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise ArgumentTypeError(f"the file cannot be read: {error.strerror}") from None
    try:
        profile = CsvProfileBody.model_validate_json(content).profile()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise ArgumentTypeError(f"not a CSV profile: {where} {first['msg']}".strip()) from None
    if invalid := validate_profile(profile):
        raise ArgumentTypeError(invalid)
    return profile
