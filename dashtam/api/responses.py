"""Responses in JSON, and what their bodies have in common."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from http import HTTPStatus
from typing import Any, Final, Generic, Protocol, Self, TypeVar

from django.http import HttpResponse
from pydantic import BaseModel
from pydantic_core import to_json

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")
Item = TypeVar("Item")


#: A longer list is written in a thread; for a shorter one, to switch to it takes longer.
MOST_AT_ONCE: Final = 100


class Response(BaseModel):
    """The body of a response, or a part of one."""

    @classmethod
    def copy_from(cls, source: object, **others: Any) -> Self:
        """Copy each field from the attribute of the same name, except those that are given."""
        return cls(**cls.values_from(source, **others))

    @classmethod
    def values_from(cls, source: object, **others: Any) -> dict[str, Any]:
        """Return the fields as `copy_from` has them: a long list needs no object for each item."""
        names = _fields_of(cls)
        return {name: others[name] if name in others else getattr(source, name) for name in names}


@cache
def _fields_of(response: type[BaseModel]) -> tuple[str, ...]:
    return tuple(response.model_fields)


class ListResponse(Response, Generic[Item]):
    """A whole list."""

    items: Sequence[Item]

    @classmethod
    def of(cls, items: Iterable[T], make: Callable[[T], Item]) -> Self:
        return cls(items=[make(item) for item in items])


class PageOf(Protocol[T_co]):
    """Some items of a list, and where the next ones begin."""

    @property
    def items(self) -> Sequence[T_co]: ...

    @property
    def next(self) -> object | None: ...


class PageResponse(Response, Generic[Item]):
    """A page of a list; without `next_cursor` it is the last."""

    items: Sequence[Item]
    next_cursor: str | None

    @classmethod
    def of(cls, page: PageOf[T], make: Callable[[T], Item], **more: Any) -> Self:
        cursor = None if page.next is None else str(page.next)
        return cls(items=[make(item) for item in page.items], next_cursor=cursor, **more)


async def respond_with_page(
    page: PageOf[T], values_of: Callable[[T], Mapping[str, Any]], **more: Any
) -> HttpResponse:
    """Respond with a page of items of plain values, off the event loop if there are many."""

    def make() -> bytes:
        items = [values_of(item) for item in page.items]
        cursor = None if page.next is None else str(page.next)
        return to_json({"items": items, "next_cursor": cursor, **more})

    is_long = len(page.items) > MOST_AT_ONCE
    return _json_response(await asyncio.to_thread(make) if is_long else make())


def respond(
    body: BaseModel, status: HTTPStatus = HTTPStatus.OK, *, location: str | None = None
) -> HttpResponse:
    """Respond with JSON, and with the path of what was created, if anything was."""
    return _json_response(body.model_dump_json().encode(), status, location)


async def respond_in_thread(
    make: Callable[..., BaseModel],
    *args: Any,
    status: HTTPStatus = HTTPStatus.OK,
    location: str | None = None,
) -> HttpResponse:
    """Respond with JSON that may be long: it is made and serialized off the event loop."""
    text = await asyncio.to_thread(lambda: make(*args).model_dump_json())
    return _json_response(text.encode(), status, location)


def no_content() -> HttpResponse:
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def _json_response(
    body: bytes, status: HTTPStatus = HTTPStatus.OK, location: str | None = None
) -> HttpResponse:
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    if location is not None:
        headers["Location"] = f"/api/v1/{location}"
    return HttpResponse(body, status=status, headers=headers)
