"""Lists of transfers, and where a page of them ends."""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self
from uuid import UUID

from domain.ledger.transfers import Pair, Suggestion, Transfer
from domain.shared.ids import TransactionId
from domain.shared.pages import InvalidCursor
from domain.shared.result import Failure, Result, Success

_PLACE = re.compile(r"(\d{4}-\d\d-\d\d)([0-9a-f]{32})([0-9a-f]{32})(\d{1,7})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a pair stands in lists: the latest to go out first, and for each the nearest first."""

    day: date
    outgoing_id: TransactionId
    days_apart: int
    incoming_id: TransactionId

    @classmethod
    def of(cls, pair: Pair) -> Self:
        out, into = pair.outgoing, pair.incoming
        return cls(out.booking_date, out.transaction_id, pair.days_apart, into.transaction_id)

    def __str__(self) -> str:
        ids = f"{self.outgoing_id.hex}{self.incoming_id.hex}"
        plain = f"{self.day.isoformat()}{ids}{self.days_apart}"
        return base64.urlsafe_b64encode(plain.encode()).decode()

    @classmethod
    def parse(cls, text: str) -> Result[Self, InvalidCursor]:
        """Read a cursor that a client sends back."""
        place = cls._read(text)
        if place is None or str(place) != text:
            return Failure(InvalidCursor("The cursor is not one that was given out here."))
        return Success(place)

    @classmethod
    def _read(cls, text: str) -> Self | None:
        try:
            plain = base64.b64decode(text, altchars=b"-_", validate=True).decode("ascii")
            found = _PLACE.fullmatch(plain)
            if found is None:
                return None
            day, outgoing, incoming, days = found.groups()
            return cls(date.fromisoformat(day), _id(outgoing), int(days), _id(incoming))
        except (binascii.Error, ValueError):
            return None


def _id(digits: str) -> TransactionId:
    return TransactionId(UUID(hex=digits))


@dataclass(frozen=True, slots=True)
class TransfersPage:
    """Some pairs in their order, and the place to go on after, if there are more."""

    items: Sequence[Transfer | Suggestion]
    next: Place | None

    @classmethod
    def of(cls, found: Sequence[Transfer | Suggestion], limit: int) -> Self:
        """Make a page of what was found, which is one more where there are more."""
        items = found[:limit]
        return cls(items, Place.of(items[-1].pair) if len(found) > limit else None)
