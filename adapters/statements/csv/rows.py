"""Turns the records of a CSV file into rows of a statement, or into reasons for quarantine."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from adapters.statements.amounts import DecimalMark
from adapters.statements.csv.amounts import AmountReader, SignedAmount, read_amount
from adapters.statements.csv.balances import ParsedRow
from adapters.statements.csv.dates import parse_date
from adapters.statements.csv.profile import DetectedFile, compact_number
from adapters.statements.csv.records import Record, Table
from adapters.statements.csv.words import FAILED, KINDS, PENDING, SYMBOLS, normalize
from adapters.statements.limits import MAX_ID, MAX_VALUE
from domain.ledger.hints import CsvColumn
from domain.ledger.values import StatementRow, TransactionKind
from domain.shared.money import Money, is_currency

NO_CURRENCY = "the row names no currency"
CURRENCY_ASKED = "The file names no currency: say which one it is."
_NO_CODE = "the currency is not an ISO 4217 code"
# How many dates and words of a file are cached.
_CACHED = 4096


class ColumnIndexes(NamedTuple):
    """The index of each column in a row, in the order of `CsvColumn`."""

    booking_date: int
    value_date: int
    amount: int
    debit: int
    credit: int
    direction: int
    currency: int
    description: int
    memo: int
    provider_id: int
    balance: int
    account: int
    kind: int
    status: int


class RowReader:
    """Reads the rows of one file; `currency` applies to rows that name none."""

    def __init__(self, file: DetectedFile, currency: str | None) -> None:
        table, profile = file.table, file.profile
        # Every row gets an empty last cell, which stands for the columns that the file lacks.
        self._at = ColumnIndexes(*(profile.columns.get(role, -1) for role in CsvColumn))
        self._table = table
        self._names = _names(table)
        self._currency = currency or ""
        self._mark = DecimalMark(profile.decimal_mark)
        self._amounts = AmountReader(table, profile, file.signs)
        self._day = lru_cache(_CACHED)(lambda cell: parse_date(cell, profile.date_order))
        self._code = lru_cache(_CACHED)(_code)
        self._number = lru_cache(_CACHED)(compact_number)
        self._normalized = lru_cache(_CACHED)(normalize)

    def read(self, record: Record) -> ParsedRow | str:
        """Return the row, or the reason why it is quarantined."""
        if record.cells == self._table.header:
            return "the header is repeated"
        cells = self._cells(record)
        if isinstance(cells, str):
            return cells
        day = self._day(cells[self._at.booking_date])
        unusable = self._unusable(cells, day)
        if unusable:
            return unusable
        amount = self._amounts.read(record.line, cells)
        if isinstance(amount, str):
            return amount
        money = self._money(cells, amount)
        if isinstance(money, str):
            return money
        assert day
        return self._parsed(record.line, cells, day, money)

    def account_of(self, record: Record) -> str:
        """Return the account number in a record, or nothing."""
        at = self._at.account
        return compact_number(record.cells[at]) if 0 <= at < len(record.cells) else ""

    def _cells(self, record: Record) -> list[str] | str:
        """Return a value for every column, and an empty last cell."""
        cells = list(map(str.strip, record.cells))
        width = self._table.width
        if len(cells) == width:
            cells.append("")
            return cells
        if len(cells) < self._table.narrowest or any(cells[width:]):
            return f"the row has {len(cells)} values, and others have {width}"
        return cells[:width] + [""] * (width - len(cells) + 1 if len(cells) < width else 1)

    def _unusable(self, cells: Sequence[str], day: date | None) -> str:
        if max(map(len, cells)) > MAX_ID and (long := self._too_long(cells)):
            return long
        if self._normalized(cells[self._at.status]) in FAILED:
            return "the bank says that it did not come about"
        if day is None:
            return "the date is not a date" if cells[self._at.booking_date] else "no booking date"
        return ""

    def _too_long(self, cells: Sequence[str]) -> str:
        if max(map(len, cells)) > MAX_VALUE:
            return f"a value is longer than {MAX_VALUE:,} characters"
        if len(cells[self._at.provider_id]) > MAX_ID:
            return f"the bank's id is longer than {MAX_ID} characters"
        if len(cells[self._at.account]) > MAX_ID:
            return f"the account's name is longer than {MAX_ID} characters"
        return ""

    def _money(self, cells: Sequence[str], amount: SignedAmount) -> Money | str:
        """Return the amount in the currency of the row, or of the file."""
        stated = self._code(cells[self._at.currency])
        if stated and amount.currency and stated != amount.currency:
            return "the row names two currencies"
        currency = stated or amount.currency or self._currency
        if currency in (_NO_CODE, ""):
            return currency or NO_CURRENCY
        return Money(amount.amount, currency)

    def _parsed(self, line: int, cells: Sequence[str], day: date, money: Money) -> ParsedRow:
        at = self._at
        row = StatementRow(
            line=line,
            provider_id=cells[at.provider_id] or None,
            booking_date=day,
            value_date=self._day(cells[at.value_date]),
            amount=money,
            kind=self._kind(cells, money),
            description=self._description(cells),
            pending=self._normalized(cells[at.status]) in PENDING,
            raw=self._raw(cells),
        )
        account = self._number(cells[at.account])
        return ParsedRow(row, account, self._balance(cells[at.balance]))

    def _raw(self, cells: Sequence[str]) -> dict[str, str]:
        raw = dict(zip(self._names, cells, strict=False))
        return {name: cell for name, cell in raw.items() if cell} if "" in cells[:-1] else raw

    def _kind(self, cells: Sequence[str], money: Money) -> TransactionKind:
        by_sign = TransactionKind.CREDIT if money.amount >= 0 else TransactionKind.DEBIT
        cell = cells[self._at.kind]
        return KINDS.get(self._normalized(cell), by_sign) if cell else by_sign

    def _description(self, cells: Sequence[str]) -> str:
        payee = " ".join(cells[self._at.description].split())
        memo = " ".join(cells[self._at.memo].split())
        if not memo or memo == payee:
            return payee or " ".join(cells[self._at.kind].split())
        return f"{payee} – {memo}" if payee else memo

    def _balance(self, cell: str) -> Decimal | None:
        found = read_amount(cell, self._mark) if cell else ""
        return None if isinstance(found, str) else found.amount


def _code(cell: str) -> str:
    """Return the currency code in a cell, or the reason why it is none."""
    code = SYMBOLS.get(cell) or cell.upper()
    return code if not code or is_currency(code) else _NO_CODE


def _names(table: Table) -> list[str]:
    """Return a unique name for every column: its header, or its number."""
    names: list[str] = []
    for at in range(table.width):
        name = table.header[at].strip()[:MAX_ID] if at < len(table.header) else ""
        names.append(name if name and name not in names else f"{name} {at + 1}".strip())
    return names
