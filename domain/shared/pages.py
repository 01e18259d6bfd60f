"""Bounded lists: a page at a time, newest first, by keyset."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, Self, TypeVar
from uuid import UUID

from domain.shared.errors import Invalid
from domain.shared.result import Failure, Result, Success

T_co = TypeVar("T_co", covariant=True)

DEFAULT_PAGE_SIZE = 50
MAX_PAGE_SIZE = 500


class InvalidCursor(Invalid):
    """Not a cursor that a page of ours gave out."""

    code = "invalid-cursor"


@dataclass(frozen=True, slots=True)
class Cursor:
    """The place after the last item of a page: its day, and its id as the tie-break."""

    day: date
    id: UUID

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(f"{self.day.isoformat()}{self.id.hex}".encode()).decode()

    @classmethod
    def parse(cls, text: str) -> Result[Self, InvalidCursor]:
        """Read a cursor that a client sends back."""
        try:
            plain = base64.b64decode(text, altchars=b"-_", validate=True).decode("ascii")
            cursor = cls(date.fromisoformat(plain[:10]), UUID(hex=plain[10:]))
        except (binascii.Error, ValueError):
            cursor = None
        if cursor is None or str(cursor) != text:
            return Failure(InvalidCursor("The cursor is not one that was given out here."))
        return Success(cursor)


@dataclass(frozen=True, slots=True)
class Page(Generic[T_co]):
    """Some items, and where the next ones begin; no `next` means that these were the last."""

    items: Sequence[T_co]
    next: Cursor | None
