"""From the text of a CSV file to its records: RFC 4180, and quotes that are never closed."""

import csv
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from adapters.statements.limits import MAX_LINE, too_many
from domain.ledger.errors import StatementTooLarge, UnreadableStatement
from domain.ledger.profile_flaws import MAX_COLUMNS
from domain.shared.result import Failure, Result, Success

#: Records in which a header is looked for.
HEAD = 200
#: Lines of a file, empty ones included, and values in all of them.
MAX_LINES = 2_000_000
MAX_CELLS = 6_000_000


class Record(NamedTuple):
    """The values of a record, the line on which it begins, and how many lines it takes."""

    line: int
    cells: Sequence[str]
    lines: int = 1


def lines_of(text: str) -> Result[list[str], UnreadableStatement | StatementTooLarge]:
    """Return the lines of a file, whichever way they end, if there are not too many."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")
    if text.count("\n") >= MAX_LINES:
        return too_many(MAX_LINES, "lines")
    lines = text.split("\n")
    if any(len(line) > MAX_LINE for line in lines):
        told = f"A line of the file is longer than {MAX_LINE:,} characters."
        return Failure(UnreadableStatement(told))
    return Success(lines)


def read_records(
    lines: Sequence[str], delimiter: str, most: int
) -> Result[list[Record], UnreadableStatement | StatementTooLarge]:
    """Return all records that are not empty, if they can be a header and at most `most` rows."""
    if sum(line.count(delimiter) for line in lines) > MAX_CELLS:
        return too_many(MAX_CELLS, "values")
    found: list[Record] = []
    source = _Source(lines)
    try:
        for cells in csv.reader(source, delimiter=delimiter):
            if any(cells):
                height = source.line - source.began
                found.append(Record(source.began + 1, tuple(cells[: MAX_COLUMNS + 1]), height))
            if len(found) > most + HEAD:
                return too_many(most)
            source.began = source.line
    except (csv.Error, _Endless):
        told = f"A quote that opens on line {source.began + 1} of the file is not closed."
        return Failure(UnreadableStatement(told))
    return Success(found)


class _Endless(Exception):
    """A record goes on for more than a line may."""


class _Source:
    """Hands out lines, and knows where the record began that takes them."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self.line = 0
        self.began = 0
        self._taken = 0

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            first = self.line == self.began
            self._taken = len(line) if first else self._taken + len(line) + 1
            if self._taken > MAX_LINE:
                raise _Endless
            self.line += 1
            yield line + "\n"
