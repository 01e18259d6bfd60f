"""Prove who one is: by a password, and by a second factor where there is one."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar, cast

from dashtam.application.identity.proof import Given, Proof, ProofError, Refusal
from domain.audit.origin import origin
from domain.identity.entities import SecondFactor, User
from domain.identity.errors import (
    InvalidCredentials,
    SecondFactorNotFound,
    SecondFactorRequired,
)
from domain.identity.events import LoginFailed, RecoveryCodeUsed
from domain.identity.ports import OneTimeCodes, PasswordHasher, SecondFactorRepository
from domain.identity.values import Password, RecoveryCode
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, DomainEvent
from domain.shared.ids import UserId
from domain.shared.ports import Clock, UnitOfWorkFactory
from domain.shared.result import Failure, Result, Success

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

    hasher: PasswordHasher
    second_factors: SecondFactorRepository
    codes: OneTimeCodes
    clock: Clock
    unit_of_work: UnitOfWorkFactory

    async def prove(
        self,
        user: User | None,
        given: Given,
        then: Callable[[Proof], Awaitable[Result[T, Refusal | E]]],
    ) -> Result[T, ProofError | E | Unavailable]:
        """Do something for whoever proves to be this user; tell the trail of one who does not."""
        weighed = await self._weigh(user, given)
        outcome = await then(weighed.value) if isinstance(weighed, Success) else weighed
        if isinstance(outcome, Failure) and isinstance(outcome.error, Refusal):
            return await self._refuse(outcome.error, user)
        return cast("Result[T, E | Unavailable]", outcome)

    async def take(
        self, proof: Proof, at: datetime
    ) -> Result[Sequence[DomainEvent], Refusal | Unavailable]:
        """Use the code up, in the transaction that the proof is for."""
        user = proof.user
        if proof.factor and proof.step is not None:
            taken = await self.second_factors.take_step(proof.factor, proof.step)
            if isinstance(taken, Failure):
                return taken
            return Success([]) if taken.value else Failure(Refusal(NOT_GOOD, "code-replayed"))
        if proof.recovery_code:
            return await self._take_recovery_code(user.id, proof.recovery_code, at)
        return Success([])

    async def _weigh(self, user: User | None, given: Given) -> Result[Proof, Refusal | Unavailable]:
        password_hash = user.password_hash if user else None
        matches = await self.hasher.verify(Password.given(given.password), password_hash)
        if user is None:
            return Failure(Refusal(WRONG, "unknown-address"))
        if not matches or not user.may_enter:
            return Failure(Refusal(WRONG, _reason(user, matches)))
        return await self._weigh_factor(user, given.code)

    async def _weigh_factor(
        self, user: User, code: str | None
    ) -> Result[Proof, Refusal | Unavailable]:
        async with self.unit_of_work(owner=user.id):
            found = await self.second_factors.get(user.id)
        if isinstance(found, Failure):
            if isinstance(found.error, SecondFactorNotFound):
                return Success(Proof(user))
            return Failure(found.error)
        factor = found.value
        if factor.confirmed_at is None:
            return Success(Proof(user))
        if not code:
            return Failure(Refusal(NEEDED, "no-code"))
        return self._weigh_code(user, factor, code)

    def _weigh_code(self, user: User, factor: SecondFactor, code: str) -> Result[Proof, Refusal]:
        plain = code.strip()
        if not plain.isdigit():
            return Success(Proof(user, factor, recovery_code=RecoveryCode.given(plain)))
        step = self.codes.step_of(plain, factor.secret, self.clock.now())
        if step is None:
            return Failure(Refusal(NOT_GOOD, "wrong-code"))
        return Success(Proof(user, factor, step))

    async def _take_recovery_code(
        self, owner: UserId, code: RecoveryCode, at: datetime
    ) -> Result[Sequence[DomainEvent], Refusal | Unavailable]:
        taken = await self.second_factors.use_code(owner, code, at)
        if isinstance(taken, Failure):
            return taken
        left = await self.second_factors.codes_left(owner)
        if isinstance(left, Failure):
            return left
        if not taken.value:
            return Failure(Refusal(NOT_GOOD, "recovery-code-not-good"))
        actor = Actor.user(owner)
        return Success(
            [RecoveryCodeUsed(subject_id=owner, actor=actor, occurred_at=at, left=left.value)]
        )

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


def _reason(user: User, matches: bool) -> str:
    if not matches:
        return "wrong-password"
    return "unverified" if user.erase_after is None else "deleted"
