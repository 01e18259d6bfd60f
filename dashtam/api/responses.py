"""Responses in JSON, and what their bodies have in common."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from http import HTTPStatus
from typing import Any, Generic, Protocol, Self, TypeVar

from django.http import HttpResponse
from pydantic import BaseModel

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")
Item = TypeVar("Item")


class Response(BaseModel):
    """The body of a response, or a part of one."""

    @classmethod
    def copy_from(cls, source: object, **others: Any) -> Self:
        """Copy each field from the attribute of the same name, except those that are given."""
        copied = {name: getattr(source, name) for name in cls.model_fields if name not in others}
        return cls(**copied, **others)


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


def respond(
    body: BaseModel, status: HTTPStatus = HTTPStatus.OK, *, location: str | None = None
) -> HttpResponse:
    """Respond with JSON, and with the path of what was created, if anything was."""
    return _json_response(body.model_dump_json(), status, location)


async def respond_in_thread(
    make: Callable[..., BaseModel],
    *args: Any,
    status: HTTPStatus = HTTPStatus.OK,
    location: str | None = None,
) -> HttpResponse:
    """Respond with JSON that may be long: it is made and serialized off the event loop."""
    text = await asyncio.to_thread(lambda: make(*args).model_dump_json())
    return _json_response(text, status, location)


def no_content() -> HttpResponse:
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def _json_response(text: str, status: HTTPStatus, location: str | None) -> HttpResponse:
    headers = {"Cache-Control": "no-store"}
    if location is not None:
        headers["Location"] = f"/api/v1/{location}"
    return HttpResponse(text, status=status, content_type="application/json", headers=headers)
