"""Reads reference rates of the euro, as the European Central Bank publishes them.

`eurofxref-hist.csv` (or as ZIP) has a row for each day, `eurofxref.csv` one row with another form
of date, and `eurofxref-daily.xml` one day, `eurofxref-hist.xml` all. Sizes are bounded before
anything is unpacked or parsed.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from domain.ledger.exchange_rates import UnreadableRates
from domain.shared.money import is_listed, parse_decimal
from domain.shared.result import Failure, Result, Success

#: All rates since 1999 are a quarter of this, as XML too.
MAX_BYTES = 32_000_000
#: More than a hundred years.
MAX_DAYS = 30_000
MAX_COLUMNS = 100
MAX_LINE = 2_000

_ZIP = b"PK\x03\x04"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# The document has no other elements that matter; entities and doctypes are not looked at.
_CUBE = re.compile(
    r"<Cube\s+(?:time=['\"]([0-9-]{10})['\"]|currency=['\"]([A-Z]{3})['\"]"
    r"\s+rate=['\"]([0-9.]{1,40})['\"])\s*/?>",
    re.ASCII,
)

Days = dict[date, dict[str, Decimal]]


_UNPACKABLE = (
    *(ValueError, EOFError, RuntimeError, NotImplementedError),
    *(zipfile.BadZipFile, zlib.error),
)


class _NotRates(Exception):
    """The content is not a file of exchange rates; the argument is why."""


def read_rates(content: bytes) -> Result[Mapping[date, Mapping[str, Decimal]], UnreadableRates]:
    """Read a file of rates: for one euro, the units of each currency by day."""
    try:
        text = _unpacked(content).decode("utf-8-sig")
        days = _xml(text) if text.lstrip()[:1] == "<" else _csv(text)
    except UnicodeDecodeError:
        return Failure(UnreadableRates("This file is not text."))
    except _NotRates as refused:
        return Failure(UnreadableRates(str(refused)))
    if not any(days.values()):
        return Failure(UnreadableRates("There is no exchange rate of the euro in this file."))
    return Success({day: rates for day, rates in days.items() if rates})


def _unpacked(content: bytes) -> bytes:
    if not content.startswith(_ZIP):
        return _bounded(content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            (member,) = archive.infolist()
            with archive.open(member) as file:
                return _bounded(file.read(MAX_BYTES + 1))
    except _UNPACKABLE:
        raise _NotRates("This archive cannot be read, or has more than one file.") from None


def _bounded(content: bytes) -> bytes:
    if len(content) > MAX_BYTES:
        raise _NotRates("This file is too large for one of exchange rates.")
    return content


def _csv(text: str) -> Days:
    lines = iter(text.splitlines())
    header = _cells(next(lines, ""))
    if header[0].lower() != "date" or len(header) > MAX_COLUMNS:
        raise _NotRates("The first line has to be “Date”, and the codes of currencies.")
    columns = [(n, code) for n, code in enumerate(header) if n and is_listed(code)]
    days: Days = {}
    for line in lines:
        if line.strip():
            cells = _cells(line)
            given = [(code, cells[n]) for n, code in columns if n < len(cells)]
            days[_day(cells[0])] = dict(_rates(given))
            _count(days)
    return days


def _cells(line: str) -> list[str]:
    if len(line) > MAX_LINE:
        raise _NotRates("A line of this file is too long.")
    return [cell.strip() for cell in line.split(",")]


def _xml(text: str) -> Days:
    days: Days = {}
    rates: dict[str, Decimal] | None = None
    for time, code, rate in _CUBE.findall(text):
        if time:
            rates = days.setdefault(_day(time), {})
            _count(days)
        elif rates is not None and is_listed(code):
            rates.update(_rates([(code, rate)]))
    return days


def _rates(cells: Sequence[tuple[str, str]]) -> Iterator[tuple[str, Decimal]]:
    """Yield the rates that are given: N/A and an empty cell are none."""
    for code, text in cells:
        if text and text != "N/A":
            rate = parse_decimal(text)
            if rate is None or rate <= 0:
                raise _NotRates("A rate of this file is not a positive number.")
            yield code, rate


def _day(text: str) -> date:
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
        return datetime.strptime(text, "%d %B %Y").date()  # noqa: DTZ007  # a day has no zone
    except ValueError:
        raise _NotRates("A date of this file is not a day.") from None


def _count(days: Days) -> None:
    if len(days) > MAX_DAYS:
        raise _NotRates("This file has too many days.")
