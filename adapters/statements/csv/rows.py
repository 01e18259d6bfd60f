"""Reads a record of a CSV file: a row, or a balance that stands in place of one."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property, lru_cache, partial
from itertools import compress

from adapters.statements.amounts import DecimalMark
from adapters.statements.csv.amount_reader import AmountReader
from adapters.statements.csv.amounts import SignedAmount, parse_token, read_amount, read_number
from adapters.statements.csv.balances import BalanceRow
from adapters.statements.csv.candidates import ColumnIndexes
from adapters.statements.csv.closing import ClosingLine, line_without_text
from adapters.statements.csv.dates import is_date, parse_date, parse_time, time_beside
from adapters.statements.csv.evidence import is_mostly
from adapters.statements.csv.records import Record, Table, labelled
from adapters.statements.csv.sides import ParsedRow, column_names
from adapters.statements.csv.signs import Signs
from adapters.statements.csv.words import (
    AUTHORIZATIONS,
    CURRENCY_NAMES,
    FAILED,
    KINDS,
    LABELS,
    OWN_BEFORE_THE_DATE,
    PAYEES,
    PENDING,
    SHARED_SYMBOLS,
    SYMBOLS,
    TIMES,
    YES,
    compact_number,
    labelled_balance,
    names_balance,
    normalize,
    transfer_account,
)
from adapters.statements.limits import MAX_ID, MAX_VALUE
from adapters.statements.references import usable
from domain.ledger.categories import SEPARATOR
from domain.ledger.hints import CsvColumn, CsvProfile, DateOrder
from domain.ledger.kinds import TransactionKind
from domain.ledger.tags import tags_of
from domain.ledger.values import StatementRow
from domain.shared.money import Money, is_currency

ANNOUNCED = "the row is pending and has no day: it is imported when it is booked"
WITHDRAWN = "the bank says that it did not come about"
NO_CURRENCY = "the row names no currency"
_CREDIT, _DEBIT = TransactionKind.CREDIT, TransactionKind.DEBIT
_NO_CODE = "the currency is not an ISO 4217 code"
# How many dates and words of a file are cached.
_CACHED = 4096
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}", re.ASCII)


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
        self._payee_at = self._at.description if self._names_payees else -1
        self._counterparty_at = next(self._counterparty_accounts(), -1)
        self._has_long = table.longest > MAX_ID
        self._texts = [at for at in (self._at.description, self._at.memo) if at >= 0]
        self._needed = 1 + max(_needed(profile.columns))
        self._names = column_names(table)
        self._file_currency = self._currency = currency or ""
        self._mark = DecimalMark(profile.decimal_mark)
        self._amounts = AmountReader(table, profile, signs)
        self._day = lru_cache(_CACHED)(lambda cell: parse_date(cell, profile.date_order))
        self._code = lru_cache(_CACHED)(_code)
        self._number = lru_cache(_CACHED)(compact_number)
        self._time_beside = lru_cache(_CACHED)(time_beside)
        self._time = lru_cache(_CACHED)(parse_time)
        self._kind = lru_cache(_CACHED)(lambda cell: KINDS.get(normalize(cell)))
        self._is_failed = lru_cache(_CACHED)(lambda status: normalize(status) in FAILED)
        asks = table.names[self._at.status] if 0 <= self._at.status < len(table.names) else ""
        self._is_pending = lru_cache(_CACHED)(partial(_is_pending, asks in PENDING))
        self._closing = ClosingLine(table, self._mark, self._at.booking_date, self._day)
        self._without_text = line_without_text(table, self._at.description)
        self._label = lru_cache(_CACHED)(labelled_balance)
        self._category = lru_cache(_CACHED)(_category)
        are_words = table.names[self._at.tags] in LABELS if self._at.tags >= 0 else False
        self._tags = lru_cache(_CACHED)(partial(tags_of, are_words=are_words))

    def begin(self, currency: str) -> None:
        """Begin rows whose currency a line above them states, or nothing but the file does."""
        self._currency = currency or self._file_currency

    def read(self, record: Record) -> ParsedRow | BalanceRow | str:
        """Return the row, the balance that it states instead, or why it is quarantined."""
        parsed = self._read(record)
        if isinstance(parsed, ParsedRow):
            amount = parsed.row.amount.amount
            if amount and amount != parsed.row.balance:
                return parsed
        found = self._balance_row(record)
        if found is None and isinstance(parsed, str):
            found = self._closing.balance(record, self._currency)
        return found or parsed

    def withdrawn(self, record: Record) -> ParsedRow | str:
        """Return the row that did not come about, as it was when it was pending."""
        parsed = self._read(record, is_withdrawn=True)
        if isinstance(parsed, str):
            return parsed
        return parsed._replace(row=replace(parsed.row, pending=True, balance=None))

    def _read(self, record: Record, *, is_withdrawn: bool = False) -> ParsedRow | str:
        if record.cells == self._table.header:
            return "the header is repeated"
        if record.line == self._without_text:
            return "the last line has no text, and all others have one: it may state a balance"
        cells = self._cells(record)
        if isinstance(cells, str):
            return cells
        day = self._booked(cells, is_withdrawn=is_withdrawn)
        unusable = self._unusable(cells, day, is_withdrawn)
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
        if not cells:
            return "the row has commas without quotes, and can be read in two ways"
        if len(cells) == width:
            cells.append("")
            return cells
        if any(cells[width:]) or not self._may_end(cells):
            values = "1 value" if len(cells) == 1 else f"{len(cells)} values"
            return f"the row has {values}, and others have {width}"
        return cells[:width] + [""] * (width - len(cells) + 1 if len(cells) < width else 1)

    def _may_end(self, cells: Sequence[str]) -> bool:
        """Say whether a row lacks at most what is not needed, and nothing in its midst."""
        if len(cells) >= self._table.narrowest:
            return True
        texts = [cells[at] for at in self._texts if at < len(cells)]
        if len(cells) < self._needed or not self._day(cells[self._at.booking_date]):
            return False
        return not any(parse_token(text) or is_date(text) or names_balance(text) for text in texts)

    def _booked(self, cells: Sequence[str], *, is_withdrawn: bool) -> date | None:
        """Return the day of the booking; of a row that is not booked, another day."""
        day = self._day(cells[self._at.booking_date])
        if day or cells[self._at.booking_date]:
            return day
        if not is_withdrawn and not self._may_be_pending(cells):
            return None
        days = (self._day(cells[at]) for at in self._other_dates)
        return next(filter(None, days), None)

    def _may_be_pending(self, cells: Sequence[str]) -> bool:
        status = cells[self._at.status]
        return not status or self._is_pending(status, cells[self._at.kind])

    @cached_property
    def _other_dates(self) -> list[int]:
        """The columns of other dates, the value date last."""
        at = self._at
        free = (each for each in range(self._table.width) if each not in {*at})
        dates = [each for each in free if is_mostly(self._table, each, is_date)]
        return [*dates, at.value_date]

    def _unusable(self, cells: Sequence[str], day: date | None, is_withdrawn: bool) -> str:
        if self._has_long and (long := self._too_long(cells)):
            return long
        if not is_withdrawn and self._is_failed(cells[self._at.status]):
            return WITHDRAWN
        if day is None:
            booked = cells[self._at.booking_date]
            if normalize(booked) in PENDING:
                return ANNOUNCED
            return "the date is not a date" if booked else "no booking date"
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
        booked, kind = cells[at.booking_date], cells[at.kind]
        pending = not booked or self._is_pending(cells[at.status], kind)
        row = StatementRow(
            line=line,
            provider_id=usable(cells[at.provider_id]) if cells[at.provider_id] else None,
            booking_date=day,
            time=self._time_beside(booked) or self._time(cells[self._time_at]),
            value_date=self._day(cells[at.value_date]),
            amount=money,
            kind=_kind(self._kind(kind), money),
            description=self._description(cells),
            payee=" ".join(cells[self._payee_at].split()),
            counterparty_account=self._number(cells[self._counterparty_at]),
            reference=usable(cells[at.reference]) or "",
            memo=" ".join(cells[at.memo].split()),
            category=self._category(cells[at.category_group], cells[at.category]),
            tags=self._tags(cells[at.tags]),
            pending=pending,
            balance=None if pending else read_number(cells[at.balance], self._mark),
            raw=dict(compress(zip(self._names, cells, strict=False), cells)),
        )
        if to := transfer_account(row.payee):
            row = replace(row, counterparty_account=to, kind=TransactionKind.TRANSFER)
        return ParsedRow(row, self._number(cells[at.account]))

    @property
    def _names_payees(self) -> bool:
        """Whether the heading of the description says that it is the other party."""
        at, names = self._at.description, self._table.names
        return 0 <= at < len(names) and names[at] in PAYEES

    def _counterparty_accounts(self) -> Iterator[int]:
        """Yield the column of the account of the other party, and those that may be called so."""
        at, table = self._at, self._table
        if at.counterparty_account >= 0:
            yield at.counterparty_account
        for each, name in enumerate(table.names):
            is_free = each not in {*at} and each > at.booking_date
            if is_free and name in OWN_BEFORE_THE_DATE and len(table.values(each)) > 1:
                yield each

    def _description(self, cells: Sequence[str]) -> str:
        payee = " ".join(cells[self._at.description].split())
        memo = cells[self._at.memo] and " ".join(cells[self._at.memo].split())
        if not memo or memo == payee:
            return payee or " ".join(cells[self._at.kind].split())
        return f"{payee} – {memo}" if payee else memo


def _category(group: str, category: str) -> str:
    """Return a category below its group, unless it says itself what it is below."""
    group, category = (" ".join(each.split()) for each in (group, category))
    if not (group and category) or SEPARATOR in category or group == category:
        return category or group
    return f"{group.replace(SEPARATOR, ' ')}{SEPARATOR}{category}"


def _is_pending(asks: bool, status: str, kind: str) -> bool:
    """Say whether a row is pending; a heading such as “Pending?” asks that, and cells answer."""
    word = normalize(status)
    return word in PENDING or (asks and word in YES) or normalize(kind) in AUTHORIZATIONS


def _needed(columns: Mapping[CsvColumn, int]) -> Iterator[int]:
    """Yield the columns without which a row has no day or no amount, or another one."""
    pair = [columns[role] for role in (CsvColumn.DEBIT, CsvColumn.CREDIT) if role in columns]
    if pair:
        yield min(pair)
    for role in (CsvColumn.BOOKING_DATE, CsvColumn.AMOUNT, CsvColumn.DIRECTION, CsvColumn.BALANCE):
        if role in columns:
            yield columns[role]


def _kind(stated: TransactionKind | None, money: Money) -> TransactionKind:
    """Return the kind that a row states, or that of its sign: what comes in is no fee."""
    if stated is None or (stated is TransactionKind.FEE and money.amount > 0):
        return _DEBIT if money.amount < 0 else _CREDIT
    return stated


def _code(cell: str) -> str:
    """Return the currency code in a cell, nothing for a dollar, or the reason why it is none."""
    code = SYMBOLS.get(cell) or CURRENCY_NAMES.get(normalize(cell)) or cell.upper()
    if cell in SHARED_SYMBOLS:
        return ""
    return code if not code or is_currency(code) else _NO_CODE
