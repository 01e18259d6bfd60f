"""List the tokens that programs have."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.use_case import UseCase
from domain.identity.entities import ApiToken
from domain.identity.events import ApiTokensViewed
from domain.identity.ports import ApiTokenRepository
from domain.identity.values import Usage
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, ResourceType
from domain.shared.ids import UserId
from domain.shared.result import Failure, Result


@dataclass(frozen=True, slots=True, kw_only=True)
class ListApiTokens(UseCase):
    """List a user's API tokens that are good, the latest first: there are never many."""

    api_tokens: ApiTokenRepository

    @audit_refusals("api_tokens.view", ResourceType.API_TOKEN)
    async def __call__(
        self, *, user_id: UserId
    ) -> Result[Sequence[tuple[ApiToken, Usage]], Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            now = self.clock.now()
            found = await self.api_tokens.of_user(user_id, now)
            if isinstance(found, Failure):
                return found
            viewed = ApiTokensViewed(
                subject_id=None,
                actor=Actor.user(user_id),
                occurred_at=now,
                count=len(found.value),
            )
            await uow.commit(viewed)
        return found
