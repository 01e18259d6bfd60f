"""The inbox: everything that waits for its user's decision, in one list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self, TypeAlias

from domain.ledger.conflicts import Conflict
from domain.ledger.entities import Leg
from domain.ledger.suggested_matches import SuggestedMatch
from domain.ledger.transfers import Suggestion, Transfer, TransferCursor
from domain.shared.pages import IdCursor, OpaqueCursor

InnerCursor: TypeAlias = IdCursor | TransferCursor


class InboxKind(StrEnum):
    """What a user has to decide, in the order of the list."""

    CONFLICT = "conflict"
    MATCH = "match"
    TRANSFER = "transfer"

    @property
    def rank(self) -> int:
        return list(InboxKind).index(self)


@dataclass(frozen=True, slots=True)
class InboxCursor(OpaqueCursor):
    """A position in the list of one kind; without it, the beginning of that list."""

    kind: InboxKind
    after: InnerCursor | None = None

    def pack(self) -> bytes:
        return bytes([self.kind.rank]) + (self.after.pack() if self.after else b"")

    @classmethod
    def unpack(cls, packed: bytes) -> Self:
        if not packed or packed[0] >= len(InboxKind):
            raise ValueError("not a cursor of the inbox")
        kind, inner = list(InboxKind)[packed[0]], packed[1:]
        cursor = TransferCursor if kind is InboxKind.TRANSFER else IdCursor
        return cls(kind, cursor.unpack(inner) if inner else None)


@dataclass(frozen=True, slots=True)
class InboxItem:
    """Two transactions about which there is something to decide."""

    kind: InboxKind
    content: Conflict | SuggestedMatch | Transfer | Suggestion

    @property
    def legs(self) -> tuple[Leg, Leg]:
        """The two transactions: first what was added, or what money left."""
        if isinstance(self.content, Conflict | SuggestedMatch):
            return self.content.added, self.content.existing
        return self.content.pair.outgoing, self.content.pair.incoming


@dataclass(frozen=True, slots=True)
class InboxPage:
    """Some items, and the cursor for the ones after them; the first page has counts by kind."""

    items: Sequence[InboxItem]
    next: InboxCursor | None
    waiting: Mapping[InboxKind, int] | None = None
