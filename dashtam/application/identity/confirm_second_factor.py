"""Confirm a second factor."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.contention import begun_anew
from dashtam.application.identity.proof import plain
from dashtam.application.identity.second_factors import IssuedCodes, issue_codes, lock_factor
from dashtam.application.use_case import UseCase
from domain.identity.entities import SecondFactor, Session
from domain.identity.errors import (
    InvalidToken,
    SecondFactorExists,
    SecondFactorNotFound,
    UserNotFound,
    WrongCode,
)
from domain.identity.ports import (
    OneTimeCodes,
    SecondFactorRepository,
    TokenIssuer,
    UserRepository,
)
from domain.identity.values import RecoveryCode
from domain.shared.errors import Unavailable
from domain.shared.events import ResourceType
from domain.shared.ids import SecondFactorId
from domain.shared.result import Failure, Result, Success

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
    """Ask for a factor's codes from now on, once a first one shows that its user has them.

    Sessions go on: whoever confirms proved just before who they are, and sees the others listed.
    """

    users: UserRepository
    second_factors: SecondFactorRepository
    one_time_codes: OneTimeCodes
    tokens: TokenIssuer

    @audit_refusals("second_factor.confirm", ResourceType.SECOND_FACTOR)
    @begun_anew
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
            # Whoever resets a password is not shut out by a factor of whoever was in before.
            if user.value.security_stamp != session.security_stamp:
                return Failure(InvalidToken("The token is not valid."))
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
        kept = await self.second_factors.put(factor)
        if isinstance(kept, Failure):
            return kept
        taken = await self.second_factors.take_step(factor, step)
        if isinstance(taken, Failure):
            return taken
        if not taken.value:
            return WRONG
        return await issue_codes(self.second_factors, self.tokens, factor.user_id, self.clock.now())
