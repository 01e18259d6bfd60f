"""How a file is laid out: its delimiter, what stands above its header, and its rows."""

from collections.abc import Sequence
from typing import NamedTuple

from adapters.statements.csv.cells import written
from adapters.statements.csv.days import is_date
from adapters.statements.csv.headings import heading
from adapters.statements.csv.mending import mended, usual_width
from adapters.statements.csv.records import (
    HEAD,
    Record,
    read_records,
)
from adapters.statements.csv.table import Table
from adapters.statements.csv.words import KNOWN
from domain.ledger.errors import StatementTooLarge, UnreadableStatement
from domain.ledger.profile_flaws import DELIMITERS
from domain.shared.result import Failure, Result, Success


class Layout(NamedTuple):
    """The records of a file; `begin` is how many of them stand before the first row of data."""

    delimiter: str
    records: Sequence[Record]
    header: Sequence[str] = ()
    begin: int = 0

    @property
    def rows(self) -> Sequence[Record]:
        return self.records[self.begin :]

    @property
    def above(self) -> Sequence[Record]:
        """What stands before the header, where there is one, or before the rows."""
        return self.records[: max(self.begin - bool(self.header), 0)]

    @property
    def width(self) -> int:
        return usual_width(self.rows)

    @property
    def table(self) -> Table:
        rows = [row for row in self.rows if row.cells != self.header]
        return Table(self.header, rows, usual_width(rows))

    def begins(self, begin: int, header: Sequence[str]) -> "Layout":
        return self._replace(begin=begin, header=header)


def lay_out(
    lines: Sequence[str], delimiter: str, most: int
) -> Result[Layout, UnreadableStatement | StatementTooLarge]:
    """Return the records of a file, with all of them for rows."""
    records = read_records(lines, delimiter, most)
    if isinstance(records, Failure):
        return records
    return Success(Layout(delimiter, mended(records.value, lines, delimiter)))


def find_delimiter(lines: Sequence[str]) -> str | None:
    """Return what is between the values: it makes a header's words, or rows that are alike."""
    best: tuple[tuple[int, int, int], str] | None = None
    for delimiter in DELIMITERS:
        laid = lay_out(lines[:HEAD], delimiter, HEAD)
        if isinstance(laid, Failure) or (width := laid.value.width) < 2:
            continue
        records = laid.value.records
        words = max((_words(record) for record in records), default=0)
        score = (words, sum(len(record.cells) == width for record in records), width)
        if best is None or score > best[0]:
            best = score, delimiter
    return best[1] if best else None


def with_header(layout: Layout) -> Layout:
    """Find the header by its words, or as what stands above the first row with date and amount."""
    head = layout.records[:HEAD]
    words = [_words(record) for record in head]
    most = max(words, default=0)
    if most >= 2:
        at = words.index(most)
        return layout.begins(at + 1, head[at].cells)
    first = next((at for at, record in enumerate(head) if _is_row(record)), 0)
    above = head[first - 1].cells if first else ()
    named = len(above) == layout.width and not any(map(str.isdigit, "".join(above)))
    return layout.begins(first, above if named else ())


def _words(record: Record) -> int:
    """Return how many known headers a record has; none when it holds a date."""
    cells = [cell for cell in record.cells if cell]
    if any(is_date(cell) for cell in cells[:50]):
        return 0
    return len({heading(cell) for cell in cells} & KNOWN)


def _is_row(record: Record) -> bool:
    return any(map(is_date, record.cells)) and any(map(written, record.cells))


def is_table(lines: Sequence[str]) -> bool:
    """Tell whether the first lines of a file are rows of a statement; the last may be cut off."""
    delimiter = find_delimiter(lines)
    if delimiter is None:
        return False
    laid = lay_out(lines[:HEAD], delimiter, HEAD)
    records = laid.value.records if isinstance(laid, Success) else []
    if any(_is_row(record) or _words(record) >= 2 for record in records):
        return True
    told = [len(r.cells) for r in records if any(is_date(c) or written(c) for c in r.cells)]
    return any(width > 1 and told.count(width) > 1 for width in set(told))
