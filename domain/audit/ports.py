"""What the audit trail offers (append and read: nothing else exists), and what the outbox does."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.audit.entities import AuditEntry, Backlog
from domain.shared.errors import Unavailable
from domain.shared.result import Result


class AuditTrail(Protocol):
    """The append-only record of everything done and everything refused."""

    async def append(self, *entries: AuditEntry) -> Result[None, Unavailable]: ...

    async def since(
        self, moment: datetime, *, limit: int
    ) -> Result[Sequence[AuditEntry], Unavailable]:
        """Return the oldest entries from this moment on, in order."""


class Outbox(Protocol):
    """Facts on their way to those who react."""

    async def resend(
        self, event_ids: Collection[UUID] | None
    ) -> Result[Sequence[UUID], Unavailable]:
        """Try dead facts again, these or all; return those that were dead, in order."""

    async def backlog(self) -> Result[Backlog, Unavailable]:
        """Return how much has not arrived yet."""
