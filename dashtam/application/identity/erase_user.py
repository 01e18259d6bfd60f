"""Erase a user."""

from collections.abc import Mapping
from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.contention import begun_anew
from dashtam.application.use_case import UseCase
from domain.identity.belongings import BelongingsRepository
from domain.identity.events import UserErased
from domain.shared.errors import Unavailable
from domain.shared.events import SYSTEM, ResourceType
from domain.shared.ids import UserId
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseUser(UseCase):
    """Delete every row of a user whose days of grace are over: all of them, or none.

    The answer is nothing where the user is not due, was taken back, or is being erased elsewhere.
    """

    personal_data: BelongingsRepository

    @audit_refusals("user.erase", ResourceType.USER)
    @begun_anew
    async def __call__(self, *, user_id: UserId) -> Result[Mapping[str, int] | None, Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            due = await self.personal_data.lock_due(user_id)
            if isinstance(due, Failure):
                return due
            if not due.value:
                return Success(None)
            erased = await self.personal_data.erase(user_id)
            if isinstance(erased, Failure):
                return erased
            now = self.clock.now()
            event = UserErased(subject_id=user_id, actor=SYSTEM, occurred_at=now, rows=erased.value)
            await uow.commit(event)
        return Success(erased.value)
