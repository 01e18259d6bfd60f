"""Dates: how they are written, and in which order the file writes day, month and year."""

import re
from collections.abc import Mapping
from datetime import date
from itertools import chain

from adapters.statements.csv.records import Table
from adapters.statements.csv.words import MONTHS, normalize
from adapters.statements.dates import date_order, read_day
from domain.ledger.errors import HintNeeded
from domain.ledger.hints import CsvColumn, DateOrder, ReadingHints
from domain.shared.result import Result, Success

#: The most characters of a date.
MAX_CELL = 64

_TIME = re.compile(r"(?<=\d)(?:[T,]\s*|\s+)(\d{1,2}[:.]\d{2}.*)", re.DOTALL)
# Programs write midnight where they know no time.
_MIDNIGHT = re.compile(
    r"0?0(?:[:.]0+)+(?![:.]?\d).*|12(?:[:.]00){1,2}\s*am.*", re.DOTALL | re.IGNORECASE
)
_CLOCK = re.compile(r"\d{1,2}[:.]\d{2}(?:[:.]\d.*|\s*[ap]\.?m\.?)?", re.DOTALL | re.IGNORECASE)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_DAY_AND_NAME = re.compile(r"(\d{1,2})\W{0,3}([^\W\d_]{3,10})\W{0,3}(\d{2,4})")
_NAME_AND_DAY = re.compile(r"([^\W\d_]{3,10})\W{0,3}(\d{1,2})\W{1,3}(\d{4})")
_YEAR_AND_NAME = re.compile(r"(\d{4})\W{1,3}([^\W\d_]{3,10})\W{1,3}(\d{1,2})")
_YEAR_FIRST = re.compile(r"\d{4}\D", re.ASCII)
_DATE_COLUMNS = (CsvColumn.BOOKING_DATE, CsvColumn.VALUE_DATE)
_YEARS = range(1900, 2200)


def numeric_date(cell: str) -> str:
    """Return a date in digits, without its time; a month's name puts the year first."""
    text = _TIME.sub("", cell.strip()) if len(cell) <= MAX_CELL else ""
    if text.isdigit() and len(text) == 8:
        return _apart(text)
    for form, places in (
        (_DAY_AND_NAME, (3, 2, 1)),
        (_NAME_AND_DAY, (3, 1, 2)),
        (_YEAR_AND_NAME, (1, 2, 3)),
    ):
        match = form.fullmatch(text)
        month = MONTHS.get(normalize(match[places[1]])) if match else None
        if match and month:
            year, day = match[places[0]], match[places[2]]
            return f"{_century(year)}-{month}-{day}"
    return text


def time_beside(cell: str) -> str:
    """Return the time that is written behind a date, or nothing."""
    match = _TIME.search(cell) if len(cell) <= MAX_CELL else None
    return _known(match[1]) if match else ""


def parse_time(cell: str) -> str:
    """Return the time of day in a cell of its own, or nothing."""
    return _known(cell) if len(cell) <= MAX_CELL and _CLOCK.fullmatch(cell) else ""


def _known(time: str) -> str:
    return "" if _MIDNIGHT.fullmatch(time) else " ".join(time.split())


def parse_date(cell: str, order: DateOrder) -> date | None:
    """Read a date in the given order, unless it begins with its year."""
    text = numeric_date(cell)
    return read_day(text, DateOrder.YEAR_FIRST if is_year_first(text) else order)


def is_date(cell: str) -> bool:
    """Say whether this is a date in any order."""
    text = numeric_date(cell)
    return any(read_day(text, order) for order in DateOrder)


def detect_date_order(
    table: Table, columns: Mapping[CsvColumn, int], hints: ReadingHints
) -> Result[DateOrder, HintNeeded]:
    """Return the order in which the dates of a file make sense; a hint decides between several."""
    dated = [columns[role] for role in _DATE_COLUMNS if role in columns]
    texts = set(map(numeric_date, chain.from_iterable(table.values(at) for at in dated)))
    undecided = {text for text in texts if not is_year_first(text)}
    if len(undecided) < len(texts) and not any(any(map(str.isdigit, t)) for t in undecided):
        return Success(DateOrder.YEAR_FIRST)
    return date_order(undecided, hints.date_order)


def is_year_first(text: str) -> bool:
    return _YEAR_FIRST.match(text) is not None


def _apart(text: str) -> str:
    """Return eight digits as year, month and day, or else with the year last."""
    match = _COMPACT.fullmatch(text)
    whole = f"{match[1]}-{match[2]}-{match[3]}" if match else ""
    if match and int(match[1]) in _YEARS and read_day(whole, DateOrder.YEAR_FIRST):
        return whole
    return f"{text[:2]}-{text[2:4]}-{text[4:]}"


def _century(year: str) -> str:
    """Return a year of two digits with its century, as `read_day` decides it."""
    day = read_day(f"1/1/{year}", DateOrder.DAY_FIRST)
    return f"{day.year:04}" if day else year
