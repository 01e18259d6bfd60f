"""The port for conflicts. All rows are of one owner."""

from datetime import datetime
from typing import Protocol

from domain.ledger.conflicts import Conflict
from domain.ledger.errors import ConflictNotFound
from domain.shared.errors import Unavailable
from domain.shared.ids import TransactionId, UserId
from domain.shared.pages import IdPage
from domain.shared.result import Result


class ConflictRepository(Protocol):
    """Conflicts that wait for their user: both transactions are in the ledger."""

    async def page(
        self, *, owner: UserId, after: TransactionId | None, limit: int
    ) -> Result[IdPage[Conflict], Unavailable]:
        """List up to `limit` conflicts, latest first."""

    async def get(
        self, conflict_id: TransactionId, *, owner: UserId
    ) -> Result[Conflict, ConflictNotFound | Unavailable]: ...

    async def accept(self, conflict: Conflict, *, at: datetime) -> Result[None, Unavailable]:
        """Store that both transactions stay: they are not the same, and are never suggested."""
