"""The dialect of a file: its delimiter, and the header that separates its rows from a preamble."""

from collections.abc import Sequence
from typing import NamedTuple

from adapters.statements.csv.amounts import parse_token
from adapters.statements.csv.dates import is_date
from adapters.statements.csv.records import HEAD, Record, Table, read_records, repair, usual_width
from adapters.statements.csv.words import KNOWN, normalize_header
from domain.ledger.errors import StatementTooLarge, UnreadableStatement
from domain.ledger.profile_validation import DELIMITERS
from domain.shared.result import Failure, Result, Success


class Layout(NamedTuple):
    """The records of a file, `header_rows` of which stand before the first row of data."""

    delimiter: str
    records: Sequence[Record]
    header: Sequence[str] = ()
    header_rows: int = 0

    @property
    def rows(self) -> Sequence[Record]:
        return self.records[self.header_rows :]

    @property
    def above(self) -> Sequence[Record]:
        """The records above the header, or above the rows of a file without a header."""
        return self.records[: max(self.header_rows - bool(self.header), 0)]

    @property
    def width(self) -> int:
        return usual_width(self.rows)

    @property
    def table(self) -> Table:
        rows = [row for row in self.rows if row.cells != self.header]
        return Table(self.header, rows, usual_width(rows))

    def with_header(self, header_rows: int, header: Sequence[str]) -> "Layout":
        return self._replace(header_rows=header_rows, header=header)


def lay_out(
    lines: Sequence[str], delimiter: str, most: int
) -> Result[Layout, UnreadableStatement | StatementTooLarge]:
    """Return the records of a file, all of them rows until a header is found."""
    records = read_records(lines, delimiter, most)
    if isinstance(records, Failure):
        return records
    return Success(Layout(delimiter, repair(records.value, lines, delimiter)))


def find_delimiter(lines: Sequence[str]) -> str | None:
    """Return the delimiter that gives the most known headers, then the most rows of one width."""
    best: tuple[tuple[int, int, int], str] | None = None
    for delimiter in DELIMITERS:
        laid = lay_out(lines[:HEAD], delimiter, HEAD)
        if isinstance(laid, Failure) or (width := laid.value.width) < 2:
            continue
        records = laid.value.records
        known = max((_known_headers(record) for record in records), default=0)
        score = (known, sum(len(record.cells) == width for record in records), width)
        if best is None or score > best[0]:
            best = score, delimiter
    return best[1] if best else None


def find_header(layout: Layout) -> Layout:
    """Find the header by its words, or above the first row that has a date and an amount."""
    head = layout.records[:HEAD]
    known = [_known_headers(record) for record in head]
    most = max(known, default=0)
    if most >= 2:
        at = known.index(most)
        return layout.with_header(at + 1, head[at].cells)
    first = next((at for at, record in enumerate(head) if _is_row(record)), 0)
    above = head[first - 1].cells if first else ()
    named = len(above) == layout.width and not any(map(str.isdigit, "".join(above)))
    return layout.with_header(first, above if named else ())


def _known_headers(record: Record) -> int:
    """Count the known headers of a record; a record with a date has none."""
    cells = [cell for cell in record.cells if cell]
    if any(is_date(cell) for cell in cells[:50]):
        return 0
    return len({normalize_header(cell) for cell in cells} & KNOWN)


def _is_row(record: Record) -> bool:
    return any(map(is_date, record.cells)) and any(map(parse_token, record.cells))


def is_table(lines: Sequence[str]) -> bool:
    """Say whether the first lines of a file are rows of a statement; the last may be cut off."""
    delimiter = find_delimiter(lines)
    if delimiter is None:
        return False
    laid = lay_out(lines[:HEAD], delimiter, HEAD)
    records = laid.value.records if isinstance(laid, Success) else []
    if any(_is_row(record) or _known_headers(record) >= 2 for record in records):
        return True
    widths = [len(r.cells) for r in records if any(is_date(c) or parse_token(c) for c in r.cells)]
    return any(width > 1 and widths.count(width) > 1 for width in set(widths))
