"""Put the secrets of second factors under the key in use."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.contention import begun_anew
from dashtam.application.use_case import UseCase
from domain.audit.origin import origin
from domain.shared.errors import Unavailable
from domain.shared.events import ResourceType
from domain.shared.result import Failure, Result
from domain.staff.events import SecondFactorsRewrapped
from domain.staff.ports import StaffFactorRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class RotateStaffKeys(UseCase):
    """All of them or none: staff are few."""

    staff_factors: StaffFactorRepository

    @audit_refusals("staff.rewrap_second_factors", ResourceType.STAFF)
    @begun_anew
    async def __call__(self) -> Result[int, Unavailable]:
        async with self.unit_of_work() as uow:
            done = await self.staff_factors.rewrap()
            if isinstance(done, Failure) or not done.value:
                return done
            rewrapped = SecondFactorsRewrapped(
                subject_id=None,
                actor=origin.get().actor,
                occurred_at=self.clock.now(),
                count=done.value,
            )
            await uow.commit(rewrapped)
        return done
