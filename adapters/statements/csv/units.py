"""Values in the units of programs: seconds since 1970, and amounts in hundredths."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import ClassVar

from adapters.statements.csv.amounts import parse_token
from adapters.statements.csv.records import Record
from adapters.statements.csv.sections import Layout
from adapters.statements.csv.words import HEADERS, normalize
from domain.ledger.hints import CsvColumn
from domain.shared.money import is_listed, minor_digits

_TIMES = frozenset("date time timestamp created updated booked posted completed epoch unix".split())
# Seconds, or milliseconds, of the years from 2001 on.
_EPOCH = re.compile(r"([1-3]\d{9})(?:\d{3})?", re.ASCII)
_HUNDREDTHS = frozenset(
    "cent cents pence centime centimes centesimi centimos centavos ore grosze grosz".split()
)
# Those of a dinar are thousandths, and a yen has none.
_MINOR = frozenset(["minor"])
_WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Seconds:
    """A column of seconds."""

    form: ClassVar = _EPOCH

    def convert(self, cell: str, _: Sequence[str]) -> str:
        whole = _EPOCH.fullmatch(cell)
        day = datetime.fromtimestamp(int(whole[1]), UTC) if whole else None
        return day.strftime("%Y-%m-%d %H:%M:%S") if day else cell


@dataclass(frozen=True, slots=True)
class _Hundredths:
    """A column of hundredths, or of what the currency at a place in the row has, or else that."""

    currency_at: int | None = None
    currency: str | None = None
    form: ClassVar = _WHOLE

    def convert(self, cell: str, cells: Sequence[str]) -> str:
        at = self.currency_at
        stated = cells[at].strip().upper() if at is not None and at < len(cells) else ""
        digits = minor_digits(stated if is_listed(stated) else self.currency or "")
        if not _WHOLE.fullmatch(cell):
            return cell
        # With three digits behind it, a point could as well separate thousands.
        return f"{Decimal(cell).scaleb(-digits):.{digits + (digits == 3)}f}"


def in_usual_units(layout: Layout, currency: str | None) -> Layout:
    """Return the layout with days for seconds, with amounts for hundredths of them, in one column.

    Some banks have a column of amounts for each currency: the first one gets all amounts.
    """
    units, codes = dict(_units(layout, currency)), _columns_of_currencies(layout)
    if not units and not codes:
        return layout
    below = (_rewritten(record, units) for record in layout.records[layout.header_rows :])
    below = (_in_one_column(record, codes) for record in below)
    layout = layout._replace(records=[*layout.records[: layout.header_rows], *below])
    return layout.with_header(layout.header_rows, layout.header)


def _columns_of_currencies(layout: Layout) -> Mapping[int, str]:
    """Return the columns whose headings are codes alone, if no row has amounts in two of them."""
    codes = {at: normalize(name).upper() for at, name in enumerate(layout.header)}
    found = {at: code for at, code in codes.items() if is_listed(code)}
    if len(found) < 2:
        return {}
    rows = [[_stated(row.cells[at]) for at in found if at < len(row.cells)] for row in layout.rows]
    is_used = any(any(cells[1:]) for cells in rows)
    return found if is_used and all(sum(map(bool, cells)) <= 1 for cells in rows) else {}


def _in_one_column(record: Record, codes: Mapping[int, str]) -> Record:
    if not codes:
        return record
    first, *others = codes
    at = next((at for at in others if at < len(record.cells) and _stated(record.cells[at])), None)
    if at is None:
        return record
    cells = list(record.cells)
    cells[first], cells[at] = f"{codes[at]} {cells[at].strip()}", ""
    return record._replace(cells=tuple(cells))


def _stated(cell: str) -> bool:
    """Say whether an amount is there: that of the other currency may be zero."""
    return parse_token(cell.strip()) is not None and any("1" <= each <= "9" for each in cell)


def _units(layout: Layout, currency: str | None) -> Iterator[tuple[int, _Seconds | _Hundredths]]:
    """Yield the columns in such units, known by their headings and by all of their values."""
    names = list(map(normalize, layout.header))
    codes = [at for at, name in enumerate(names) if name in HEADERS[CsvColumn.CURRENCY]]
    for at, name in enumerate(names):
        unit: _Seconds | _Hundredths | None = None
        words = name.split()
        if not _TIMES.isdisjoint(words):
            unit = _Seconds()
        elif not _MINOR.isdisjoint(words):
            unit = _Hundredths(next(iter(codes), None), currency)
        elif len(words) > 1 and not _HUNDREDTHS.isdisjoint(words):
            unit = _Hundredths()
        if unit and _holds(layout.rows, at, unit.form):
            yield at, unit


def _holds(rows: Sequence[Record], at: int, form: re.Pattern[str]) -> bool:
    """Say whether all values of a column have a form; the first one tells for most columns."""
    cells = (row.cells[at].strip() for row in rows if at < len(row.cells))
    filled = filter(None, cells)
    first = next(filled, "")
    return bool(form.fullmatch(first)) and all(map(form.fullmatch, filled))


def _rewritten(record: Record, units: Mapping[int, _Seconds | _Hundredths]) -> Record:
    cells = list(record.cells)
    for at, unit in units.items():
        if at < len(cells):
            cells[at] = unit.convert(cells[at].strip(), record.cells)
    return record._replace(cells=tuple(cells))
