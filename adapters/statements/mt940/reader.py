"""Reads MT940 and MT942: one row for each statement line."""

import re
from collections.abc import Sequence
from dataclasses import replace

from adapters.statements import questions
from adapters.statements.limits import MAX_ID, MAX_ROWS, MAX_STATEMENTS
from adapters.statements.mt940.entries import read_entry
from adapters.statements.mt940.fields import Message, messages, with_lines
from adapters.statements.mt940.pages import (
    BALANCE,
    BALANCES,
    days_of,
    joined,
    number_of,
    read_balance,
)
from adapters.statements.references import without_constant_ids
from adapters.statements.text import beginning, decode
from domain.ledger.account_numbers import canonical
from domain.ledger.errors import HintNeeded, StatementTooLarge, UnreadableStatement, too_many
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.kinds import AccountKind
from domain.ledger.values import (
    AccountReference,
    QuarantinedRow,
    Reconciliation,
    Statement,
    StatementFile,
    StatementRow,
)
from domain.shared.money import is_currency
from domain.shared.result import Failure, Result, Success

_FIELD = re.compile(r"^[^\S\n]*+:\s*+(20|25P?|28C?|6[0-5][FM]?|61|86|NS|34F|13D?):", re.MULTILINE)
# The currency of floor limits and sums, for messages without balances.
_OTHER_CURRENCY = re.compile(r"\d*([A-Z]{3})[CD]?\d", re.ASCII)
# Only an interim report (MT942) has these, and it has no balances.
_OF_REPORTS = ("34F", "13", "13D", "90C", "90D")
_BOOKED = ("60F", "60M", "62F", "62M")
# An account in words, as in “BLZ 12030000 KTO 202051”, and a Dutch giro account.
_IN_WORDS = re.compile(
    r"(?:(?:BLZ|BANKLEITZAHL|BANK|BC|SORT ?CODE)[\s.:]*(?P<bank>\d[\d -]*+)[\s,;/]*+)?"
    r"(?:KTO|KONTO|ACCOUNT|ACCT|ACC|KN)(?:NUMMER|[\s.-]*(?:NR|NO|NUMBER))?[\s.:]*(?P<number>\d.*)",
    re.ASCII | re.IGNORECASE,
)
_GIRO = re.compile(r"P(\d{3,9})", re.ASCII)


class Mt940Reader:
    """`StatementReader` of MT940 and MT942."""

    format = "mt940"

    def __init__(self, max_rows: int = MAX_ROWS) -> None:
        self._max_rows = max_rows

    def recognises(self, head: bytes) -> bool:
        text = with_lines(beginning(head))
        return not text.lstrip().startswith("<") and _FIELD.search(text) is not None

    def read(
        self, content: bytes, hints: ReadingHints = NO_HINTS
    ) -> Result[StatementFile, UnreadableStatement | StatementTooLarge]:
        text = decode(content, hints.encoding)
        if isinstance(text, Failure):
            return text
        pages: list[Message] = []
        rows = 0
        for message in messages(text.value, self._max_rows):
            rows += len(message.entries)
            if rows > self._max_rows:
                return too_many(self._max_rows)
            if len(pages) == MAX_STATEMENTS:
                return too_many(MAX_STATEMENTS, "statements")
            pages.append(message)
        return self._file(pages, hints)

    def _file(
        self, pages: Sequence[Message], hints: ReadingHints
    ) -> Result[StatementFile, UnreadableStatement]:
        statements: list[Statement] = []
        quarantined: list[QuarantinedRow] = []
        accounts = [(message, _account(message, hints)) for message in joined(pages)]
        missing = questions.asked_at_once(
            lacks_account=not all(account.number for _, account in accounts),
            lacks_currency=not all(account.currency for _, account in accounts),
        )
        if missing:
            return Failure(HintNeeded.ask(*missing))
        for message, account in accounts:
            statement, refused = _statement(message, account)
            statements.append(statement)
            quarantined += refused
        return Success(
            StatementFile(
                format=self.format,
                statements=without_constant_ids(statements),
                quarantined=quarantined,
            )
        )


def _statement(
    message: Message, account: AccountReference
) -> tuple[Statement, Sequence[QuarantinedRow]]:
    rows: list[StatementRow] = []
    refused: list[QuarantinedRow] = []
    doubtful: list[QuarantinedRow] = []
    days = days_of(message)
    for entry in message.entries:
        row = read_entry(entry, account.currency, days)
        if isinstance(row, str):
            (doubtful if entry.is_doubtful else refused).append(QuarantinedRow(entry.line, row))
        else:
            rows.append(row)
    statement = Statement(
        account=account,
        rows=rows,
        balances=[each for tag in BALANCES if (each := read_balance(message, tag))],
        report_type=_report_type(message),
        number=number_of(message)[:MAX_ID],
        complete=not refused,
    )
    if doubtful and statement.reconciliation is not Reconciliation.BALANCED:
        # Nothing shows that these are text.
        refused = sorted([*refused, *doubtful], key=lambda each: each.line)
        statement = replace(statement, complete=False)
    return statement, refused


def _account(message: Message, hints: ReadingHints) -> AccountReference:
    """Return the account of the message; its currency, too, is empty if nothing states it."""
    named = message.single.get("25") or message.single.get("25P", "")
    named = named.split("\n")[0].strip().strip("/")
    number, _, last = named.rpartition(" ")
    if not number or not is_currency(last):
        number, last = named, ""
    currency = _currency(message) or last or hints.currency or ""
    number = _without_words(number)
    return canonical(
        AccountReference(
            kind=AccountKind.CHECKING, number=number[:MAX_ID] or hints.account, currency=currency
        )
    )


def _without_words(account: str) -> str:
    """Return an account number, behind its bank if that is said, without the words for both."""
    words, giro = _IN_WORDS.fullmatch(account), _GIRO.fullmatch(account)
    if giro:
        return giro[1]
    if not words:
        return account
    bank, number = (words["bank"] or "").strip(), words["number"].strip()
    return f"{bank}/{number}" if bank else number


def _currency(message: Message) -> str | None:
    for tag in ("60F", "60M", "62F", "62M", "64", "65"):
        match = BALANCE.search(message.single.get(tag, ""))
        if match:
            return match[3]
    for tag in ("34F", "90C", "90D"):
        match = _OTHER_CURRENCY.match(message.single.get(tag, ""))
        if match:
            return match[1]
    return None


def _report_type(message: Message) -> str:
    tags = message.single.keys()
    is_interim = tags.isdisjoint(_BOOKED) and not tags.isdisjoint(_OF_REPORTS)
    return "mt942" if is_interim else "mt940"
