"""Remove a second factor."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.contention import begun_anew
from dashtam.application.identity.second_factors import lock_factor
from dashtam.application.use_case import UseCase
from domain.identity.errors import SecondFactorNotFound
from domain.identity.ports import SecondFactorRepository, UserRepository
from domain.shared.errors import Unavailable
from domain.shared.events import ResourceType
from domain.shared.ids import SecondFactorId, UserId
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveSecondFactor(UseCase):
    """Let go of a second factor and of its recovery codes: a password is enough from now on."""

    users: UserRepository
    second_factors: SecondFactorRepository

    @audit_refusals("second_factor.remove", ResourceType.SECOND_FACTOR)
    @begun_anew
    async def __call__(
        self, *, second_factor_id: SecondFactorId, user_id: UserId
    ) -> Result[None, SecondFactorNotFound | Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            found = await lock_factor(self.users, self.second_factors, user_id, second_factor_id)
            if isinstance(found, Failure):
                return found
            removed = await self.second_factors.remove(user_id)
            if isinstance(removed, Failure):
                return removed
            await uow.commit(found.value.remove(self.clock.now()))
        return Success(None)
