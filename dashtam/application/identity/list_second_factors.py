"""List second factors."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.use_case import UseCase
from domain.identity.entities import SecondFactor
from domain.identity.errors import SecondFactorNotFound
from domain.identity.events import SecondFactorsViewed
from domain.identity.ports import SecondFactorRepository
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, ResourceType
from domain.shared.ids import UserId
from domain.shared.result import Failure, Result, Success

WithCodesLeft = tuple[SecondFactor, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSecondFactors(UseCase):
    """List a user's second factors, one at most, each with how many recovery codes are left."""

    second_factors: SecondFactorRepository

    @audit_refusals("second_factors.view", ResourceType.SECOND_FACTOR)
    async def __call__(self, *, user_id: UserId) -> Result[Sequence[WithCodesLeft], Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            listed = await self._all(user_id)
            if isinstance(listed, Failure):
                return listed
            viewed = SecondFactorsViewed(
                subject_id=None,
                actor=Actor.user(user_id),
                occurred_at=self.clock.now(),
                count=len(listed.value),
            )
            await uow.commit(viewed)
        return listed

    async def _all(self, owner: UserId) -> Result[Sequence[WithCodesLeft], Unavailable]:
        found = await self.second_factors.get(owner)
        if isinstance(found, Failure):
            if isinstance(found.error, SecondFactorNotFound):
                return Success([])
            return Failure(found.error)
        left = await self.second_factors.codes_left(owner)
        return left if isinstance(left, Failure) else Success([(found.value, left.value)])
