"""Reads a CSV file whole, or a sample of it, by a given or a detected profile."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from adapters.statements.amounts import DecimalMark
from adapters.statements.csv.amounts import AmountReader, SignedAmount, read_amount
from adapters.statements.csv.balances import ParsedRow, stated_balances
from adapters.statements.csv.dates import parse_date
from adapters.statements.csv.dialect import is_table
from adapters.statements.csv.profile import (
    DetectedFile,
    compact_number,
    detect_file,
    stated_account,
    stated_currency,
    stated_kind,
)
from adapters.statements.csv.records import Record, Table
from adapters.statements.csv.words import FAILED, KINDS, PENDING, SYMBOLS, normalize
from adapters.statements.garbage_collector import gc_disabled
from adapters.statements.limits import MAX_ID, MAX_ROWS, MAX_VALUE, too_many
from adapters.statements.references import usable, without_constant_ids
from domain.ledger.errors import HintNeeded, StatementTooLarge, UnreadableStatement
from domain.ledger.hints import NO_HINTS, CsvColumn, ReadingHints
from domain.ledger.profiles import CsvSample
from domain.ledger.values import (
    AccountReference,
    QuarantinedRow,
    Statement,
    StatementFile,
    StatementRow,
    TransactionKind,
)
from domain.shared.money import Money, is_currency
from domain.shared.result import Failure, Result, Success

#: Rows of a sample, and bytes that recognise a format.
SAMPLE_ROWS = 20
HEAD_BYTES = 4096
#: The profile is detected from so many bytes of a file.
SAMPLE_BYTES = 1024 * 1024
_LITTLE_ENDIAN = b"\xff\xfe"
_MARKUP = ("<", "{", "[", "%PDF", "!", ":20:")


class CsvReader:
    """`StatementReader` of CSV, whatever its delimiter."""

    format = "csv"

    def __init__(self, max_rows: int = MAX_ROWS) -> None:
        self._max_rows = max_rows

    def recognises(self, head: bytes) -> bool:
        # The head may end in the middle of a character or of a line.
        codec = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "latin-1"
        text = head.decode(codec, errors="replace")
        start = text.removeprefix("ï»¿").lstrip()
        if "\0" in text or not start or start.startswith(_MARKUP):
            return False
        return is_table(re.split(r"[\r\n]+", start))

    def read(
        self, content: bytes, hints: ReadingHints = NO_HINTS
    ) -> Result[StatementFile, UnreadableStatement | StatementTooLarge]:
        with gc_disabled:
            detected = detect_file(content, hints, self._max_rows)
            if isinstance(detected, Failure):
                return detected
            if len(detected.value.layout.rows) > self._max_rows:
                return too_many(self._max_rows)
            return _file(detected.value, hints)


def sample(
    content: bytes, hints: ReadingHints, max_rows: int = MAX_ROWS
) -> Result[CsvSample, UnreadableStatement | StatementTooLarge]:
    """`CsvSampler`: where a hint is needed, the sample has an open question and is no failure."""
    if not CsvReader().recognises(content[:HEAD_BYTES]):
        return Failure(UnreadableStatement("The file is not CSV."))
    detected = detect_file(_beginning(content), hints, max_rows)
    if isinstance(detected, Failure):
        if not isinstance(detected.error, HintNeeded):
            return detected
        return Success(CsvSample(open_question=detected.error.detail))
    file = detected.value
    reading = RowReader(file, stated_currency(file) or hints.currency)
    rows: list[StatementRow] = []
    quarantined: list[QuarantinedRow] = []
    for record in file.layout.rows[:SAMPLE_ROWS]:
        parsed = reading.read(record)
        if isinstance(parsed, str):
            quarantined.append(QuarantinedRow(record.line, parsed))
        else:
            rows.append(parsed.row)
    unnamed = any(each.reason == NO_CURRENCY for each in quarantined)
    return Success(
        CsvSample(
            profile=file.profile,
            rows=rows,
            quarantined=quarantined,
            open_question=CURRENCY_ASKED if unnamed else "",
        )
    )


def _file(
    detected: DetectedFile, hints: ReadingHints
) -> Result[StatementFile, UnreadableStatement]:
    reading = RowReader(detected, stated_currency(detected) or hints.currency)
    default = stated_account(detected.layout.above) or hints.account
    kind = stated_kind(detected)
    booked: dict[tuple[str, str], list[ParsedRow]] = {}
    quarantined: list[QuarantinedRow] = []
    incomplete: set[str] = set()
    for record in detected.layout.rows:
        parsed = reading.read(record)
        if isinstance(parsed, str):
            quarantined.append(QuarantinedRow(record.line, parsed))
            incomplete.add(reading.account_of(record))
            if parsed == NO_CURRENCY:
                return Failure(HintNeeded(CURRENCY_ASKED))
            continue
        key = (parsed.account or default, parsed.row.amount.currency)
        booked.setdefault(key, []).append(parsed)
    statements = [
        Statement(
            account=AccountReference(kind=kind, number=number, currency=currency),
            rows=[each.row for each in rows],
            balances=stated_balances(rows),
            # A quarantined row without an account may belong to any of them.
            complete=not incomplete & {"", number},
        )
        for (number, currency), rows in booked.items()
    ]
    return Success(
        StatementFile(
            format=CsvReader.format,
            statements=without_constant_ids(statements),
            quarantined=quarantined,
            csv_profile=detected.profile,
        )
    )


def _beginning(content: bytes) -> bytes:
    """Return the first complete lines of a file."""
    if len(content) <= SAMPLE_BYTES:
        return content
    wide = b"\0" if content.startswith(_LITTLE_ENDIAN) else b""
    last = max(content.rfind(end + wide, 0, SAMPLE_BYTES) for end in (b"\n", b"\r"))
    return content[: last + 1 + len(wide)] if last >= 0 else content[:SAMPLE_BYTES]


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
            provider_id=usable(cells[at.provider_id]),
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
