"""Dates: how countries write them. The order of day and month is decided for a whole file."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from unicodedata import decimal

from adapters.statements import questions
from adapters.statements.limits import MAX_DATE
from adapters.statements.months import MONTHS, WEEKDAYS
from domain.ledger.errors import HintNeeded
from domain.ledger.hints import DateOrder
from domain.shared.folding import folded
from domain.shared.result import Failure, Result, Success

#: The most characters of a date with a name in it.
MAX_NAMED_DATE = 40
# Years of two digits begin here: the predecessors of OFX are no older.
_FIRST_YEAR = 70
# Runs of spaces are collapsed before this matches, so one optional space is enough.
_NUMBERS = re.compile(r"(\d{1,4})(?: ?[-/.] ?| )(\d{1,2})(?: ?([-/.']) ?| )(\d{1,4})", re.ASCII)
_POINTS = re.compile(r"\s*\d{1,2}\s?\.\s?\d{1,2}\s?\.\s?(?:\d{4}|\d{2})\s*", re.ASCII)
_IN_FIGURES = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_COLONS = re.compile(r"(\d{4}):(\d{2}):(\d{2})", re.ASCII)
_YEAR_MONTH_DAY = re.compile(r"(\d{4}) ?[年년] ?(\d{1,2}) ?[月월] ?(\d{1,2}) ?[日일]?")
_WEEKDAY = re.compile(r"([^\W\d_]{2,12})[.,]{0,2}\s+(?=\w)")
# A month has a name: “4th of March 2026”, “4. März 2026”, “4 марта 2026 г.”, “Mar 4, 2026”.
_NAMED = (
    (
        re.compile(
            r"(\d{1,2})(?:st|nd|rd|th|er|º|ª)?\W{0,3}(?:(?:de|of|d)\W)?([^\W\d_]{3,14})"
            r"\W{0,3}(?:del? )?(\d{4}|\d{2})(?: ?[гр]\.?)?"
        ),
        (3, 2, 1),
    ),
    (re.compile(r"([^\W\d_]{3,14})\W{0,3}(\d{1,2})(?:st|nd|rd|th)?\W{1,3}(\d{4})"), (3, 1, 2)),
    (re.compile(r"(\d{4})\W{1,3}([^\W\d_]{3,14})\W{1,3}(\d{1,2})"), (1, 2, 3)),
)
# Others are of other calendars, such as 2569 of the Thai and 1404 of the Persian one.
YEARS = range(1900, 2201)
# Right-to-left texts have marks that are not seen.
_MARKS = dict.fromkeys(map(ord, "\u200e\u200f\u061c"))
# A file has few days, and each is read several times.
_CACHED = 4096


def in_figures(text: str) -> str:
    """Return a date in figures: one that names its month, or begins with its year, as 2026-3-13.

    “13 mars 2026”, “2026年3月13日”, “20260313” and “2026:03:13” are such; any other text is
    returned as it is, without a weekday before it and a point behind it.
    """
    text = text.strip() if text.isascii() else in_ascii_figures(text).strip()
    if _IN_FIGURES.fullmatch(text) or not text or len(text) > MAX_NAMED_DATE:
        return text
    text = text.removesuffix(".").rstrip()
    if text.isdigit() and len(text) == 8:
        return _apart(text)
    match = _COLONS.fullmatch(text) or _YEAR_MONTH_DAY.fullmatch(text)
    if match:
        return f"{match[1]}-{match[2]}-{match[3]}"
    weekday = _WEEKDAY.match(text)
    if weekday and folded(weekday[1]) in WEEKDAYS:
        # “Mar” is Tuesday as well as March.
        text = _named(text) or text[weekday.end() :]
    return _named(text) or text


def in_ascii_figures(text: str) -> str:
    """Return a text with the figures of any script as 0 to 9, and without marks of direction."""
    return "".join(
        str(decimal(each)) if each.isdecimal() else each for each in text.translate(_MARKS)
    )


def _named(text: str) -> str:
    """Return a date whose month has a name, its year first."""
    for form, (year_at, month_at, day_at) in _NAMED:
        match = form.fullmatch(text)
        month = MONTHS.get(folded(match[month_at])) if match else None
        if match and month:
            year = _year(match[year_at], after_apostrophe=False)
            return f"{year:04}-{month}-{match[day_at]}"
    return ""


def is_year_first(text: str) -> bool:
    """Say whether a date in figures begins with its year."""
    return text[:4].isdigit() and not text[4:5].isdigit()


def read_day(text: str, order: DateOrder) -> date | None:
    """Return the date that is written in this order, or None."""
    return days_in(text).get(order)


def days_in(text: str) -> Mapping[DateOrder, date]:
    """Return the dates that a text may be, by the order in which it is read."""
    return _days_in(text) if len(text) <= MAX_DATE else {}


@lru_cache(_CACHED)
def _days_in(text: str) -> Mapping[DateOrder, date]:
    match = _NUMBERS.fullmatch(" ".join(text.split()))
    if match is None:
        return {}
    first, second, last = match[1], match[2], match[4]
    # Only the last part may be a year of two digits.
    if len(first) <= 2:
        year = _year(last, after_apostrophe=match[3] == "'")
        found = {
            DateOrder.DAY_FIRST: _day(year, second, first),
            DateOrder.MONTH_FIRST: _day(year, first, second),
        }
    elif len(first) == 4 and len(last) <= 2:
        found = {DateOrder.YEAR_FIRST: _day(int(first), second, last)}
    else:
        found = {}
    return {order: day for order, day in found.items() if day}


def _day(year: int, month: str, day: str) -> date | None:
    try:
        return date(year, int(month), int(day)) if year in YEARS else None
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
    return Failure(HintNeeded.ask(questions.date_order(valid, list(best))))


def _apart(text: str) -> str:
    """Return eight digits as year, month and day, or else with the year last."""
    match = _COMPACT.fullmatch(text)
    whole = f"{match[1]}-{match[2]}-{match[3]}" if match else ""
    if match and int(match[1]) in YEARS and read_day(whole, DateOrder.YEAR_FIRST):
        return whole
    return f"{text[:2]}-{text[2:4]}-{text[4:]}"


def _days(texts: Sequence[str], order: DateOrder) -> list[date]:
    return [day for day in (read_day(text, order) for text in texts) if day]


def _year(text: str, *, after_apostrophe: bool) -> int:
    """Return the year; Quicken writes an apostrophe before those from 2000 on."""
    year = int(text)
    if len(text) > 2:
        return year
    return year + (2000 if after_apostrophe or year < _FIRST_YEAR else 1900)
