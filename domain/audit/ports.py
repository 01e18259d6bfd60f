"""What the audit trail offers: append and read. Nothing else exists."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.audit.entities import AuditEntry
from domain.shared.errors import Unavailable
from domain.shared.result import Result


class AuditTrail(Protocol):
    """The append-only record of everything done and everything refused."""

    async def append(self, *entries: AuditEntry) -> Result[None, Unavailable]: ...

    async def since(
        self, moment: datetime, *, limit: int
    ) -> Result[Sequence[AuditEntry], Unavailable]:
        """Return the oldest entries from this moment on, in order."""
