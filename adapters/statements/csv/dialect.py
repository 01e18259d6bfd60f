"""The dialect of a file: its delimiter, and the header that separates its rows from a preamble."""

from collections.abc import Sequence

from adapters.statements.csv.amounts import parse_token
from adapters.statements.csv.dates import is_date, numeric_date
from adapters.statements.csv.records import HEAD, Record, read_records, repair
from adapters.statements.csv.sections import Layout, header_rank, known_headers
from adapters.statements.csv.titles import is_row
from adapters.statements.dates import is_year_first
from domain.ledger.errors import StatementTooLarge, UnreadableStatement
from domain.ledger.profile_validation import DELIMITERS
from domain.shared.result import Failure, Result, Success


def lay_out(
    lines: Sequence[str], delimiter: str, most: int
) -> Result[Layout, UnreadableStatement | StatementTooLarge]:
    """Return the records of a file, all of them rows until a header is found."""
    records = read_records(lines, delimiter, most)
    if isinstance(records, Failure):
        return records
    return Success(Layout(delimiter, repair(records.value, lines, delimiter)))


def find_delimiter(lines: Sequence[str]) -> str | None:
    """Return the delimiter with the most known headers, then rows with a day, then of one width."""
    best: tuple[tuple[int, int, int, int], str] | None = None
    for delimiter in DELIMITERS:
        laid = lay_out(lines[:HEAD], delimiter, HEAD)
        if isinstance(laid, Failure) or (width := laid.value.width) < 2:
            continue
        records = laid.value.records
        known = max((known_headers(record) for record in records), default=0)
        alike = sum(len(record.cells) == width for record in records)
        # A decimal comma is in as many lines as a delimiter, and leaves no date beside it.
        score = (known, 0 if known else sum(map(is_row, records)), alike, width)
        if best is None or score > best[0]:
            best = score, delimiter
    return best[1] if best else None


def find_header(layout: Layout) -> Layout:
    """Find the header by its words, or above the first row that has a date and an amount."""
    head = layout.records[:HEAD]
    ranks = [header_rank(record) for record in head]
    best = max(ranks, default=(False, 0))
    most = best[1]
    if most >= 2:
        at = ranks.index(best)
        return layout.with_header(at + 1, head[at].cells)
    first = next((at for at, record in enumerate(head) if is_row(record)), None)
    if first is None:
        # Without a row that is understood, a first line of words is a header all the same.
        named = most and head and not any(map(str.isdigit, "".join(head[0].cells)))
        return layout.with_header(1, head[0].cells) if named else layout.with_header(0, ())
    if first == 0 and _sums_up(head):
        return layout.with_header(1, ())
    above = head[first - 1].cells if first else ()
    named = len(above) == layout.width and not any(map(str.isdigit, "".join(above)))
    return layout.with_header(first, above if named else ())


def _sums_up(head: Sequence[Record]) -> bool:
    """Say whether the first line is none of the rows: only its date begins with the year."""
    dates = [next(filter(is_date, record.cells), "") for record in head if is_row(record)]
    first, *others = map(numeric_date, dates)
    return len(others) > 1 and is_year_first(first) and not any(map(is_year_first, others))


def is_table(lines: Sequence[str]) -> bool:
    """Say whether the first lines of a file are rows of a statement; the last may be cut off."""
    delimiter = find_delimiter(lines)
    if delimiter is None:
        return False
    laid = lay_out(lines[:HEAD], delimiter, HEAD)
    records = laid.value.records if isinstance(laid, Success) else []
    if any(is_row(record) or known_headers(record) >= 2 for record in records):
        return True
    widths = [len(r.cells) for r in records if any(is_date(c) or parse_token(c) for c in r.cells)]
    return any(width > 1 and widths.count(width) > 1 for width in set(widths))
