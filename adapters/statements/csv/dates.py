"""Dates: how they are written, and in which order the file writes day, month and year."""

import re
from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from adapters.statements.dates import date_order, days_in, in_figures, is_year_first, read_day
from domain.ledger.errors import HintNeeded
from domain.ledger.hints import DateOrder
from domain.shared.result import Result, Success

#: The most characters of a date.
MAX_CELL = 64
# A file has few days, and each is read several times.
_CACHED = 4096

# What may stand between a date and its time, and behind a date: a zone, or a second date.
_TIME = re.compile(
    r"(?<=[\d日일])(?:[T,]\s*|\s+(?:(?:[-–/]|at|um|om|à|às|kl\.?|klo|alle)\s+)?)"
    r"(\d{1,2}[:.]\d{2}.*)|(?<=\.)\s+(\d{1,2}:\d{2}.*)",
    re.DOTALL,
)
_BEHIND = re.compile(
    r"(?<=\d)(?:T\d{4,6}.*|Z|[+-]\d{2}:\d{2}|-\d{2}\.\d{2}\.\d{2}.*|\s+as of .*|\s?\(\w{1,3}\))$",
    re.DOTALL,
)
# Programs write midnight where they know no time.
_MIDNIGHT = re.compile(
    r"0?0(?:[:.]0+)+(?![:.]?\d).*|12(?:[:.]00){1,2}\s*am.*", re.DOTALL | re.IGNORECASE
)
_CLOCK = re.compile(r"\d{1,2}[:.]\d{2}(?:[:.]\d.*|\s*[ap]\.?m\.?)?", re.DOTALL | re.IGNORECASE)
# The days of this century as spreadsheets count them, from 1900 on.
_SERIALS = range(36526, 73051)


def numeric_date(cell: str) -> str:
    """Return a date in figures, without its time; a month's name puts the year first."""
    return _numeric(cell) if len(cell) <= MAX_CELL else ""


@lru_cache(_CACHED)
def _numeric(cell: str) -> str:
    return in_figures(_BEHIND.sub("", _TIME.sub("", cell.strip())))


def is_serial(cell: str) -> bool:
    """Say whether a cell may be the number by which a spreadsheet knows a day, as 46094 is."""
    whole, _, part = cell.partition(".")
    figures = whole.isdecimal() and (not part or part.isdecimal())
    return figures and len(whole) == 5 and int(whole) in _SERIALS


def time_beside(cell: str) -> str:
    """Return the time that is written behind a date, or nothing."""
    match = _TIME.search(cell) if len(cell) <= MAX_CELL else None
    return _known(match[1] or match[2]) if match else ""


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
    return bool(days_in(numeric_date(cell)))


def detect_date_order(
    cells: Iterable[str], hint: DateOrder | None
) -> Result[DateOrder, HintNeeded]:
    """Return the order in which the dates of a file make sense; a hint decides between several."""
    texts = set(map(numeric_date, cells))
    undecided = {text for text in texts if not is_year_first(text)}
    if len(undecided) < len(texts) and not any(any(map(str.isdigit, t)) for t in undecided):
        return Success(DateOrder.YEAR_FIRST)
    return date_order(undecided, hint)
