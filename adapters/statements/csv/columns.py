"""Which column is what: by the words above it, and by what stands in it."""

from collections.abc import Callable, Iterator

from adapters.statements.csv.days import is_date
from adapters.statements.csv.directions import gives_directions
from adapters.statements.csv.table import Table
from adapters.statements.csv.words import (
    FAILED,
    HEADERS,
    OWN_BEFORE_THE_DATE,
    PENDING,
    SYMBOLS,
    plain,
)
from domain.ledger.errors import HintNeeded
from domain.ledger.hints import CsvColumn
from domain.shared.money import is_currency
from domain.shared.result import Failure, Result, Success

Columns = dict[CsvColumn, int]

# Two columns of one of these may not be taken for another.
_DECISIVE = {CsvColumn.BOOKING_DATE, CsvColumn.AMOUNT, CsvColumn.DEBIT, CsvColumn.CREDIT}
_DATES = (CsvColumn.BOOKING_DATE, CsvColumn.VALUE_DATE)
_PAIR = {CsvColumn.DEBIT, CsvColumn.CREDIT}
_REPLACED = {CsvColumn.AMOUNT, CsvColumn.DIRECTION}
# The first that fits is taken, and not again.
_ORDER = (
    *(CsvColumn.BOOKING_DATE, CsvColumn.VALUE_DATE, CsvColumn.DEBIT, CsvColumn.CREDIT),
    *(CsvColumn.AMOUNT, CsvColumn.DIRECTION, CsvColumn.CURRENCY, CsvColumn.BALANCE),
    *(CsvColumn.PROVIDER_ID, CsvColumn.ACCOUNT, CsvColumn.STATUS, CsvColumn.KIND),
    *(CsvColumn.DESCRIPTION, CsvColumn.MEMO),
)


def is_symbol(value: str) -> bool:
    return is_currency(value.upper()) or value in SYMBOLS


def is_status(value: str) -> bool:
    return plain(value) in PENDING | FAILED or "gebucht" in plain(value)


_SUMS = {CsvColumn.AMOUNT, CsvColumn.BALANCE}
_FORMS: dict[CsvColumn, Callable[[str], bool]] = {
    CsvColumn.BOOKING_DATE: is_date,
    CsvColumn.VALUE_DATE: is_date,
    CsvColumn.CURRENCY: is_symbol,
}
# Only these may hold nothing in a file, and still be what they are called.
_MAY_BE_EMPTY = {CsvColumn.VALUE_DATE, CsvColumn.BALANCE}


def named_columns(table: Table) -> Result[Columns, HintNeeded]:
    """Return the columns that have a known word above them, and hold what it says."""
    found: Columns = {}
    for role in _ORDER:
        fitting = [at for at in _named(table, role, found) if _fits(table, role, at, found)]
        if not fitting:
            continue
        first = table.names[fitting[0]]
        if role in _DECISIVE and [table.names[at] for at in fitting].count(first) > 1:
            told = f"Several columns are called “{table.header[fitting[0]].strip()[:40]}”"
            return Failure(HintNeeded(f"{told}: say by a profile which one counts."))
        found[role] = fitting[0]
    return Success(_settled(found))


def _named(table: Table, role: CsvColumn, taken: Columns) -> Iterator[int]:
    """Yield the columns of that name that are free yet, the preferred one first."""
    free = [at for at in range(len(table.names)) if at not in taken.values()]
    if role is CsvColumn.CURRENCY and CsvColumn.AMOUNT in taken:
        # Where there are two, an amount's own stands behind it.
        free.sort(key=lambda at: at < taken[CsvColumn.AMOUNT])
    for word in HEADERS[role]:
        yield from (at for at in free if table.names[at] == word)


def _fits(table: Table, role: CsvColumn, at: int, taken: Columns) -> bool:
    if role in _REPLACED and taken.keys() >= _PAIR:
        return False
    if not table.rows or (table.is_empty(at) and role in _MAY_BE_EMPTY):
        return True
    if role in _SUMS:
        return table.holds_money(at)
    if role is CsvColumn.DIRECTION:
        return gives_directions(table, at, taken.get(CsvColumn.AMOUNT))
    return _is_called_so(table, role, at, taken)


def _is_called_so(table: Table, role: CsvColumn, at: int, taken: Columns) -> bool:
    """Tell whether a word means this column here, where it may mean something else elsewhere."""
    form, word = _FORMS.get(role), table.names[at]
    if role is CsvColumn.ACCOUNT and word in OWN_BEFORE_THE_DATE:
        dated = [taken[role] for role in _DATES if role in taken]
        return bool(dated) and at < min(dated)
    if role is CsvColumn.STATUS and word == "info":
        return table.holds(at, is_status)
    return form is None or table.holds(at, form)


def _settled(found: Columns) -> Columns:
    """Keep an amount, or a debit and a credit; a value date is the date where there is no other."""
    if CsvColumn.BOOKING_DATE not in found and CsvColumn.VALUE_DATE in found:
        found[CsvColumn.BOOKING_DATE] = found.pop(CsvColumn.VALUE_DATE)
    drop = set() if found.keys() >= _PAIR else _PAIR
    return {role: at for role, at in found.items() if role not in drop}
