"""Reads a record of a CSV file: a row, or a balance that stands in place of one."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from adapters.statements.amounts import DecimalMark
from adapters.statements.csv.amounts import (
    AmountReader,
    SignedAmount,
    Signs,
    parse_token,
    read_amount,
)
from adapters.statements.csv.balances import (
    BalanceRow,
)
from adapters.statements.csv.dates import parse_date, parse_time, time_beside
from adapters.statements.csv.records import Record, Table, labelled
from adapters.statements.csv.words import (
    AUTHORIZATIONS,
    FAILED,
    KINDS,
    PENDING,
    SYMBOLS,
    TIMES,
    compact_number,
    labelled_balance,
    normalize,
)
from adapters.statements.limits import MAX_ID, MAX_VALUE
from adapters.statements.references import usable
from domain.ledger.hints import CsvColumn, CsvProfile, DateOrder
from domain.ledger.values import (
    StatementRow,
    TransactionKind,
)
from domain.shared.money import Money, is_currency

NO_CURRENCY = "the row names no currency"
_NO_CODE = "the currency is not an ISO 4217 code"
# How many dates and words of a file are cached.
_CACHED = 4096
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}", re.ASCII)


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


class ParsedRow(NamedTuple):
    """A row, and the account that it names."""

    row: StatementRow
    account: str


class RowReader:
    """Reads the rows of one file; `currency` applies to rows that name none."""

    def __init__(
        self, table: Table, profile: CsvProfile, signs: Signs, currency: str | None
    ) -> None:
        # Every row gets an empty last cell, which stands for the columns that the file lacks.
        self._at = ColumnIndexes(*(profile.columns.get(role, -1) for role in CsvColumn))
        taken = {*profile.columns.values()}
        free = (at for at, name in enumerate(table.names) if name in TIMES and at not in taken)
        self._time_at = next(free, -1)
        self._table = table
        self._names = _names(table)
        self._currency = currency or ""
        self._mark = DecimalMark(profile.decimal_mark)
        self._amounts = AmountReader(table, profile, signs)
        self._day = lru_cache(_CACHED)(lambda cell: parse_date(cell, profile.date_order))
        self._code = lru_cache(_CACHED)(_code)
        self._number = lru_cache(_CACHED)(compact_number)
        self._normalized = lru_cache(_CACHED)(normalize)
        self._label = lru_cache(_CACHED)(labelled_balance)

    def read(self, record: Record) -> ParsedRow | BalanceRow | str:
        """Return the row, the balance that it states instead, or why it is quarantined."""
        parsed = self._read(record)
        if isinstance(parsed, ParsedRow):
            amount = parsed.row.amount.amount
            if amount and amount != parsed.row.balance:
                return parsed
        return self._balance_row(record) or parsed

    def _read(self, record: Record) -> ParsedRow | str:
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

    def balances_above(self, above: Sequence[Record]) -> list[BalanceRow]:
        """Return the balances that lines above the table state."""
        found: list[BalanceRow] = []
        for label, value in labelled(above):
            kind, token = labelled_balance(label), parse_token(value)
            amount = read_amount(value, self._mark)
            if kind and token and isinstance(amount, SignedAmount):
                currency = token.currency or self._currency
                day = self._day_in(label)
                found.append(BalanceRow(0, kind, amount.amount, currency=currency, day=day))
        return found

    def _balance_row(self, record: Record) -> BalanceRow | None:
        """Return the balance that a row states, if it is labelled as one."""
        cells = [cell.strip() for cell in record.cells[: self._table.width]]
        if max(map(len, cells), default=0) > MAX_ID:
            return None
        cells += [""] * (self._table.width + 1 - len(cells))
        at = self._at
        texts = (
            cells[at.description],
            cells[at.memo],
            cells[at.kind],
            next(filter(None, cells), ""),
        )
        label = next((text for text in texts if self._label(text)), "")
        kind = self._label(label)
        amount = self._stated_amount(record.line, cells)
        if kind is None or amount is None:
            return None
        account = cells[at.account] if cells[at.account] != label else ""
        code = self._code(cells[at.currency])
        return BalanceRow(
            line=record.line,
            kind=kind,
            amount=amount.amount,
            account=self._number(account),
            currency=amount.currency or (self._currency if code in ("", _NO_CODE) else code),
            day=self._day(cells[at.booking_date]) or self._day_in(label),
        )

    def _stated_amount(self, line: int, cells: Sequence[str]) -> SignedAmount | None:
        """Return the balance in its column, or else in that of the amount, or in the last one."""
        balance = read_amount(cells[self._at.balance], self._mark)
        if isinstance(balance, SignedAmount):
            return balance
        amount = self._amounts.read(line, cells)
        if isinstance(amount, SignedAmount):
            return amount
        last = read_amount(next(filter(None, reversed(cells)), ""), self._mark)
        return last if isinstance(last, SignedAmount) else None

    def _day_in(self, text: str) -> date | None:
        """Return the only day that a text can name, or that of the order of the file."""
        match = _DATE.search(text)
        if match is None:
            return None
        days = {day for order in DateOrder if (day := parse_date(match[0], order))}
        return days.pop() if len(days) == 1 else self._day(match[0])

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
        pending = self._is_pending(cells)
        row = StatementRow(
            line=line,
            provider_id=usable(cells[at.provider_id]),
            booking_date=day,
            time=time_beside(cells[at.booking_date]) or parse_time(cells[self._time_at]),
            value_date=self._day(cells[at.value_date]),
            amount=money,
            kind=self._kind(cells, money),
            description=self._description(cells),
            pending=pending,
            balance=None if pending else self._balance(cells[at.balance]),
            raw=self._raw(cells),
        )
        return ParsedRow(row, self._number(cells[at.account]))

    def _is_pending(self, cells: Sequence[str]) -> bool:
        return (
            self._normalized(cells[self._at.status]) in PENDING
            or self._normalized(cells[self._at.kind]) in AUTHORIZATIONS
        )

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
