"""Reads QIF. The order of dates is decided for a whole file; the currency needs a hint."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache, partial

from adapters.statements import questions
from adapters.statements.amounts import DecimalMark
from adapters.statements.csv.dates import detect_date_order
from adapters.statements.decimal_marks import decimal_mark
from adapters.statements.limits import MAX_ID, MAX_ROWS
from adapters.statements.qif.records import Record, records
from adapters.statements.qif.rows import is_opening_balance, lost_splits, read_row
from adapters.statements.qif.signs import AccountKey, charges, like_charges
from adapters.statements.text import beginning, decode
from domain.ledger.account_numbers import canonical
from domain.ledger.errors import HintNeeded, StatementTooLarge, UnreadableStatement, too_many
from domain.ledger.hints import NO_HINTS, DateOrder, ReadingHints
from domain.ledger.kinds import AccountKind, BalanceKind
from domain.ledger.questions import Question
from domain.ledger.values import (
    AccountReference,
    QuarantinedRow,
    StatedBalance,
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
        text = beginning(head)
        return not text.lstrip().startswith("<") and _SECTION.search(text) is not None

    def read(
        self, content: bytes, hints: ReadingHints = NO_HINTS
    ) -> Result[StatementFile, UnreadableStatement | StatementTooLarge]:
        text = decode(content, hints.encoding)
        if isinstance(text, Failure):
            return text
        found: list[Record] = []
        for record in records(text.value):
            found.append(record)
            if len(found) > self._max_rows:
                return too_many(self._max_rows)
        if not found:
            return Success(StatementFile(format=self.format, statements=[]))
        return _file(found, hints)


@dataclass(frozen=True, slots=True)
class _Reading:
    """How the records of a file are read."""

    currency: str
    order: DateOrder
    mark: DecimalMark
    turned: Collection[AccountKey] = ()


def _decide(found: Sequence[Record], hints: ReadingHints) -> Result[_Reading, HintNeeded]:
    """Return how to read these records, or ask for all that is open."""
    dates = (record.leaves["D"] for record in found if record.kind and record.leaves.get("D"))
    order = detect_date_order(dates, hints.date_order)
    amounts = (record.leaves.get(letter, "")[:64] for record in found for letter in "TU")
    mark = decimal_mark(filter(None, amounts), hints.decimal_mark)
    turned = like_charges([record for record in found if not is_opening_balance(record)])
    asked = questions.asked_at_once(
        *(order.error.questions if isinstance(order, Failure) else ()),
        *([mark] if isinstance(mark, Question) else ()),
        *([charges(turned)] if turned and hints.charges_positive is None else ()),
        lacks_account=not all(record.account or hints.account for record in found),
        lacks_currency=not hints.currency,
    )
    if asked or isinstance(order, Failure) or isinstance(mark, Question):
        return Failure(HintNeeded.ask(*asked))
    keys = turned.keys() if hints.charges_positive else ()
    return Success(_Reading(hints.currency or "", order.value, mark, keys))


def _file(
    found: Sequence[Record], hints: ReadingHints
) -> Result[StatementFile, UnreadableStatement]:
    decided = _decide(found, hints)
    if isinstance(decided, Failure):
        return decided
    how = decided.value
    account_of = cache(partial(_account, how.currency, hints.account))
    rows: dict[AccountReference, list[StatementRow]] = {}
    quarantined: list[QuarantinedRow] = []
    opening: dict[AccountReference, StatedBalance] = {}
    incomplete: set[AccountReference] = set()
    for record in found:
        account = account_of(record.account, record.kind)
        is_turned = (record.account, record.kind) in how.turned
        row = _too_long(record) or read_row(
            record, how.currency, how.order, how.mark, is_turned=is_turned
        )
        if isinstance(row, str):
            quarantined.append(QuarantinedRow(record.line, row))
            incomplete |= {account} if account else set()
        elif account:
            quarantined += lost_splits(record, row, how.mark)
            of_account = rows.setdefault(account, [])
            if account not in opening and is_opening_balance(record):
                opening[account] = _opening(row)
            else:
                of_account.append(row)
    statements = [
        Statement(
            account=account,
            rows=each,
            report_type=QifReader.format,
            balances=[opening[account]] if account in opening else [],
            complete=account not in incomplete,
        )
        for account, each in rows.items()
    ]
    file = StatementFile(format=QifReader.format, statements=statements, quarantined=quarantined)
    return Success(file)


def _opening(row: StatementRow) -> StatedBalance:
    return StatedBalance(kind=BalanceKind.OPENING, money=row.amount, day=row.booking_date)


def _account(
    currency: str, named: str, stated: str, kind: AccountKind | None
) -> AccountReference | None:
    """Return the account of a record, unless the record is of a kind that is not read."""
    if kind is None:
        return None
    number, layout = (stated, QifReader.format) if stated else (named, "")
    reference = AccountReference(kind=kind, number=number, currency=currency, layout=layout)
    return canonical(reference)


def _too_long(record: Record) -> str:
    long = len(record.account) > MAX_ID
    return f"the account's name is longer than {MAX_ID} characters" if long else ""
