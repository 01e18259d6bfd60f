"""Reads the documents of what users write by hand."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from adapters.statements.dates import YEARS
from adapters.statements.limits import MAX_ROWS, MAX_VALUE
from adapters.statements.text import beginning, decode
from domain.ledger.by_hand import MARK, Document, Entry, OpeningBalance
from domain.ledger.errors import StatementTooLarge, UnreadableStatement
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.kinds import AccountKind, TransactionKind
from domain.ledger.values import BY_HAND, AccountReference, StatementFile
from domain.shared.money import is_listed, parse_decimal
from domain.shared.result import Failure, Result, Success
from domain.shared.text import UNSTORABLE

_BEGINNING = re.compile(rf'^\s*\{{\s*"{MARK}"\s*:\s*"{BY_HAND}"')
_UNREADABLE = UnreadableStatement("The document does not say what a transaction or a balance is.")


class ByHandReader:
    """`StatementReader` of the documents of what users write by hand."""

    format = BY_HAND

    def __init__(self, max_rows: int = MAX_ROWS) -> None:
        self._max_rows = max_rows

    def recognises(self, head: bytes) -> bool:
        return _BEGINNING.match(beginning(head)) is not None

    def read(
        self, content: bytes, hints: ReadingHints = NO_HINTS
    ) -> Result[StatementFile, UnreadableStatement | StatementTooLarge]:
        text = decode(content, hints.encoding)
        if isinstance(text, Failure):
            return text
        try:
            document = _document(json.loads(text.value))
        except (ValueError, TypeError, KeyError, RecursionError):
            return Failure(_UNREADABLE)
        account = AccountReference(
            kind=AccountKind.OTHER, number=hints.account, currency=document.currency
        )
        return Success(document.file(account))


def _document(stated: Any) -> Document:
    """Return the document; a value that is none raises `ValueError`, or another of its kind."""
    currency = _text(stated["currency"])
    if not is_listed(currency):
        raise ValueError("not a currency")
    content: Entry | OpeningBalance
    if "transaction" in stated:
        content = Entry(**_values(stated["transaction"], _OF_TRANSACTION))
    else:
        content = OpeningBalance(**_values(stated["opening_balance"], _OF_BALANCE))
    return Document(id=UUID(_text(stated["id"])), currency=currency, content=content)


def _values(stated: Mapping[str, Any], known: Mapping[str, Callable[[Any], Any]]) -> dict[str, Any]:
    return {name: known[name](value) for name, value in stated.items()}


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > MAX_VALUE or UNSTORABLE.search(value):
        raise ValueError("not a text")
    return value


def _day(value: Any) -> date:
    day = date.fromisoformat(_text(value))
    if day.year not in YEARS:
        raise ValueError("not a day of this time")
    return day


def _amount(value: Any) -> Any:
    amount = parse_decimal(_text(value))
    if amount is None:
        raise ValueError("not an amount")
    return amount


def _kind(value: Any) -> TransactionKind:
    return TransactionKind(_text(value))


_OF_TRANSACTION: Mapping[str, Callable[[Any], Any]] = {
    "booking_date": _day,
    "value_date": _day,
    "amount": _amount,
    "kind": _kind,
    **dict.fromkeys(("description", "payee", "counterparty_account", "reference", "memo"), _text),
}
_OF_BALANCE = {"day": _day, "amount": _amount}
