"""Numeric dates: the order of day and month is decided for a whole file."""

import re
from collections.abc import Iterable, Sequence
from datetime import date

from adapters.statements.limits import MAX_DATE
from domain.ledger.errors import HintNeeded
from domain.ledger.hints import DateOrder
from domain.shared.result import Failure, Result, Success

AMBIGUOUS = "The dates of the file can be read in two ways: say their order."
# Years of two digits begin here: the predecessors of OFX are no older.
_FIRST_YEAR = 70
# Runs of spaces are collapsed before this matches, so one optional space is enough.
_NUMBERS = re.compile(r"(\d{1,4})(?: ?[-/.] ?| )(\d{1,2})(?: ?([-/.']) ?| )(\d{1,4})", re.ASCII)
_POINTS = re.compile(r"\s*\d{1,2}\s?\.\s?\d{1,2}\s?\.\s?(?:\d{4}|\d{2})\s*", re.ASCII)
_POSITIONS = {
    DateOrder.DAY_FIRST: (2, 1, 0),
    DateOrder.MONTH_FIRST: (2, 0, 1),
    DateOrder.YEAR_FIRST: (0, 1, 2),
}


def read_day(text: str, order: DateOrder) -> date | None:
    """Return the date that is written in this order, or None."""
    match = _NUMBERS.fullmatch(" ".join(text.split())) if len(text) <= MAX_DATE else None
    if match is None:
        return None
    parts = (match[1], match[2], match[4])
    year, month, day = (parts[position] for position in _POSITIONS[order])
    # Only the last part may be a year of two digits.
    if max(len(month), len(day)) > 2 or (order is DateOrder.YEAR_FIRST and len(year) < 4):
        return None
    try:
        return date(_year(year, after_apostrophe=match[3] == "'"), int(month), int(day))
    except ValueError:
        return None


def date_order(texts: Iterable[str], hint: DateOrder | None) -> Result[DateOrder, HintNeeded]:
    """Return the order in which most dates of a file are valid.

    When several orders are equally valid and yield different days, a hint has to decide, unless
    all dates have points: these are day first in every country.
    """
    dates = sorted(set(texts))
    fitting = {order: _days(dates, order) for order in DateOrder}
    most = max((len(days) for days in fitting.values()), default=0)
    best = {order: days for order, days in fitting.items() if len(days) == most}
    if len({tuple(days) for days in best.values()}) == 1:
        return Success(next(iter(best)))
    if hint in best:
        return Success(hint)
    valid = [text for text in dates if read_day(text, DateOrder.DAY_FIRST)]
    if DateOrder.DAY_FIRST in best and all(map(_POINTS.fullmatch, valid)):
        return Success(DateOrder.DAY_FIRST)
    return Failure(HintNeeded(AMBIGUOUS))


def _days(texts: Sequence[str], order: DateOrder) -> list[date]:
    return [day for day in (read_day(text, order) for text in texts) if day]


def _year(text: str, *, after_apostrophe: bool) -> int:
    """Return the year; Quicken writes an apostrophe before those from 2000 on."""
    year = int(text)
    if len(text) > 2:
        return year
    return year + (2000 if after_apostrophe or year < _FIRST_YEAR else 1900)
