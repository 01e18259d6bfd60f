"""Pages of transfers, and their cursors."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self
from uuid import UUID

from domain.ledger.transfers import Pair, Suggestion, Transfer
from domain.shared.ids import TransactionId
from domain.shared.pages import OpaqueCursor

_LAYOUT = struct.Struct(">I16sI16s")
_MOST_DAYS_APART = date.max.toordinal()


@dataclass(frozen=True, slots=True)
class TransferCursor(OpaqueCursor):
    """The cursor of a pair: latest outgoing first, and for each the nearest day first."""

    day: date
    outgoing_id: TransactionId
    days_apart: int
    incoming_id: TransactionId

    @classmethod
    def of(cls, pair: Pair) -> Self:
        out, into = pair.outgoing, pair.incoming
        return cls(out.booking_date, out.transaction_id, pair.days_apart, into.transaction_id)

    def pack(self) -> bytes:
        return _LAYOUT.pack(
            self.day.toordinal(), self.outgoing_id.bytes, self.days_apart, self.incoming_id.bytes
        )

    @classmethod
    def unpack(cls, packed: bytes) -> Self:
        day, outgoing, days_apart, incoming = _LAYOUT.unpack(packed)
        if days_apart > _MOST_DAYS_APART:
            raise ValueError("more days than there are")
        return cls(
            date.fromordinal(day),
            TransactionId(UUID(bytes=outgoing)),
            days_apart,
            TransactionId(UUID(bytes=incoming)),
        )


@dataclass(frozen=True, slots=True)
class TransfersPage:
    """Some pairs in order, and the cursor for the ones after them, if there are more."""

    items: Sequence[Transfer | Suggestion]
    next: TransferCursor | None

    @classmethod
    def of(cls, found: Sequence[Transfer | Suggestion], limit: int) -> Self:
        """Make a page of the items that were found: one more than `limit` if there are more."""
        items = found[:limit]
        return cls(items, TransferCursor.of(items[-1].pair) if len(found) > limit else None)
