"""Values of the domain as JSON, column by column, and back: nothing else can come of what is read.

The shape of a value follows from its annotations. A worker that a file has taken over can state
wrong figures for that file, and can neither run code here nor make a value of another type.
"""

from collections import deque
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

#: Values of one document, and letters of them: neither side holds the text of a whole file, and
#: no document takes the server long to read.
RUN = 5_000
LETTERS = 100_000

Emit = Callable[[Any], None]
Take = Callable[[], Any]


class Garbled(Exception):
    """What came is not of the shape that was asked for."""


class Shape(Protocol):
    """How a column of values of one type is written into documents, and read from them."""

    def write(self, values: Sequence[Any], emit: Emit) -> None: ...

    def read(self, count: int, take: Take) -> list[Any]: ...


def write_value(kind: type, value: object, emit: Emit) -> None:
    _shape_of(kind).write([value], emit)


def read_value(kind: type, documents: Iterator[Any]) -> Any:
    """Return the value of this type that the documents tell of; raise `Garbled` if they do not."""
    try:
        value = _shape_of(kind).read(1, _taking(documents))[0]
    except (ValueError, TypeError, LookupError, InvalidOperation, RecursionError) as error:
        raise Garbled(type(error).__name__) from None
    for _ in documents:
        raise Garbled("more than was asked for")
    return value


def _taking(documents: Iterator[Any]) -> Take:
    def take() -> Any:
        for document in documents:
            return document
        raise Garbled("less than was asked for")

    return take


class _Plain:
    """What JSON has itself."""

    def __init__(self, kind: type, letters: Callable[[Sequence[Any]], int]) -> None:
        self._kind, self._letters = kind, letters

    def write(self, values: Sequence[Any], emit: Emit) -> None:
        if not values:
            return
        half = len(values) // 2
        if half and (len(values) > RUN or self._letters(values) > LETTERS):
            self.write(values[:half], emit)
            self.write(values[half:], emit)
        else:
            emit(values)

    def read(self, count: int, take: Take) -> list[Any]:
        return [value for run in self.runs(count, take) for value in run]

    def runs(self, count: int, take: Take) -> Iterator[list[Any]]:
        """Yield so many values, as many at a time as stand in a document."""
        while count:
            run = take()
            if type(run) is not list or not 0 < len(run) <= count:
                raise Garbled("another number of values")
            if set(map(type, run)) != {self._kind}:
                raise Garbled("values of another type")
            count -= len(run)
            yield run


class _Told:
    """What is told by a text."""

    def __init__(self, tell: Callable[[Any], str], read: Callable[[str], Any]) -> None:
        self._tell, self._read = tell, read

    def write(self, values: Sequence[Any], emit: Emit) -> None:
        _TEXT.write(list(map(self._tell, values)), emit)

    def read(self, count: int, take: Take) -> list[Any]:
        # Other threads have their turn between two values, as they would not within one `map`.
        return [self._read(value) for run in _TEXT.runs(count, take) for value in run]


class _Maybe:
    """What may be none: a mark for each value, and then those that are there."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape

    def write(self, values: Sequence[Any], emit: Emit) -> None:
        emit(_marks([value is not None for value in values]))
        self._shape.write([value for value in values if value is not None], emit)

    def read(self, count: int, take: Take) -> list[Any]:
        marks = _taken_marks(count, take)
        there = iter(self._shape.read(marks.count("1"), take))
        return [next(there) if mark == "1" else None for mark in marks]


class _Many:
    """Lists and tuples: how long each is, and then what is in all of them."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape

    def write(self, values: Sequence[Any], emit: Emit) -> None:
        emit(_marks([isinstance(value, tuple) for value in values]))
        _NUMBER.write(list(map(len, values)), emit)
        self._shape.write([each for value in values for each in value], emit)

    def read(self, count: int, take: Take) -> list[Any]:
        marks = _taken_marks(count, take)
        lengths = _NUMBER.read(count, take)
        if min(lengths, default=0) < 0:
            raise Garbled("a negative length")
        within = self._shape.read(sum(lengths), take)
        values: list[Any] = []
        begin = 0
        for mark, length in zip(marks, lengths, strict=True):
            part = within[begin : begin + length]
            values.append(tuple(part) if mark == "1" else part)
            begin += length
        return values


class _Table:
    """Mappings from texts, or from words of a kind, to what JSON has itself."""

    def __init__(self, key: type, value: type) -> None:
        self._key, self._value = key, value
        self._objects = _Plain(dict, _letters_of_tables if value is str else len)

    def write(self, values: Sequence[Any], emit: Emit) -> None:
        self._objects.write(list(map(dict, values)), emit)

    def read(self, count: int, take: Take) -> list[Any]:
        tables = self._objects.read(count, take)
        if set(map(type, _values(tables))) - {self._value}:
            raise Garbled("values of another type")
        if self._key is str:
            return tables
        return [{self._key(key): value for key, value in table.items()} for table in tables]


class _Record:
    """Dataclasses: a column for each field."""

    def __init__(self, kind: type) -> None:
        hints = get_type_hints(kind)
        self._kind = kind
        self._shapes = {each.name: _shape_of(hints[each.name]) for each in _fields(kind)}
        if hasattr(kind, "__post_init__"):
            raise TypeError(f"{kind} does more than keep what it is given.")
        self._slots = [getattr(kind, name) for name in self._shapes]

    def write(self, values: Sequence[Any], emit: Emit) -> None:
        for name, shape in self._shapes.items():
            shape.write(list(map(attrgetter(name), values)), emit)

    def read(self, count: int, take: Take) -> list[Any]:
        columns = [shape.read(count, take) for shape in self._shapes.values()]
        # A frozen `__init__` would do the same, in three times the time.
        made: list[Any] = [object.__new__(self._kind) for _ in range(count)]
        for slot, column in zip(self._slots, columns, strict=True):
            deque(map(slot.__set__, made, column), maxlen=0)
        return made


def _letters_of_texts(texts: Sequence[str]) -> int:
    return sum(map(len, texts))


def _letters_of_tables(tables: Sequence[Mapping[str, str]]) -> int:
    return _letters_of_texts([*chain.from_iterable(tables), *_values(tables)])


def _values(tables: Iterable[Mapping[str, Any]]) -> Iterator[Any]:
    return chain.from_iterable([table.values() for table in tables])


_TEXT, _NUMBER = _Plain(str, _letters_of_texts), _Plain(int, len)
_DIGITS = bytes.maketrans(b"\x00\x01", b"01")
_TOLD = {date: _Told(date.isoformat, date.fromisoformat), Decimal: _Told(str, Decimal)}


@cache
def _shape_of(hint: Any) -> Shape:
    if hint in (str, int, bool):
        return _TEXT if hint is str else _Plain(hint, len)
    if hint in _TOLD:
        return _TOLD[hint]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _Told(attrgetter("value"), {each.value: each for each in hint}.__getitem__)
    if isinstance(hint, type) and is_dataclass(hint):
        return _Record(hint)
    return _shape_around(get_origin(hint), get_args(hint))


def _shape_around(origin: Any, inner: tuple[Any, ...]) -> Shape:
    if origin is UnionType and NoneType in inner and len(inner) == 2:
        (some,) = set(inner) - {NoneType}
        return _Maybe(_shape_of(some))
    if origin is Sequence:
        return _Many(_shape_of(inner[0]))
    if origin is Mapping:
        return _Table(*inner)
    raise TypeError(f"No shape is known for {origin}{inner}.")


def _fields(kind: Any) -> Iterable[Any]:
    return fields(kind)


def _marks(told: Iterable[bool]) -> str:
    return bytes(told).translate(_DIGITS).decode()


def _taken_marks(count: int, take: Take) -> str:
    marks = take()
    if not isinstance(marks, str) or len(marks) != count or set(marks) - {"0", "1"}:
        raise Garbled("other marks than these")
    return marks
