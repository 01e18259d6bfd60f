"""Rows and entities: a field of an entity is the column of the same name."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from types import NoneType, SimpleNamespace
from typing import Any, TypeAlias, TypeVar, get_args, get_origin, get_type_hints
from uuid import UUID

from django.db import connection, models

T = TypeVar("T")
Given: TypeAlias = Sequence[Any] | Mapping[str, Any]

#: What the database driver returns as the domain has it.
_SAME = (str, int, bool, Decimal, date, datetime, UUID)


def row_of(sql: str, given: Given) -> SimpleNamespace | None:
    """Return the first row of a statement."""
    return next(iter(rows_of(sql, given)), None)


def rows_of(sql: str, given: Given) -> list[SimpleNamespace]:
    """Return the rows of a statement, with their columns by name: no models are made of them."""
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        # What `description` makes of each column takes longer than the row.
        result = cursor.cursor.pgresult
        names = [result.fname(index).decode() for index in range(result.nfields)]
        return [SimpleNamespace(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def entity_of(kind: type[T], row: models.Model | SimpleNamespace, **others: Any) -> T:
    """Return the entity of a row; `others` are its fields that are not columns of this name."""
    conversions = _conversions(kind).items()  # type: ignore[arg-type]  # a class is hashable
    read = {name: to(getattr(row, name)) for name, to in conversions if name not in others}
    return kind(**read, **others)


def columns_of(entity: Any, *, except_for: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the columns of an entity: those that are inserted, or updated."""
    names = (each.name for each in fields(entity) if each.name not in except_for)
    return {name: _plain(getattr(entity, name)) for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    if is_dataclass(value) and not isinstance(value, type):
        (only,) = fields(value)
        return getattr(value, only.name)
    return value


@cache
def _conversions(kind: type[Any]) -> Mapping[str, Callable[[Any], Any]]:
    types = get_type_hints(kind)
    return {each.name: _conversion(types[each.name]) for each in fields(kind)}


def _conversion(wanted: Any) -> Callable[[Any], Any]:
    """Return what converts the value of a column to a type, such as an enum or `Email`."""
    wanted = getattr(wanted, "__supertype__", wanted)
    if NoneType in get_args(wanted):
        convert = _conversion(next(each for each in get_args(wanted) if each is not NoneType))
        return lambda value: None if value is None else convert(value)
    if get_origin(wanted) is frozenset:
        (item,) = get_args(wanted)
        convert_item = _conversion(item)
        return lambda values: frozenset(map(convert_item, values))
    if wanted in _SAME or not isinstance(wanted, type):
        return lambda value: value
    return wanted
