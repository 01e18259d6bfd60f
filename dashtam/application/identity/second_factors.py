"""Enrol, confirm and remove a second factor, and issue its recovery codes."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.authentication import plain
from dashtam.application.contention import retry_on_conflict
from dashtam.application.query import audited_query, count
from dashtam.application.use_case import UseCase, or_none
from domain.identity.actions import RECOVERY_CODES_ISSUED, SECOND_FACTORS_VIEWED
from domain.identity.entities import SecondFactor, Session, User
from domain.identity.errors import (
    InvalidToken,
    SecondFactorExists,
    SecondFactorNotFound,
    UserNotFound,
    WrongCode,
)
from domain.identity.ports import OneTimeCodes, SecondFactorRepository, TokenIssuer, UserRepository
from domain.identity.values import RecoveryCode
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, AuditRecord, ResourceType
from domain.shared.ids import SecondFactorId, UserId, new_id
from domain.shared.result import Failure, Result, Success

NO_FACTOR = SecondFactorNotFound()
RECOVERY_CODES = 10

IssuedCodes = tuple[Sequence[RecoveryCode], AuditRecord]


async def lock_factor(
    users: UserRepository,
    second_factors: SecondFactorRepository,
    owner: UserId,
    second_factor_id: SecondFactorId | None = None,
) -> Result[SecondFactor, SecondFactorNotFound | Unavailable]:
    """Return a user's second factor, which must have this id if one is given. Lock the user."""
    user = await users.lock(owner)
    if isinstance(user, Failure):
        return Failure(user.error if isinstance(user.error, Unavailable) else NO_FACTOR)
    found = await second_factors.get(owner)
    if isinstance(found, Success) and second_factor_id not in (None, found.value.id):
        return Failure(NO_FACTOR)
    return found


async def issue_codes(
    second_factors: SecondFactorRepository, tokens: TokenIssuer, owner: UserId, at: datetime
) -> Result[IssuedCodes, Unavailable]:
    """Issue recovery codes, which replace all earlier ones."""
    codes = [tokens.recovery_code() for _ in range(RECOVERY_CODES)]
    stored = await second_factors.replace_codes(owner, codes)
    if isinstance(stored, Failure):
        return stored
    issued = RECOVERY_CODES_ISSUED.record(
        subject_id=owner, actor=Actor.user(owner), occurred_at=at, count=len(codes)
    )
    return Success((codes, issued))


EnrolError = SecondFactorExists | UserNotFound | Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """A second factor that is not confirmed, and its secret, which is shown this once."""

    factor: SecondFactor
    uri: str = field(repr=False)
    picture: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolSecondFactor(UseCase):
    """Issue the secret of a second factor, which replaces one that was never confirmed."""

    users: UserRepository
    second_factors: SecondFactorRepository
    one_time_codes: OneTimeCodes

    @audit_failures("second_factor.enrol", ResourceType.SECOND_FACTOR)
    @retry_on_conflict
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
        uri = self.one_time_codes.uri(factor.secret, username=user.value.email.address)
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
        stored = await self.second_factors.upsert(factor)
        return stored if isinstance(stored, Failure) else user


ConfirmError = (
    SecondFactorNotFound
    | SecondFactorExists
    | WrongCode
    | InvalidToken
    | UserNotFound
    | Unavailable
)

WRONG = Failure(WrongCode("That code is wrong or has expired."))


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmSecondFactor(UseCase):
    """Confirm a second factor with a first code; from now on every log-in needs one.

    Other sessions go on: the user has authenticated recently, and sees them listed.
    """

    users: UserRepository
    second_factors: SecondFactorRepository
    one_time_codes: OneTimeCodes
    tokens: TokenIssuer

    @audit_failures("second_factor.confirm", ResourceType.SECOND_FACTOR)
    @retry_on_conflict
    async def __call__(
        self, *, second_factor_id: SecondFactorId, session: Session, code: str
    ) -> Result[Sequence[RecoveryCode], ConfirmError]:
        owner = session.user_id
        async with self.unit_of_work(owner=owner) as uow:
            found = await lock_factor(self.users, self.second_factors, owner, second_factor_id)
            if isinstance(found, Failure):
                return found
            user = await self.users.get(owner)
            if isinstance(user, Failure):
                return user
            # An intruder's second factor must not lock out a user who has reset the password.
            if user.value.security_stamp != session.security_stamp:
                return Failure(InvalidToken())
            if found.value.confirmed_at is not None:
                return Failure(SecondFactorExists("This second factor is already confirmed."))
            factor, confirmed = found.value.confirm(self.clock.now())
            done = await self._confirm(factor, plain(code))
            if isinstance(done, Failure):
                return done
            codes, issued = done.value
            await uow.commit(confirmed, issued)
        return Success(codes)

    async def _confirm(
        self, factor: SecondFactor, code: str
    ) -> Result[IssuedCodes, WrongCode | Unavailable]:
        step = self.one_time_codes.step_of(code, factor.secret, self.clock.now())
        if step is None:
            return WRONG
        stored = await self.second_factors.upsert(factor)
        if isinstance(stored, Failure):
            return stored
        consumed = await self.second_factors.consume_step(factor, step)
        if isinstance(consumed, Failure):
            return consumed
        if not consumed.value:
            return WRONG
        return await issue_codes(self.second_factors, self.tokens, factor.user_id, self.clock.now())


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueRecoveryCodes(UseCase):
    """Issue new recovery codes to a user with a second factor; earlier ones are void."""

    users: UserRepository
    second_factors: SecondFactorRepository
    tokens: TokenIssuer

    @audit_failures("recovery_codes.issue", ResourceType.USER)
    @retry_on_conflict
    async def __call__(
        self, *, user_id: UserId
    ) -> Result[Sequence[RecoveryCode], SecondFactorNotFound | Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            found = await lock_factor(self.users, self.second_factors, user_id)
            if isinstance(found, Failure):
                return found
            if found.value.confirmed_at is None:
                return Failure(NO_FACTOR)
            done = await issue_codes(self.second_factors, self.tokens, user_id, self.clock.now())
            if isinstance(done, Failure):
                return done
            codes, issued = done.value
            await uow.commit(issued)
        return Success(codes)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveSecondFactor(UseCase):
    """Remove a second factor and its recovery codes; the password is enough from now on."""

    users: UserRepository
    second_factors: SecondFactorRepository

    @audit_failures("second_factor.remove", ResourceType.SECOND_FACTOR)
    @retry_on_conflict
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


WithCodesLeft = tuple[SecondFactor, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSecondFactors(UseCase):
    """List a user's second factors (one at most) and how many recovery codes are left."""

    second_factors: SecondFactorRepository

    @audited_query("second_factors.view", SECOND_FACTORS_VIEWED, count)
    async def __call__(self, *, user_id: UserId) -> Result[Sequence[WithCodesLeft], Unavailable]:
        found = or_none(await self.second_factors.get(user_id))
        if isinstance(found, Failure):
            return found
        if found.value is None:
            return Success([])
        left = await self.second_factors.codes_left(user_id)
        return left if isinstance(left, Failure) else Success([(found.value, left.value)])
