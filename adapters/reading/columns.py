"""Encodes values of the domain as JSON, column by column, and decodes them again.

The shape of a value follows from its annotations, so nothing else can be decoded. A worker that a
file has compromised can report wrong figures for that file; it can neither run code here nor create
a value of another type.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cache
from itertools import chain
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, Protocol, get_args, get_origin, get_type_hints

from domain.shared.records import records

#: Limits of values and characters in one document, so that neither side holds the text of a whole
#: file and the server parses no document for long.
RUN = 5_000
CHARACTERS = 100_000

Emit = Callable[[Any], None]
ReadNext = Callable[[], Any]


class Garbled(Exception):
    """The documents do not have the expected shape."""


class Shape(Protocol):
    """Encodes a column of values of one type into documents, and decodes it."""

    def write(self, values: Sequence[Any], emit: Emit) -> None: ...

    def read(self, count: int, read_next: ReadNext) -> list[Any]: ...


def write_value(kind: Any, value: object, emit: Emit) -> None:
    _shape_of(kind).write([value], emit)


def read_value(kind: Any, documents: Iterator[Any]) -> Any:
    """Decode a value of this type; raise `Garbled` if the documents do not contain one."""
    try:
        value = _shape_of(kind).read(1, _reading_of(documents))[0]
    except (ValueError, TypeError, LookupError, InvalidOperation, RecursionError) as error:
        raise Garbled(type(error).__name__) from None
    for _ in documents:
        raise Garbled("more documents than expected")
    return value


def _reading_of(documents: Iterator[Any]) -> ReadNext:
    def read_next() -> Any:
        for document in documents:
            return document
        raise Garbled("fewer documents than expected")

    return read_next


class _Plain:
    """Types that JSON has itself."""

    def __init__(self, kind: type, length: Callable[[Sequence[Any]], int]) -> None:
        self._kind, self._length = kind, length

    def write(self, values: Sequence[Any], emit: Emit) -> None:
        if not values:
            return
        parts = max(-(-len(values) // RUN), -(-self._length(values) // CHARACTERS))
        if parts > 1 < len(values):
            # One more, so that few parts are still too long, and looked at again.
            size = len(values) // (parts + 1) + 1
            for start in range(0, len(values), size):
                self.write(values[start : start + size], emit)
        else:
            emit(values)

    def read(self, count: int, read_next: ReadNext) -> list[Any]:
        return [value for run in self.runs(count, read_next) for value in run]

    def runs(self, count: int, read_next: ReadNext) -> Iterator[list[Any]]:
        """Yield the values in runs, one for each document."""
        while count:
            run = read_next()
            if type(run) is not list or not 0 < len(run) <= count:
                raise Garbled("a wrong number of values")
            if set(map(type, run)) != {self._kind}:
                raise Garbled("values of a wrong type")
            count -= len(run)
            yield run


class _Converted:
    """Types that are encoded as text."""

    def __init__(self, to_text: Callable[[Any], str], from_text: Callable[[str], Any]) -> None:
        self._to_text, self._from_text = to_text, from_text

    def write(self, values: Sequence[Any], emit: Emit) -> None:
        _TEXT.write(list(map(self._to_text, values)), emit)

    def read(self, count: int, read_next: ReadNext) -> list[Any]:
        # Unlike one `map` call, a loop lets other threads run between two values.
        return [self._from_text(value) for run in _TEXT.runs(count, read_next) for value in run]


class _Optional:
    """Types that may be None: a mark for each value, then the values that are present."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape

    def write(self, values: Sequence[Any], emit: Emit) -> None:
        emit(_marks([value is not None for value in values]))
        self._shape.write([value for value in values if value is not None], emit)

    def read(self, count: int, read_next: ReadNext) -> list[Any]:
        marks = _read_marks(count, read_next)
        present = iter(self._shape.read(marks.count("1"), read_next))
        return [next(present) if mark == "1" else None for mark in marks]


class _Sequence:
    """Lists and tuples: the length of each, then the items of all of them."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape

    def write(self, values: Sequence[Any], emit: Emit) -> None:
        emit(_marks([isinstance(value, tuple) for value in values]))
        _NUMBER.write(list(map(len, values)), emit)
        self._shape.write([each for value in values for each in value], emit)

    def read(self, count: int, read_next: ReadNext) -> list[Any]:
        marks = _read_marks(count, read_next)
        lengths = _NUMBER.read(count, read_next)
        if min(lengths, default=0) < 0:
            raise Garbled("a negative length")
        within = self._shape.read(sum(lengths), read_next)
        values: list[Any] = []
        begin = 0
        for mark, length in zip(marks, lengths, strict=True):
            part = within[begin : begin + length]
            values.append(tuple(part) if mark == "1" else part)
            begin += length
        return values


class _Table:
    """Mappings from strings, or from members of an enumeration, to types that JSON has itself."""

    def __init__(self, key: type, value: type) -> None:
        self._key, self._value = key, value
        self._objects = _Plain(dict, _length_of_tables if value is str else len)

    def write(self, values: Sequence[Any], emit: Emit) -> None:
        self._objects.write([each if type(each) is dict else dict(each) for each in values], emit)

    def read(self, count: int, read_next: ReadNext) -> list[Any]:
        tables = self._objects.read(count, read_next)
        if set(map(type, _values(tables))) - {self._value}:
            raise Garbled("values of a wrong type")
        if self._key is str:
            return tables
        return [{self._key(key): value for key, value in table.items()} for table in tables]


class _Record:
    """Dataclasses: a column for each field."""

    def __init__(self, kind: type) -> None:
        hints = get_type_hints(kind)
        self._kind = kind
        self._shapes = {each.name: _shape_of(hints[each.name]) for each in _fields(kind)}
        # A class that cannot be made in this way is a mistake of ours, not of a file.
        records(kind, 0, dict.fromkeys(self._shapes, ()))

    def write(self, values: Sequence[Any], emit: Emit) -> None:
        for name, shape in self._shapes.items():
            shape.write(list(map(attrgetter(name), values)), emit)

    def read(self, count: int, read_next: ReadNext) -> list[Any]:
        columns = {name: shape.read(count, read_next) for name, shape in self._shapes.items()}
        return records(self._kind, count, columns)


def _length_of_texts(texts: Sequence[str]) -> int:
    return sum(map(len, texts))


def _length_of_tables(tables: Sequence[Mapping[str, str]]) -> int:
    return _length_of_texts([*chain.from_iterable(tables), *_values(tables)])


def _values(tables: Iterable[Mapping[str, Any]]) -> Iterator[Any]:
    return chain.from_iterable([table.values() for table in tables])


_TEXT, _NUMBER = _Plain(str, _length_of_texts), _Plain(int, len)
_DIGITS = bytes.maketrans(b"\x00\x01", b"01")
_CONVERTED = {
    date: _Converted(date.isoformat, date.fromisoformat),
    Decimal: _Converted(str, Decimal),
}


@cache
def _shape_of(hint: Any) -> Shape:
    if hint in (str, int, bool):
        return _TEXT if hint is str else _Plain(hint, len)
    if hint in _CONVERTED:
        return _CONVERTED[hint]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _Converted(attrgetter("value"), {each.value: each for each in hint}.__getitem__)
    if isinstance(hint, type) and is_dataclass(hint):
        return _Record(hint)
    return _shape_around(get_origin(hint), get_args(hint))


def _shape_around(origin: Any, inner: tuple[Any, ...]) -> Shape:
    if origin is UnionType and NoneType in inner and len(inner) == 2:
        (some,) = set(inner) - {NoneType}
        return _Optional(_shape_of(some))
    if origin is Sequence:
        return _Sequence(_shape_of(inner[0]))
    if origin is Mapping:
        return _Table(*inner)
    raise TypeError(f"{origin}{inner} cannot be encoded.")


def _fields(kind: Any) -> Iterable[Any]:
    return fields(kind)


def _marks(flags: Iterable[bool]) -> str:
    return bytes(flags).translate(_DIGITS).decode()


def _read_marks(count: int, read_next: ReadNext) -> str:
    marks = read_next()
    if not isinstance(marks, str) or len(marks) != count or set(marks) - {"0", "1"}:
        raise Garbled("invalid marks")
    return marks
