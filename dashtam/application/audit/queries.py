"""Read the audit trail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.audit.entities import AuditEntry
from domain.audit.ports import AuditTrail
from domain.shared.errors import Unavailable
from domain.shared.result import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowAuditTrail:
    """List audit entries from a moment on, oldest first."""

    audit_trail: AuditTrail

    async def __call__(
        self, *, since: datetime, limit: int
    ) -> Result[Sequence[AuditEntry], Unavailable]:
        return await self.audit_trail.since(since, limit=limit)
