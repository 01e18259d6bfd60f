"""Records that a stray quote has run together."""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence

from adapters.statements.csv.records import Record
from domain.ledger.profile_flaws import MAX_COLUMNS


def usual_width(records: Sequence[Record]) -> int:
    """Return how many values most records have that have more than one."""
    widths = Counter(len(record.cells) for record in records)
    widths.pop(1, None)
    return max(widths, key=lambda width: (widths[width], width), default=1)


def mended(records: Sequence[Record], lines: Sequence[str], delimiter: str) -> Sequence[Record]:
    """Take records apart that a stray quote has run together."""
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
    """Tell whether several lines of a record would be whole without it."""
    return sum(line.count(delimiter) == width - 1 for line in lines) > 1


def _parts(first: int, lines: Sequence[str], delimiter: str) -> Iterator[Record]:
    for number, line in enumerate(lines, start=first):
        for cells in csv.reader([line], delimiter=delimiter):
            if any(cells):
                yield Record(number, tuple(cells[: MAX_COLUMNS + 1]))
