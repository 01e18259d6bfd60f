"""Records of a CSV file: RFC 4180, and the repair of what stray quotes run together."""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from hashlib import sha256
from itertools import chain, islice
from operator import itemgetter, methodcaller
from typing import NamedTuple

from adapters.statements.csv.words.balances import names_balance
from adapters.statements.csv.words.headings import normalize_header
from adapters.statements.limits import MAX_LINE
from domain.ledger.errors import StatementTooLarge, UnreadableStatement, too_many
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
    if max(map(len, lines)) > MAX_LINE:
        detail = f"A line of the file is longer than {MAX_LINE:,} characters."
        return Failure(UnreadableStatement(detail))
    return Success(lines)


def read_records(
    lines: Sequence[str], delimiter: str, most: int
) -> Result[list[Record], UnreadableStatement | StatementTooLarge]:
    """Return the records that are not empty: at most a header and `most` rows."""
    if sum(line.count(delimiter) for line in lines) > MAX_CELLS:
        return too_many(MAX_CELLS, "values")
    is_quoted = any('"' in line for line in lines)
    records = _parsed(lines, delimiter) if is_quoted else _split(lines, delimiter)
    try:
        found = list(islice(records, most + HEAD + 1))
    except _Unclosed as unclosed:
        detail = f"A quote that opens on line {unclosed.line} of the file is not closed."
        return Failure(UnreadableStatement(detail))
    return too_many(most) if len(found) > most + HEAD else Success(found)


def _split(lines: Sequence[str], delimiter: str) -> Iterator[Record]:
    """Yield the records of lines without quotes: this is the fast path, and most files take it."""
    for number, line in enumerate(lines, start=1):
        if line.strip(delimiter):
            yield Record(number, tuple(line.split(delimiter)[: MAX_COLUMNS + 1]))


def _parsed(lines: Sequence[str], delimiter: str) -> Iterator[Record]:
    source = _LineSource(lines)
    try:
        for cells in csv.reader(source, delimiter=delimiter):
            if any(cells):
                height = source.line - source.began
                yield Record(source.began + 1, tuple(cells[: MAX_COLUMNS + 1]), height)
            source.began = source.line
    except (csv.Error, _TooLong) as error:
        raise _Unclosed(source.began + 1) from error


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
        # The quote that is not closed is one of the text.
        if line.count('"') % 2:
            read = csv.reader([line], delimiter=delimiter, quoting=csv.QUOTE_NONE)
        else:
            read = csv.reader([line], delimiter=delimiter)
        for cells in read:
            if any(cells):
                yield Record(number, tuple(cells[: MAX_COLUMNS + 1]))


def cell_of(record: Record, at: int) -> str:
    """Return the value of a column, which is empty where a record ends early."""
    return record.cells[at].strip() if 0 <= at < len(record.cells) else ""


# An amount, a number of an account or the code of a currency: a title is none of these.
_VALUE = re.compile(r"[A-Z]{3}|(?:[A-Za-z]{2}\d{2}[A-Za-z]{0,4})?[\d.,’'/* -]*\d.{0,6}", re.ASCII)


def _parted(cell: str) -> tuple[str, str, str]:
    return cell.partition(":")


# The value of a label may not be left out: then it is in the next cell.
_LABEL_AND_VALUE = re.compile(r"[^:]{2,60}:\s*[^\s:].*")


def labelled(above: Sequence[Record]) -> Iterator[tuple[str, str]]:
    """Yield labels and their values: side by side, with a colon between them, or in two lines."""
    before = ""
    for record in above:
        cells = [cell.strip() for cell in record.cells if cell.strip()]
        label, _, value = (cells or [""])[0].partition(":")
        if len(cells) > 1 and all(map(_LABEL_AND_VALUE.fullmatch, cells)):
            yield from ((name.strip(), said.strip()) for name, _, said in map(_parted, cells))
        elif len(cells) > 1:
            yield cells[0], cells[1]
        elif value.strip():
            yield label, value.strip()
        elif before and cells and _VALUE.fullmatch(cells[0]):
            yield before, cells[0]
        before = label if len(cells) == 1 and not value.strip() else ""


class _TooLong(Exception):
    """A record is longer than a line may be."""


class _Unclosed(Exception):
    """A quote opens on a line and is not closed."""

    def __init__(self, line: int) -> None:
        self.line = line


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
# So many different values of a column are looked at: fewer of each where a table has many columns.
_SAMPLE, _LEAST, _OF_TABLE = 5_000, 200, 150_000
# So many values of a column may be labels of balances.
_MOST_LABELS = 4
# A few characters of a digest tell the layouts apart that one user has.
_DIGEST = 12
_DIGITS = re.compile(r"\d+", re.ASCII)
_SHAPE = methodcaller("translate", str.maketrans("23456789", "11111111"))
_CELLS: Callable[[Record], Sequence[str]] = itemgetter(1)


class Table:
    """The rows of a file by columns: each has from `narrowest` to `width` values.

    `above` are the lines above its header.
    """

    def __init__(
        self,
        header: Sequence[str],
        rows: Sequence[Record],
        usual: int,
        above: Sequence[Record] = (),
    ) -> None:
        self.header = header
        self.above = above
        self.rows = rows
        self.width = max(usual, len(header))
        #: The words of every heading, empty where a column has none.
        self.names = [*map(normalize_header, header), *([""] * (self.width - len(header)))]
        self.narrowest = min(usual, len(header) or usual)
        self._shortest = min((len(record.cells) for record in rows), default=0)
        self._values: dict[int, Counter[str]] = {}
        self._forms: dict[tuple[int, Callable[[str], bool]], bool] = {}
        self._shapes: dict[int, Counter[str]] = {}

    @property
    def layout(self) -> str:
        """What tells the layout of a bank from others, without what differs between its files."""
        words = "|".join(_DIGITS.sub("", name) for name in self.names)
        return f"csv {sha256(words.encode()).hexdigest()[:_DIGEST]}"

    @cached_property
    def headings(self) -> Counter[str]:
        """How many columns have each heading."""
        return Counter(map(str.strip, self.header))

    @cached_property
    def longest(self) -> int:
        """The length of the longest value."""
        return max(map(len, chain.from_iterable(map(_CELLS, self.rows))), default=0)

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

    def rows_like(self, column: int, form: Callable[[str], bool]) -> list[Record]:
        """Return the rows whose value in a column has a shape of this form."""
        shapes = {shape for shape in self.shapes(column) if form(shape)}
        if not shapes:
            return []
        return [
            row
            for row in self.rows
            if column < len(row.cells) and _SHAPE(row.cells[column].strip()) in shapes
        ]

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
        if (column, form) not in self._forms:
            self._forms[column, form] = self._holds(column, form)
        return self._forms[column, form]

    def _holds(self, column: int, form: Callable[[str], bool]) -> bool:
        most = max(min(_SAMPLE, _OF_TABLE // self.width), _LEAST)
        sample = dict(islice(self.values(column).items(), most))
        needed = sum(sample.values()) * _MOSTLY
        formed, others = 0, Counter[str]()
        for value, count in sample.items():
            if form(value):
                formed += count
            else:
                others[value] = count
            # What the rest of the values are like does not matter then.
            if formed * 100 >= needed:
                break
        if formed and len(others) <= _MOST_LABELS:
            others = Counter({text: others[text] for text in others if not names_balance(text)})
        return formed > 0 and formed * 100 >= _MOSTLY * (formed + others.total())
