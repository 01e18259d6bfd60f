"""Lists that are returned a page at a time, newest first, and the cursors between pages."""

import base64
import hashlib
import struct
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, Protocol, Self, TypeVar
from uuid import UUID

from domain.shared.errors import Invalid
from domain.shared.result import Failure, Result, Success

T_co = TypeVar("T_co", covariant=True)

DEFAULT_PAGE_SIZE = 50
MAX_PAGE_SIZE = 500

#: The length of what tells a list from others.
DIGEST_BYTES = 8
_DAY_AND_ID = struct.Struct(">I16s")


class InvalidCursor(Invalid):
    """The text is not a cursor of this list."""

    code = "invalid-cursor"


INVALID_CURSOR = Failure(
    InvalidCursor("This cursor is not valid. Send a `next_cursor` of this list.")
)


class OpaqueCursor(ABC):
    """The position of an item in a list, which clients send back for the items after it."""

    __slots__ = ()

    @abstractmethod
    def pack(self) -> bytes:
        """Return the fields as bytes."""

    @classmethod
    @abstractmethod
    def unpack(cls, packed: bytes) -> Self:
        """Unpack the bytes that `pack` returned; other bytes may raise a `ValueError`."""

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(self.pack()).rstrip(b"=").decode()

    @classmethod
    def parse(cls, text: str) -> Result[Self, InvalidCursor]:
        """Parse a cursor that a client sends back; it must be exactly the text that was sent."""
        try:
            padded = text + "=" * (-len(text) % 4)
            cursor = cls.unpack(base64.b64decode(padded, altchars=b"-_", validate=True))
            return Success(cursor) if str(cursor) == text else INVALID_CURSOR
        except (ValueError, OverflowError, struct.error):
            return INVALID_CURSOR


C = TypeVar("C", bound=OpaqueCursor)


@dataclass(frozen=True, slots=True)
class IdCursor(OpaqueCursor):
    """A position in a list that is ordered by ids."""

    id: UUID

    def pack(self) -> bytes:
        return self.id.bytes

    @classmethod
    def unpack(cls, packed: bytes) -> Self:
        return cls(UUID(bytes=packed))


@dataclass(frozen=True, slots=True)
class Cursor(OpaqueCursor):
    """A position in a list that is ordered by days, and by ids within a day."""

    day: date
    id: UUID

    def pack(self) -> bytes:
        return _DAY_AND_ID.pack(self.day.toordinal(), self.id.bytes)

    @classmethod
    def unpack(cls, packed: bytes) -> Self:
        day, id_bytes = _DAY_AND_ID.unpack(packed)
        return cls(date.fromordinal(day), UUID(bytes=id_bytes))


def digest_of_list(*said: object) -> bytes:
    """Return what tells a list from others, by all that was said to filter and to order it."""
    return hashlib.blake2b(
        repr([str(each) for each in said]).encode(), digest_size=DIGEST_BYTES
    ).digest()


@dataclass(frozen=True, slots=True)
class BoundCursor(OpaqueCursor):
    """The packed position of another cursor, in the one list whose digest it has."""

    list_digest: bytes
    position: bytes

    def pack(self) -> bytes:
        return self.list_digest + self.position

    @classmethod
    def unpack(cls, packed: bytes) -> Self:
        return cls(packed[:DIGEST_BYTES], packed[DIGEST_BYTES:])

    def within(self, list_digest: bytes, kind: type[C]) -> Result[C, InvalidCursor]:
        """Return the position, if it is one in this list."""
        if self.list_digest != list_digest:
            detail = "This cursor is of a list with other filters, or in another order."
            return Failure(InvalidCursor(f"{detail} Begin at the first page."))
        try:
            cursor = kind.unpack(self.position)
            return Success(cursor) if cursor.pack() == self.position else INVALID_CURSOR
        except (ValueError, OverflowError, struct.error):
            return INVALID_CURSOR


class Identified(Protocol):
    """Something with an id."""

    @property
    def id(self) -> UUID: ...


Item = TypeVar("Item", bound=Identified)


@dataclass(frozen=True, slots=True)
class IdPage(Generic[Item]):
    """Some items of a list that is ordered by ids, and the cursor for the ones after them."""

    items: Sequence[Item]
    next: IdCursor | None

    @classmethod
    def of(cls, found: Sequence[Item], limit: int) -> Self:
        """Return a page of what was found, which is one more than `limit` if more follow."""
        items = found[:limit]
        return cls(items, IdCursor(items[-1].id) if len(found) > limit else None)


@dataclass(frozen=True, slots=True)
class Page(Generic[T_co]):
    """Some items, and the cursor for the ones after them; without `next`, they are the last."""

    items: Sequence[T_co]
    next: Cursor | None
