"""Delete what is past its time."""

from collections.abc import Mapping
from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.contention import begun_anew
from dashtam.application.use_case import UseCase
from domain.identity.belongings import BelongingsRepository
from domain.identity.events import UserSwept
from domain.shared.errors import Unavailable
from domain.shared.events import SYSTEM, ResourceType
from domain.shared.ids import UserId
from domain.shared.result import Failure, Result


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepUser(UseCase):
    """Delete what of a user is past its time, whether they stay or not."""

    personal_data: BelongingsRepository

    @audit_refusals("user.sweep", ResourceType.USER)
    @begun_anew
    async def __call__(self, *, user_id: UserId) -> Result[Mapping[str, int], Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            swept = await self.personal_data.sweep(user_id)
            if isinstance(swept, Failure) or not swept.value:
                return swept
            now = self.clock.now()
            await uow.commit(
                UserSwept(subject_id=user_id, actor=SYSTEM, occurred_at=now, rows=swept.value)
            )
        return swept
