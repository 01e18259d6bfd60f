"""Record what staff look at, before they see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from dashtam.application.contention import retry_on_conflict
from dashtam.application.use_case import UseCase
from domain.shared.events import Actor
from domain.shared.ids import StaffId
from domain.staff.actions import PAGE_DENIED, PAGE_VIEWED

#: How many ids of rows an entry lists; no page shows more rows.
MOST_SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPage(UseCase):
    """Append an audit entry for a page, which is shown only if this succeeds."""

    @retry_on_conflict
    async def __call__(
        self,
        *,
        staff_id: StaffId,
        page: str,
        object_id: UUID | int | None,
        shown: Sequence[UUID | int] = (),
        denied: bool = False,
    ) -> None:
        actor, now = Actor.staff(staff_id), self.clock.now()
        record = PAGE_DENIED.record(
            subject_id=staff_id, actor=actor, occurred_at=now, page=page, object_id=object_id
        )
        if not denied:
            record = PAGE_VIEWED.record(
                subject_id=staff_id,
                actor=actor,
                occurred_at=now,
                page=page,
                object_id=object_id,
                shown=tuple(shown[:MOST_SHOWN]),
            )
        async with self.unit_of_work() as uow:
            await uow.commit(record)
