"""The ports of the audit trail, which can only be appended to and read, and of the outbox."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.audit.entities import AuditEntry, Backlog
from domain.shared.errors import Unavailable
from domain.shared.result import Result


class AuditTrail(Protocol):
    """The append-only record of everything that was done or refused."""

    async def append(self, *entries: AuditEntry) -> Result[None, Unavailable]: ...

    async def since(
        self, moment: datetime, *, limit: int
    ) -> Result[Sequence[AuditEntry], Unavailable]:
        """Return the first entries from this moment on, oldest first."""


class Outbox(Protocol):
    """Events that wait for delivery to their reactions."""

    async def resend(
        self, event_ids: Collection[UUID] | None
    ) -> Result[Sequence[UUID], Unavailable]:
        """Deliver dead events again, these or all; return those that were dead, in order."""

    async def backlog(self) -> Result[Backlog, Unavailable]:
        """Return what has not been delivered yet."""
