"""What stands in the cell of a date: figures in some order, names of months, times."""

import re
from datetime import date

from adapters.statements.csv.months import MONTHS
from adapters.statements.csv.words import plain
from adapters.statements.dates import read_day
from domain.ledger.hints import DateOrder

#: No date takes more characters.
MAX_CELL = 64

_TIME = re.compile(r"(?<=\d)(?:[T,]\s*|\s+)\d{1,2}[:.]\d{2}.*", re.DOTALL)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_DAY_AND_NAME = re.compile(r"(\d{1,2})\W{0,3}([^\W\d_]{3,10})\W{0,3}(\d{2,4})")
_NAME_AND_DAY = re.compile(r"([^\W\d_]{3,10})\W{0,3}(\d{1,2})\W{1,3}(\d{4})")
_YEAR_AND_NAME = re.compile(r"(\d{4})\W{1,3}([^\W\d_]{3,10})\W{1,3}(\d{1,2})")
_YEAR_FIRST = re.compile(r"\d{4}\D", re.ASCII)
_YEARS = range(1900, 2200)


def numeric(cell: str) -> str:
    """Return a date in figures and without its time; what tells itself has its year first."""
    text = _TIME.sub("", cell.strip()) if len(cell) <= MAX_CELL else ""
    if text.isdigit() and len(text) == 8:
        return _apart(text)
    for form, places in (
        (_DAY_AND_NAME, (3, 2, 1)),
        (_NAME_AND_DAY, (3, 1, 2)),
        (_YEAR_AND_NAME, (1, 2, 3)),
    ):
        match = form.fullmatch(text)
        month = MONTHS.get(plain(match[places[1]])) if match else None
        if match and month:
            year, day = match[places[0]], match[places[2]]
            return f"{_century(year)}-{month}-{day}"
    return text


def day_of(cell: str, order: DateOrder) -> date | None:
    """Read a date as it is written: one that begins with its year in no other order than that."""
    text = numeric(cell)
    return read_day(text, DateOrder.YEAR_FIRST if is_year_first(text) else order)


def is_date(cell: str) -> bool:
    """Tell whether this is a date in some order."""
    text = numeric(cell)
    return any(read_day(text, order) for order in DateOrder)


def is_year_first(text: str) -> bool:
    return _YEAR_FIRST.match(text) is not None


def _apart(text: str) -> str:
    """Return eight figures as year, month and day, or else with the year last."""
    match = _COMPACT.fullmatch(text)
    whole = f"{match[1]}-{match[2]}-{match[3]}" if match else ""
    if match and int(match[1]) in _YEARS and read_day(whole, DateOrder.YEAR_FIRST):
        return whole
    return f"{text[:2]}-{text[2:4]}-{text[4:]}"


def _century(year: str) -> str:
    """Return a year of two digits as `read_day` takes it."""
    day = read_day(f"1/1/{year}", DateOrder.DAY_FIRST)
    return f"{day.year:04}" if day else year
