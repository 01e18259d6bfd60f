"""Issue recovery codes."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.contention import begun_anew
from dashtam.application.identity.second_factors import NO_FACTOR, issue_codes, lock_factor
from dashtam.application.use_case import UseCase
from domain.identity.errors import SecondFactorNotFound
from domain.identity.ports import SecondFactorRepository, TokenIssuer, UserRepository
from domain.identity.values import RecoveryCode
from domain.shared.errors import Unavailable
from domain.shared.events import ResourceType
from domain.shared.ids import UserId
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueRecoveryCodes(UseCase):
    """Give a user with a second factor other recovery codes; those before are worth nothing."""

    users: UserRepository
    second_factors: SecondFactorRepository
    tokens: TokenIssuer

    @audit_refusals("recovery_codes.issue", ResourceType.USER)
    @begun_anew
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
