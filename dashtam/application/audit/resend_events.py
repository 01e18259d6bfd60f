"""Deliver dead events again."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.use_case import UseCase
from domain.audit.actions import EVENTS_RESENT
from domain.audit.origin import origin
from domain.audit.ports import Outbox
from domain.shared.errors import Unavailable
from domain.shared.events import ResourceType
from domain.shared.result import Failure, Result


@dataclass(frozen=True, slots=True, kw_only=True)
class ResendEvents(UseCase):
    """Deliver dead events again, after their cause has been removed."""

    outbox: Outbox

    @audit_failures("events.resend", ResourceType.EVENT)
    @retry_on_conflict
    async def __call__(
        self, *, event_ids: Collection[UUID] | None
    ) -> Result[Sequence[UUID], Unavailable]:
        async with self.unit_of_work() as uow:
            found = await self.outbox.resend(event_ids)
            if isinstance(found, Failure) or not found.value:
                return found
            resent = EVENTS_RESENT.record(
                subject_id=None,
                actor=origin.get().actor,
                occurred_at=self.clock.now(),
                count=len(found.value),
            )
            await uow.commit(resent)
        return found
