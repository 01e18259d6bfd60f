"""Records of a CSV file: RFC 4180, and the repair of what stray quotes run together."""

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from operator import itemgetter, methodcaller
from typing import NamedTuple

from adapters.statements.csv.words import names_balance, normalize_header
from adapters.statements.limits import MAX_LINE, too_many
from domain.ledger.errors import StatementTooLarge, UnreadableStatement
from domain.ledger.profile_validation import MAX_COLUMNS
from domain.shared.result import Failure, Result, Success

#: A header is searched in so many records.
HEAD = 200
#: The most lines of a file, empty ones included, and the most values in all of them.
MAX_LINES = 2_000_000
MAX_CELLS = 6_000_000


class Record(NamedTuple):
    """The values of a record, the line on which it begins, and how many lines it has."""

    line: int
    cells: Sequence[str]
    lines: int = 1


def lines_of(text: str) -> Result[list[str], UnreadableStatement | StatementTooLarge]:
    """Return the lines of a file, whatever ends them, or refuse a file with too many."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")
    if text.count("\n") >= MAX_LINES:
        return too_many(MAX_LINES, "lines")
    lines = text.split("\n")
    if any(len(line) > MAX_LINE for line in lines):
        detail = f"A line of the file is longer than {MAX_LINE:,} characters."
        return Failure(UnreadableStatement(detail))
    return Success(lines)


def read_records(
    lines: Sequence[str], delimiter: str, most: int
) -> Result[list[Record], UnreadableStatement | StatementTooLarge]:
    """Return the records that are not empty: at most a header and `most` rows."""
    if sum(line.count(delimiter) for line in lines) > MAX_CELLS:
        return too_many(MAX_CELLS, "values")
    found: list[Record] = []
    source = _LineSource(lines)
    try:
        for cells in csv.reader(source, delimiter=delimiter):
            if any(cells):
                height = source.line - source.began
                found.append(Record(source.began + 1, tuple(cells[: MAX_COLUMNS + 1]), height))
            if len(found) > most + HEAD:
                return too_many(most)
            source.began = source.line
    except (csv.Error, _TooLong):
        detail = f"A quote that opens on line {source.began + 1} of the file is not closed."
        return Failure(UnreadableStatement(detail))
    return Success(found)


def usual_width(records: Sequence[Record]) -> int:
    """Return the most frequent number of values, among records with more than one."""
    widths = Counter(len(record.cells) for record in records)
    widths.pop(1, None)
    return max(widths, key=lambda width: (widths[width], width), default=1)


def repair(records: Sequence[Record], lines: Sequence[str], delimiter: str) -> Sequence[Record]:
    """Split records that a stray quote has run together."""
    if all(record.lines == 1 for record in records):
        return records
    widths = {len(record.cells) for record in records if record.lines == 1}
    widths.add(usual_width(records))
    found: list[Record] = []
    for record in records:
        own = lines[record.line - 1 : record.line - 1 + record.lines]
        if record.lines == 1 or (
            len(record.cells) in widths and not _are_rows(own, delimiter, len(record.cells))
        ):
            found.append(record)
        else:
            found += _parts(record.line, own, delimiter)
    return found


def _are_rows(lines: Sequence[str], delimiter: str, width: int) -> bool:
    """Say whether several of the lines would each be a complete record."""
    return sum(line.count(delimiter) == width - 1 for line in lines) > 1


def _parts(first: int, lines: Sequence[str], delimiter: str) -> Iterator[Record]:
    for number, line in enumerate(lines, start=first):
        for cells in csv.reader([line], delimiter=delimiter):
            if any(cells):
                yield Record(number, tuple(cells[: MAX_COLUMNS + 1]))


def labelled(above: Sequence[Record]) -> Iterator[tuple[str, str]]:
    """Yield labels and their values, side by side or with a colon between them in one cell."""
    for record in above:
        cells = [cell.strip() for cell in record.cells if cell.strip()]
        if len(cells) > 1:
            yield cells[0], cells[1]
        elif cells and ":" in cells[0]:
            label, value = cells[0].split(":", 1)
            yield label, value.strip()


class _TooLong(Exception):
    """A record is longer than a line may be."""


class _LineSource:
    """Yields lines to the parser, and knows on which line the current record began."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self.line = 0
        self.began = 0
        self._length = 0

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            first = self.line == self.began
            self._length = len(line) if first else self._length + len(line) + 1
            if self._length > MAX_LINE:
                raise _TooLong
            self.line += 1
            yield line + "\n"


# A column has a form when this percentage of its first values have it.
_MOSTLY = 50
_SAMPLE = 5_000
# So many values of a column may be labels of balances.
_MOST_LABELS = 4
_SHAPE = methodcaller("translate", str.maketrans("23456789", "11111111"))
_CELLS: Callable[[Record], Sequence[str]] = itemgetter(1)


class Table:
    """The rows of a file by columns: each has from `narrowest` to `width` values."""

    def __init__(self, header: Sequence[str], rows: Sequence[Record], usual: int) -> None:
        self.header = header
        self.names = [normalize_header(name) for name in header]
        self.rows = rows
        self.width = max(usual, len(header))
        self.narrowest = min(usual, len(header) or usual)
        self._shortest = min((len(record.cells) for record in rows), default=0)
        self._values: dict[int, Counter[str]] = {}
        self._shapes: dict[int, Counter[str]] = {}

    def values(self, column: int) -> Counter[str]:
        """Return how often each value of a column occurs, empty ones left out."""
        if column not in self._values:
            self._values[column] = Counter(self._column(column))
        return self._values[column]

    def shapes(self, column: int) -> Counter[str]:
        """Return how often each shape occurs: a value whose digits are all 0 or 1, zero or not."""
        if column not in self._shapes:
            self._shapes[column] = Counter(map(_SHAPE, self._column(column)))
        return self._shapes[column]

    def is_empty(self, column: int) -> bool:
        return not any(self._column(column))

    def _column(self, column: int) -> Iterable[str]:
        rows: Iterable[Sequence[str]] = map(_CELLS, self.rows)
        if column >= self._shortest:
            rows = filter(lambda cells: column < len(cells), rows)
        return filter(None, map(str.strip, map(itemgetter(column), rows)))

    def holds(self, column: int, form: Callable[[str], bool]) -> bool:
        """Say whether a column has values, and at least half of them have a form.

        A few labels of balances, of rows that are none, do not count.
        """
        formed, others = 0, Counter[str]()
        for value, count in islice(self.values(column).items(), _SAMPLE):
            if form(value):
                formed += count
            else:
                others[value] = count
        if formed and len(others) <= _MOST_LABELS:
            others = Counter({text: others[text] for text in others if not names_balance(text)})
        return formed > 0 and formed * 100 >= _MOSTLY * (formed + others.total())
