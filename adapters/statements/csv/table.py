"""The rows of a file by columns."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from operator import itemgetter, methodcaller

from adapters.statements.csv.records import Record
from adapters.statements.csv.words import normalize_header

# A column has a form when this percentage of its first values have it.
_MOSTLY = 50
_SAMPLE = 5_000
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
        """Say whether a column has values, and at least half of them have a form."""
        values = list(islice(self.values(column).items(), _SAMPLE))
        formed = sum(count for value, count in values if form(value))
        return bool(values) and formed * 100 >= _MOSTLY * sum(count for _, count in values)
