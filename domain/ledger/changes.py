"""The change feed: the ledger can be rebuilt from all changes in their order."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self, TypeAlias
from uuid import UUID

from domain.ledger.categories import Category
from domain.ledger.entities import Account, Holding, Transaction
from domain.ledger.imported import BalanceSnapshot
from domain.shared.errors import Conflict
from domain.shared.ids import AccountId
from domain.shared.pages import OpaqueCursor

# Form, history, position, rank of the resource, id, version.
_LAYOUT = struct.Struct(">B6sQB16sI")
_FORM = 2
_HISTORY_BYTES = 6
_FIRST_ID, _LAST_ID = UUID(int=0), UUID(int=2**128 - 1)
_LAST_VERSION = 2**31 - 1
_LAST_POSITION = 2**63 - 1


class CursorAhead(Conflict):
    """The cursor is from a later state of the ledger, for example from before a restore."""

    code = "cursor-ahead"


class HistoryChanged(Conflict):
    """The cursor is from a history that ended with a restore or a promotion."""

    code = "history-changed"

    @classmethod
    def by_restore(cls) -> Self:
        return cls(
            "A new history of the ledger has begun, after a restore or a promotion."
            " Read it again from the beginning."
        )


class ChangedResource(StrEnum):
    """What can change, in the order in which changes of one database transaction are listed."""

    ACCOUNT = "account"
    TRANSACTION = "transaction"
    BALANCE = "balance"
    HOLDING = "holding"
    CATEGORY = "category"

    @property
    def rank(self) -> int:
        return list(ChangedResource).index(self)


class ChangeKind(StrEnum):
    """The kind of a change: what was removed and is restored counts as added."""

    ADDED = "added"
    MODIFIED = "modified"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedCursor(OpaqueCursor):
    """A position in the feed.

    `position` is the number of the database transaction that wrote the change. `history` is a short
    form of the id of the history in which that number counts.
    """

    history: bytes
    position: int
    resource: ChangedResource
    id: UUID
    version: int

    @classmethod
    def beginning(cls, history: UUID) -> Self:
        """Return the cursor before all changes of a history."""
        return cls(
            history=history.bytes[:_HISTORY_BYTES],
            position=0,
            resource=ChangedResource.ACCOUNT,
            id=_FIRST_ID,
            version=0,
        )

    def among(self, resource: ChangedResource) -> tuple[int, UUID, int]:
        """Return the position, id and version after which changes of one resource follow."""
        if resource.rank > self.resource.rank:
            return self.position, _FIRST_ID, 0
        if resource.rank < self.resource.rank:
            return self.position, _LAST_ID, _LAST_VERSION
        return self.position, self.id, self.version

    def pack(self) -> bytes:
        return _LAYOUT.pack(
            *(_FORM, self.history, self.position),
            *(self.resource.rank, self.id.bytes, self.version),
        )

    @classmethod
    def unpack(cls, packed: bytes) -> Self:
        form, history, position, rank, id_bytes, version = _LAYOUT.unpack(packed)
        known = form == _FORM and rank < len(ChangedResource)
        if not known or position > _LAST_POSITION or version > _LAST_VERSION:
            raise ValueError("not a cursor of this feed")
        return cls(
            history=history,
            position=position,
            resource=list(ChangedResource)[rank],
            id=UUID(bytes=id_bytes),
            version=version,
        )


Content: TypeAlias = Account | Transaction | BalanceSnapshot | Holding | Category


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One version of a resource: its content from then on, or its removal.

    Categories have no account.
    """

    cursor: FeedCursor
    kind: ChangeKind
    account_id: AccountId | None
    recorded_at: datetime
    content: Content | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesPage:
    """Some changes in order, the cursor for the next ones, and whether there are any yet."""

    items: Sequence[Change]
    next: FeedCursor
    has_more: bool
