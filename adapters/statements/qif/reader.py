"""Reads QIF. The order of dates is decided for a whole file; the currency needs a hint."""

import re
from collections.abc import Sequence
from functools import cache, partial

from adapters.statements.amounts import decimal_mark
from adapters.statements.dates import date_order
from adapters.statements.limits import MAX_ID, MAX_ROWS, too_many
from adapters.statements.qif.records import Record, records
from adapters.statements.qif.rows import read_row
from adapters.statements.text import decode
from domain.ledger.account_numbers import canonical
from domain.ledger.errors import HintNeeded, StatementTooLarge, UnreadableStatement
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.values import (
    AccountKind,
    AccountReference,
    QuarantinedRow,
    Statement,
    StatementFile,
    StatementRow,
)
from domain.shared.result import Failure, Result, Success

_SECTION = re.compile(r"^[^\S\n]*+!(type|account|option|clear)", re.IGNORECASE | re.MULTILINE)


class QifReader:
    """`StatementReader` of QIF."""

    format = "qif"

    def __init__(self, max_rows: int = MAX_ROWS) -> None:
        self._max_rows = max_rows

    def recognises(self, head: bytes) -> bool:
        text = head.replace(b"\0", b"").decode("latin-1").replace("\r", "\n")
        return not text.lstrip().startswith("<") and _SECTION.search(text) is not None

    def read(
        self, content: bytes, hints: ReadingHints = NO_HINTS
    ) -> Result[StatementFile, UnreadableStatement | StatementTooLarge]:
        text = decode(content)
        if isinstance(text, Failure):
            return text
        found: list[Record] = []
        for record in records(text.value):
            found.append(record)
            if len(found) > self._max_rows:
                return too_many(self._max_rows)
        if not found:
            return Success(StatementFile(format=self.format, statements=[]))
        if hints.currency is None:
            return Failure(HintNeeded("The file names no currency: say which one it is."))
        return _file(found, hints.currency, hints)


def _file(
    found: Sequence[Record], currency: str, hints: ReadingHints
) -> Result[StatementFile, UnreadableStatement]:
    dates = (record.leaves["D"] for record in found if record.kind and record.leaves.get("D"))
    order = date_order(dates, hints.date_order)
    if isinstance(order, Failure):
        return order
    mark = decimal_mark(
        value[:64] for record in found for letter in "TU" if (value := record.leaves.get(letter))
    )
    rows: dict[AccountReference, list[StatementRow]] = {}
    quarantined: list[QuarantinedRow] = []
    incomplete: set[AccountReference] = set()
    account_of = cache(partial(_account, currency))
    for record in found:
        account = account_of(record.account or hints.account, record.kind)
        row = _too_long(record) or read_row(record, currency, order.value, mark)
        if isinstance(row, str):
            quarantined.append(QuarantinedRow(record.line, row))
            incomplete |= {account} if account else set()
        elif account:
            rows.setdefault(account, []).append(row)
    statements = [
        Statement(
            account=account,
            rows=each,
            report_type=QifReader.format,
            complete=account not in incomplete,
        )
        for account, each in rows.items()
    ]
    file = StatementFile(format=QifReader.format, statements=statements, quarantined=quarantined)
    return Success(file)


def _account(currency: str, number: str, kind: AccountKind | None) -> AccountReference | None:
    """Return the account of a record, unless the record is of a kind that is not read."""
    if kind is None:
        return None
    return canonical(AccountReference(kind=kind, number=number, currency=currency))


def _too_long(record: Record) -> str:
    long = len(record.account) > MAX_ID
    return f"the account's name is longer than {MAX_ID} characters" if long else ""
