"""Which column is what: by its header first, by its values where no header says it."""

import re
from collections.abc import Callable, Iterator
from itertools import islice

from adapters.statements.csv.amounts import (
    holds_amounts,
    holds_directions,
    is_direction,
    parse_token,
)
from adapters.statements.csv.dates import is_date
from adapters.statements.csv.records import Table
from adapters.statements.csv.words import (
    FAILED,
    HEADERS,
    KNOWN,
    OWN_BEFORE_THE_DATE,
    PENDING,
    SYMBOLS,
    normalize,
)
from domain.ledger.errors import HintNeeded
from domain.ledger.hints import CsvColumn
from domain.shared.money import is_currency
from domain.shared.result import Failure, Result, Success

Columns = dict[CsvColumn, int]

# Two columns with the same header are ambiguous for these.
_DECISIVE = {CsvColumn.BOOKING_DATE, CsvColumn.AMOUNT, CsvColumn.DEBIT, CsvColumn.CREDIT}
_DATES = (CsvColumn.BOOKING_DATE, CsvColumn.VALUE_DATE)
_PAIR = {CsvColumn.DEBIT, CsvColumn.CREDIT}
_REPLACED_BY_PAIR = {CsvColumn.AMOUNT, CsvColumn.DIRECTION}
# In this order, each takes the first free column that fits.
_ORDER = (
    *(CsvColumn.BOOKING_DATE, CsvColumn.VALUE_DATE, CsvColumn.DEBIT, CsvColumn.CREDIT),
    *(CsvColumn.AMOUNT, CsvColumn.DIRECTION, CsvColumn.CURRENCY, CsvColumn.BALANCE),
    *(CsvColumn.PROVIDER_ID, CsvColumn.ACCOUNT, CsvColumn.STATUS, CsvColumn.KIND),
    *(CsvColumn.DESCRIPTION, CsvColumn.MEMO),
)


def is_currency_cell(value: str) -> bool:
    return is_currency(value.upper()) or value in SYMBOLS


def is_status(value: str) -> bool:
    return normalize(value) in PENDING | FAILED or "gebucht" in normalize(value)


_AMOUNTS = {CsvColumn.AMOUNT, CsvColumn.BALANCE}
_FORMS: dict[CsvColumn, Callable[[str], bool]] = {
    CsvColumn.BOOKING_DATE: is_date,
    CsvColumn.VALUE_DATE: is_date,
    CsvColumn.CURRENCY: is_currency_cell,
}
# These may be empty in a whole file.
_MAY_BE_EMPTY = {CsvColumn.VALUE_DATE, CsvColumn.BALANCE}
_DECIMALS = re.compile(r"[.,]\d{1,3}\D*$", re.ASCII)
_HEADERLESS = {CsvColumn.DIRECTION: is_direction, CsvColumn.CURRENCY: is_currency_cell}
_UNCLEAR = "It is not clear which column of the file holds the {name}: say it by a profile."


def named_columns(table: Table) -> Result[Columns, HintNeeded]:
    """Return the columns that have a known header, and values that fit it."""
    found: Columns = {}
    for role in _ORDER:
        fitting = [at for at in _named(table, role, found) if _fits(table, role, at, found)]
        if not fitting:
            continue
        first = table.names[fitting[0]]
        if role in _DECISIVE and [table.names[at] for at in fitting].count(first) > 1:
            detail = f"Several columns are called “{table.header[fitting[0]].strip()[:40]}”"
            return Failure(HintNeeded(f"{detail}: say by a profile which one counts."))
        found[role] = fitting[0]
    return Success(_resolved(found))


def _named(table: Table, role: CsvColumn, assigned: Columns) -> Iterator[int]:
    """Yield the free columns with a header of this role, the preferred one first."""
    free = [at for at in range(len(table.names)) if at not in assigned.values()]
    if role is CsvColumn.CURRENCY and CsvColumn.AMOUNT in assigned:
        # Where there are two, the currency of the amount follows it.
        free.sort(key=lambda at: at < assigned[CsvColumn.AMOUNT])
    for word in HEADERS[role]:
        yield from (at for at in free if table.names[at] == word)


def _fits(table: Table, role: CsvColumn, at: int, assigned: Columns) -> bool:
    if role in _REPLACED_BY_PAIR and assigned.keys() >= _PAIR:
        return False
    if not table.rows or (table.is_empty(at) and role in _MAY_BE_EMPTY):
        return True
    if role in _AMOUNTS:
        return holds_amounts(table, at)
    if role is CsvColumn.DIRECTION:
        return holds_directions(table, at, assigned.get(CsvColumn.AMOUNT))
    return _fits_header(table, role, at, assigned)


def _fits_header(table: Table, role: CsvColumn, at: int, assigned: Columns) -> bool:
    """Say whether an ambiguous header means this role in this file."""
    form, word = _FORMS.get(role), table.names[at]
    if role is CsvColumn.ACCOUNT and word in OWN_BEFORE_THE_DATE:
        dated = [assigned[role] for role in _DATES if role in assigned]
        return bool(dated) and at < min(dated)
    if role is CsvColumn.STATUS and word == "info":
        return table.holds(at, is_status)
    return form is None or table.holds(at, form)


def _resolved(found: Columns) -> Columns:
    """Drop a debit without a credit; a value date without a booking date becomes one."""
    if CsvColumn.BOOKING_DATE not in found and CsvColumn.VALUE_DATE in found:
        found[CsvColumn.BOOKING_DATE] = found.pop(CsvColumn.VALUE_DATE)
    drop = set() if found.keys() >= _PAIR else _PAIR
    return {role: at for role, at in found.items() if role not in drop}


def infer_columns(table: Table, columns: Columns) -> Result[Columns, HintNeeded]:
    """Add the date and the amount that no header names, if only one column can be meant."""
    if CsvColumn.BOOKING_DATE not in columns:
        dates = list(_free(table, columns, is_date))
        if len(dates) != 1:
            return Failure(HintNeeded(_UNCLEAR.format(name="booking date")))
        columns[CsvColumn.BOOKING_DATE] = dates[0]
    if CsvColumn.AMOUNT not in columns and CsvColumn.DEBIT not in columns:
        free = _free(table, columns, lambda value: not is_date(value))
        amounts = [at for at in free if holds_amounts(table, at)]
        exact = [at for at in amounts if any(map(_DECIMALS.search, table.values(at)))]
        if len(exact or amounts) != 1:
            return Failure(HintNeeded(_UNCLEAR.format(name="amount")))
        columns[CsvColumn.AMOUNT] = (exact or amounts)[0]
    return Success(_with_texts(table, columns))


def _with_texts(table: Table, columns: Columns) -> Columns:
    """Add what values show in a file without a header; a description, if no header names one."""
    if not table.header:
        for role, form in _HEADERLESS.items():
            for at in islice(_free(table, columns, form), 1):
                columns[role] = at
    if not columns.keys() & {CsvColumn.DESCRIPTION, CsvColumn.MEMO}:
        texts = list(_free(table, columns, _is_text))
        roles = (CsvColumn.DESCRIPTION, *([] if table.header else [CsvColumn.MEMO]))
        columns |= dict(zip(roles, texts, strict=False))
    return columns


def _free(table: Table, columns: Columns, form: Callable[[str], bool]) -> Iterator[int]:
    """Yield the columns that have a form, and neither a role nor a known header."""
    for at in range(table.width):
        known = at < len(table.names) and table.names[at] in KNOWN
        if at not in columns.values() and not known and table.holds(at, form):
            yield at


def _is_text(value: str) -> bool:
    return any(map(str.isalpha, value)) and not parse_token(value) and not is_date(value)
