"""Check a password and a second factor, for users and for staff."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TypeVar

from dashtam.application.attempts import Counters, counted
from domain.audit.origin import origin
from domain.identity.entities import SecondFactor, User
from domain.identity.errors import (
    EmailTaken,
    InvalidCredentials,
    SecondFactorNotFound,
    SecondFactorRequired,
    UserNotFound,
)
from domain.identity.events import LoginFailed, RecoveryCodeUsed
from domain.identity.ports import (
    OneTimeCodes,
    PasswordHasher,
    SecondFactorRepository,
    UserRepository,
)
from domain.identity.values import Password, PasswordHash, RecoveryCode
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, DomainEvent
from domain.shared.ids import UserId
from domain.shared.limits import GuessLimiter, TooManyRequests
from domain.shared.ports import Clock, UnitOfWorkFactory
from domain.shared.result import Failure, Result, Success

ProofError = InvalidCredentials | SecondFactorRequired | TooManyRequests
#: The trail hears of these with their reason.
TOLD = (InvalidCredentials, SecondFactorRequired, TooManyRequests)

NO_CODE = "no-code"


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody says to prove who they are."""

    counters: Counters
    password: str = field(repr=False)
    code: str | None = field(default=None, repr=False)
    #: Whether anybody could have this account: what is no address is not worth a hash.
    can_be_right: bool = True


@dataclass(frozen=True, slots=True)
class OneTimeCode:
    """A code that is right for a time step; whether it was used before, only taking it tells."""

    factor: SecondFactor
    step: int


@dataclass(frozen=True, slots=True)
class Proof:
    """Who it is, what is used up when the proof is taken, and a better hash of the password."""

    user: User
    code: OneTimeCode | RecoveryCode | None = None
    stronger_hash: PasswordHash | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is answered, and what the trail is told."""

    error: ProofError
    reason: str

    @property
    def is_guess(self) -> bool:
        """Whether something wrong was said, not only too little."""
        return self.reason != NO_CODE


def plain(code: str | None) -> str:
    """Take a code as programs show it and people type it: in groups, or with spaces around it."""
    return re.sub(r"[\s-]", "", code or "")


WRONG = InvalidCredentials("The address or the password is wrong.")
NEEDED = SecondFactorRequired("A one-time code or a recovery code is needed too.")
NOT_GOOD = SecondFactorRequired("The code is not good, or was used already.")

T = TypeVar("T")
E = TypeVar("E")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prover:
    """Weighs what somebody gives as a proof, and takes it once.

    Without a user, and for one who may not enter, all is done as for a wrong password.
    """

    users: UserRepository
    hasher: PasswordHasher
    second_factors: SecondFactorRepository
    one_time_codes: OneTimeCodes
    attempts: GuessLimiter
    clock: Clock
    unit_of_work: UnitOfWorkFactory

    async def prove(
        self,
        user: User | None,
        given: Given,
        then: Callable[[Proof], Awaitable[Result[T, Refusal | E]]],
    ) -> Result[T, ProofError | E | Unavailable]:
        """Do something for whoever proves to be this user; tell the trail of one who does not."""
        attempt = partial(self._attempt, user, given, then)
        outcome = await counted(self.attempts, given.counters, attempt, _is_guess)
        if isinstance(outcome, Success):
            return outcome
        match outcome.error:
            case Refusal() as refusal:
                return await self._refuse(refusal, user)
            case TooManyRequests() as limited:
                return await self._refuse(Refusal(limited, "limited"), user)
            case error:
                return Failure(error)

    async def take(
        self, proof: Proof, at: datetime
    ) -> Result[Sequence[DomainEvent], Refusal | Unavailable]:
        """Use the code up and keep a stronger hash, in the transaction that the proof is for."""
        # Whoever locks a user and their factor locks the user first.
        rehashed = await self._rehash(proof, at)
        if isinstance(rehashed, Failure):
            return rehashed
        taken = await self._take_code(proof, at)
        if isinstance(taken, Failure):
            return taken
        return Success([*rehashed.value, *taken.value])

    async def _attempt(
        self,
        user: User | None,
        given: Given,
        then: Callable[[Proof], Awaitable[Result[T, Refusal | E]]],
    ) -> Result[T, Refusal | E | Unavailable]:
        weighed = await self._weigh(user, given)
        return weighed if isinstance(weighed, Failure) else await then(weighed.value)

    async def _weigh(self, user: User | None, given: Given) -> Result[Proof, Refusal | Unavailable]:
        password = Password.given(given.password)
        expected = user.password_hash if user else None
        matches = given.can_be_right and await self.hasher.verify(password, expected)
        if user is None or not (matches and user.may_enter):
            return Failure(Refusal(WRONG, _reason(user, matches)))
        code = await self._weigh_code(user, given.code)
        if isinstance(code, Failure):
            return code
        # Hashing is slow: it is done while no transaction is open.
        outdated = self.hasher.is_outdated(user.password_hash)
        stronger_hash = await self.hasher.hash(password) if outdated else None
        return Success(Proof(user, code.value, stronger_hash))

    async def _weigh_code(
        self, user: User, code: str | None
    ) -> Result[OneTimeCode | RecoveryCode | None, Refusal | Unavailable]:
        async with self.unit_of_work(owner=user.id):
            found = await self.second_factors.get(user.id)
        if isinstance(found, Failure):
            if isinstance(found.error, SecondFactorNotFound):
                return Success(None)
            return Failure(found.error)
        if found.value.confirmed_at is None:
            return Success(None)
        return self._read_code(found.value, plain(code))

    def _read_code(
        self, factor: SecondFactor, code: str
    ) -> Result[OneTimeCode | RecoveryCode | None, Refusal]:
        if not code:
            return Failure(Refusal(NEEDED, NO_CODE))
        if not code.isdigit():
            return Success(RecoveryCode.given(code))
        step = self.one_time_codes.step_of(code, factor.secret, self.clock.now())
        if step is None:
            return Failure(Refusal(NOT_GOOD, "wrong-code"))
        return Success(OneTimeCode(factor, step))

    async def _take_code(
        self, proof: Proof, at: datetime
    ) -> Result[Sequence[DomainEvent], Refusal | Unavailable]:
        match proof.code:
            case None:
                return Success([])
            case RecoveryCode() as code:
                return await self._take_recovery_code(proof.user.id, code, at)
            case OneTimeCode(factor, step):
                taken = await self.second_factors.take_step(factor, step)
        if isinstance(taken, Failure):
            return taken
        return Success([]) if taken.value else Failure(Refusal(NOT_GOOD, "code-replayed"))

    async def _take_recovery_code(
        self, owner: UserId, code: RecoveryCode, at: datetime
    ) -> Result[Sequence[DomainEvent], Refusal | Unavailable]:
        taken = await self.second_factors.use_code(owner, code, at)
        if isinstance(taken, Failure):
            return taken
        if not taken.value:
            return Failure(Refusal(NOT_GOOD, "recovery-code-not-good"))
        left = await self.second_factors.codes_left(owner)
        if isinstance(left, Failure):
            return left
        used = RecoveryCodeUsed(
            subject_id=owner, actor=Actor.user(owner), occurred_at=at, left=left.value
        )
        return Success([used])

    async def _rehash(
        self, proof: Proof, at: datetime
    ) -> Result[Sequence[DomainEvent], Refusal | Unavailable]:
        """Keep the same password in a stronger form, unless it was changed meanwhile."""
        if proof.stronger_hash is None:
            return Success([])
        found = await self.users.lock(proof.user.id)
        if isinstance(found, Failure):
            return _gone(found.error)
        if found.value.password_hash != proof.user.password_hash:
            return Success([])
        user, rehashed = found.value.rehash(proof.stronger_hash, at)
        kept = await self.users.update(user)
        return _gone(kept.error) if isinstance(kept, Failure) else Success([rehashed])

    async def _refuse(self, refusal: Refusal, user: User | None) -> Failure[ProofError]:
        failed = LoginFailed(
            subject_id=user.id if user else None,
            actor=origin.get().actor,
            occurred_at=self.clock.now(),
            reason=refusal.reason,
        )
        async with self.unit_of_work() as uow:
            await uow.commit(failed)
        return Failure(refusal.error)


def _is_guess(error: object) -> bool:
    return isinstance(error, Refusal) and error.is_guess


def _reason(user: User | None, matches: bool) -> str:
    if user is None:
        return "unknown-address"
    if not matches:
        return "wrong-password"
    return "unverified" if user.erase_after is None else "deleted"


def _gone(error: UserNotFound | EmailTaken | Unavailable) -> Failure[Refusal | Unavailable]:
    return Failure(error if isinstance(error, Unavailable) else Refusal(WRONG, "deleted"))
