"""Many rows in one statement: each column is sent as one text, which the server splits.

This is as fast as COPY into a staging table, which row-level security and the application's rights
leave no room for, and several times faster than arrays (decision 0013).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from operator import attrgetter
from typing import Any, TypeVar

from django.db import models

# The PostgreSQL type of each type of field.
_KINDS = {
    "ArrayField": "text[]",
    "BinaryField": "bytea",
    "CharField": "text",
    "DateField": "date",
    "DecimalField": "numeric",
    "JSONField": "jsonb",
    "PositiveIntegerField": "int",
    "TextField": "text",
    "UUIDField": "uuid",
}
# Separators of ASCII. No value may contain them, or the rows would shift.
_UNIT, _NONE, _EMPTY = "\x1f", "\x1e", "\x1d"

# What these stand for where they are not in a column with others.
_SINGLE: dict[str, str | None] = {_NONE: None, _EMPTY: ""}

_TEXT: dict[str, Callable[[Any], str]] = {
    "uuid": attrgetter("hex"),
    "bytea": lambda value: "\\x" + value.hex(),
    "text": lambda value: value or _EMPTY,
    # Of tags, which have neither quotes nor backslashes.
    "text[]": lambda values: "{" + ",".join(f'"{value}"' for value in values) + "}",
}


T = TypeVar("T")
#: How many rows one SQL statement sends.
BATCH = 5000


def batches(items: Sequence[T], size: int = BATCH) -> Iterator[Sequence[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def made_ahead(items: Iterable[T]) -> Iterator[T]:
    """Yield items; while one is being used, the next one is made in a thread."""
    made = iter(items)

    def next_one() -> list[T]:
        return list(islice(made, 1))

    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next_one)
        while item := coming.result():
            coming = thread.submit(next_one)
            yield from item


def types_of(model: type[models.Model], columns: Iterable[str]) -> dict[str, str]:
    """Return the types of columns of a model, in the given order."""
    fields = {field.column: field for field in model._meta.concrete_fields}
    return {name: _KINDS[_target(fields[name]).get_internal_type()] for name in columns}


def _target(field: Any) -> Any:
    return field.target_field if field.is_relation else field


def rows_of(types: Mapping[str, str]) -> str:
    """Return SQL for a table of these columns. Its parameters are what `texts_of` returns."""
    typed = ", ".join(_cast(name, kind) for name, kind in types.items())
    return f"(SELECT {typed}{_from(types)})"


def _from(split: Iterable[str]) -> str:
    """Return the clause that makes rows of the texts of these columns: without any, of one row."""
    names = ", ".join(split)
    texts = ", ".join(f"string_to_array(%({name})s, E'\\x1f', E'\\x1e')" for name in split)
    return f" FROM unnest({texts}) AS texts ({names})" if texts else ""


def texts_of(types: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> dict[str, str]:
    """Return the text of each column, by the column's name."""
    columns = zip(types.items(), zip(*rows, strict=True), strict=True)
    return {name: column_of(kind, column) for (name, kind), column in columns}


def table_of(
    types: Mapping[str, str], columns: Mapping[str, Iterable[Any]]
) -> tuple[str, dict[str, str | None]]:
    """Return SQL for a table of these columns, and its parameters. What rows share is sent once.

    Rows of one account share most columns, and the server has to split whatever is sent.
    """
    texts: dict[str, str | None] = {}
    typed, split = list[str](), list[str]()
    for name, kind in types.items():
        items = _items(kind, columns[name])
        # The first column, which has the ids, says how many rows there are.
        if len(items) == 1 or (split and _are_equal(items)):
            texts[name] = _SINGLE.get(item := _joined(items[:1]), item)
            typed.append(f"%({name})s::{kind} AS {name}")
        else:
            texts[name] = _joined(items)
            typed.append(_cast(name, kind))
            split.append(name)
    return f"(SELECT {', '.join(typed)}{_from(split)})", texts


def column_of(kind: str, values: Iterable[Any]) -> str:
    """Return the text of one column. Raise if a value contains a separator."""
    return _joined(_items(kind, values))


def _items(kind: str, values: Iterable[Any]) -> list[str]:
    text = _TEXT.get(kind, str)
    return [_NONE if value is None else text(value) for value in values]


def _are_equal(items: Sequence[str]) -> bool:
    return items[0] == items[-1] and items.count(items[0]) == len(items)


def _joined(items: Sequence[str]) -> str:
    column = _UNIT.join(items)
    separators = column.count(_UNIT), column.count(_NONE), column.count(_EMPTY)
    if separators != (max(len(items) - 1, 0), items.count(_NONE), items.count(_EMPTY)):
        raise ValueError("a value holds a control character that separates values")
    return column


def array_of(kind: str, parameter: str = "%s") -> str:
    """Return SQL for an array. Its parameter is what `column_of` returns."""
    return f"string_to_array({parameter}, E'\\x1f')::{kind}[]"


def _cast(name: str, kind: str) -> str:
    return f"translate({name}, E'\\x1d', '') AS {name}" if kind == "text" else f"{name}::{kind}"
