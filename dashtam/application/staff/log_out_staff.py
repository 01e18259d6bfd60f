"""Log out of the admin."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.contention import begun_anew
from dashtam.application.use_case import UseCase
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, ResourceType
from domain.shared.ids import StaffId
from domain.shared.result import Result, Success
from domain.staff.events import StaffLoggedOut


@dataclass(frozen=True, slots=True, kw_only=True)
class LogOutStaff(UseCase):
    """Record that somebody ended their session, which Django keeps."""

    @audit_refusals("staff.log_out", ResourceType.STAFF)
    @begun_anew
    async def __call__(self, *, staff_id: StaffId) -> Result[None, Unavailable]:
        actor, now = Actor.staff(staff_id), self.clock.now()
        async with self.unit_of_work() as uow:
            await uow.commit(StaffLoggedOut(subject_id=staff_id, actor=actor, occurred_at=now))
        return Success(None)
