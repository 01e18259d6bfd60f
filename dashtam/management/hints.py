"""Hints for statement files on the command line."""

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from domain.ledger.hints import DateOrder, ReadingHints, SimilarAccounts
from domain.shared.money import is_currency


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


def hints_of(options: dict[str, Any]) -> ReadingHints:
    order, positive = options["date_order"], options["charges_positive"]
    similar = options["similar_accounts"]
    return ReadingHints(
        account=options["account"],
        currency=options["currency"],
        similar_accounts=SimilarAccounts(similar) if similar else None,
        date_order=DateOrder(order) if order else None,
        decimal_mark=options["decimal_mark"],
        charges_positive=positive == "true" if positive else None,
    )


def _currency(text: str) -> str:
    if not is_currency(text.upper()):
        raise ArgumentTypeError("not an ISO 4217 code")
    return text.upper()
