"""Enrol a second factor."""

import asyncio
from dataclasses import dataclass, field

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.contention import begun_anew
from dashtam.application.use_case import UseCase
from domain.identity.entities import SecondFactor, User
from domain.identity.errors import SecondFactorExists, SecondFactorNotFound, UserNotFound
from domain.identity.ports import OneTimeCodes, SecondFactorRepository, UserRepository
from domain.shared.errors import Unavailable
from domain.shared.events import ResourceType
from domain.shared.ids import SecondFactorId, UserId, new_id
from domain.shared.result import Failure, Result, Success

EnrolError = SecondFactorExists | UserNotFound | Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """A second factor that is not confirmed, and the only sight of its secret."""

    factor: SecondFactor
    uri: str = field(repr=False)
    picture: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolSecondFactor(UseCase):
    """Give a user the secret of a second factor, in the place of one that was never confirmed."""

    users: UserRepository
    second_factors: SecondFactorRepository
    one_time_codes: OneTimeCodes

    @audit_refusals("second_factor.enrol", ResourceType.SECOND_FACTOR)
    @begun_anew
    async def __call__(self, *, user_id: UserId) -> Result[Enrolment, EnrolError]:
        factor, enrolled = SecondFactor.enrol(
            id=SecondFactorId(new_id()),
            user_id=user_id,
            secret=self.one_time_codes.new_secret(),
            at=self.clock.now(),
        )
        async with self.unit_of_work(owner=user_id) as uow:
            user = await self._put(factor)
            if isinstance(user, Failure):
                return user
            await uow.commit(enrolled)
        uri = self.one_time_codes.uri(factor.secret, holder=user.value.email.address)
        picture = await asyncio.to_thread(self.one_time_codes.picture, uri)
        return Success(Enrolment(factor=factor, uri=uri, picture=picture))

    async def _put(self, factor: SecondFactor) -> Result[User, EnrolError]:
        user = await self.users.lock(factor.user_id)
        if isinstance(user, Failure):
            return user
        found = await self.second_factors.get(factor.user_id)
        if isinstance(found, Success) and found.value.confirmed_at is not None:
            return Failure(SecondFactorExists("You already have a second factor. Remove it first."))
        if isinstance(found, Failure) and not isinstance(found.error, SecondFactorNotFound):
            return Failure(found.error)
        kept = await self.second_factors.put(factor)
        return kept if isinstance(kept, Failure) else user
