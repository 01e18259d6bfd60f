"""The rows of a file by columns, and what stands in them."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from operator import itemgetter, methodcaller

from adapters.statements.csv.cells import written
from adapters.statements.csv.headings import heading
from adapters.statements.csv.records import Record

# Of a hundred values of a column, so many have to be what it is taken for; so many are looked at.
_MOST = 50
_ENOUGH = 5_000
_SHAPE = methodcaller("translate", str.maketrans("23456789", "11111111"))
_CELLS: Callable[[Record], Sequence[str]] = itemgetter(1)


class Table:
    """The rows of a file by columns: each has from `narrowest` to `width` values."""

    def __init__(self, header: Sequence[str], rows: Sequence[Record], usual: int) -> None:
        self.header = header
        self.names = [heading(name) for name in header]
        self.rows = rows
        self.width = max(usual, len(header))
        self.narrowest = min(usual, len(header) or usual)
        self._shortest = min((len(record.cells) for record in rows), default=0)
        self._values: dict[int, Counter[str]] = {}
        self._shapes: dict[int, Counter[str]] = {}

    def values(self, column: int) -> Counter[str]:
        """Return how many rows have which value in a column, empty ones left out."""
        if column not in self._values:
            self._values[column] = Counter(self._column(column))
        return self._values[column]

    def shapes(self, column: int) -> Counter[str]:
        """Return how many values have which shape: of figures, only whether they are nothing."""
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

    def holds_money(self, column: int) -> bool:
        """Tell whether a column holds something, and most of it are amounts."""
        shapes = self.shapes(column)
        money = sum(count for shape, count in shapes.items() if written(shape))
        return bool(shapes) and money * 100 >= _MOST * shapes.total()

    def holds(self, column: int, form: Callable[[str], bool]) -> bool:
        """Tell whether a column holds something, and most of it has a form."""
        values = list(islice(self.values(column).items(), _ENOUGH))
        formed = sum(count for value, count in values if form(value))
        return bool(values) and formed * 100 >= _MOST * sum(count for _, count in values)
