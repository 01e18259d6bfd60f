"""The rows of a file by columns, and what stands in them."""

from collections import Counter
from collections.abc import Callable, Sequence

from adapters.statements.csv.cells import written
from adapters.statements.csv.headings import heading
from adapters.statements.csv.records import Record

# Of a hundred values of a column, so many have to be what it is taken for.
_MOST = 50
_SHAPE = str.maketrans("23456789", "11111111")


class Table:
    """The rows of a file by columns; `header` is empty where it has none.

    Rows have from `narrowest` to `width` values.
    """

    def __init__(self, header: Sequence[str], rows: Sequence[Record], usual: int) -> None:
        self.header = header
        self.names = [heading(name) for name in header]
        self.rows = rows
        self.width = max(usual, len(header))
        self.narrowest = min(usual, len(header) or usual)
        self._values: dict[int, set[str]] = {}
        self._shapes: dict[int, Counter[str]] = {}

    def values(self, column: int) -> set[str]:
        """Return the different values of a column, empty ones left out."""
        if column not in self._values:
            rows = (record.cells for record in self.rows)
            self._values[column] = {row[column].strip() for row in rows if column < len(row)} - {""}
        return self._values[column]

    def shapes(self, column: int) -> Counter[str]:
        """Return how many values have which shape: of figures, only whether they are nothing."""
        if column not in self._shapes:
            self._shapes[column] = Counter(each.translate(_SHAPE) for each in self.values(column))
        return self._shapes[column]

    def holds_money(self, column: int) -> bool:
        """Tell whether a column holds something, and most of it are amounts."""
        shapes = self.shapes(column)
        money = sum(count for shape, count in shapes.items() if written(shape))
        return money * 100 > _MOST * shapes.total()

    def is_empty(self, column: int) -> bool:
        return not self.values(column)

    def holds(self, column: int, form: Callable[[str], bool]) -> bool:
        """Tell whether a column holds something, and most of it has a form."""
        values = self.values(column)
        return bool(values) and sum(map(form, values)) * 100 > _MOST * len(values)
