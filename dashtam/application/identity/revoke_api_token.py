"""Take a token from a program."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.contention import begun_anew
from dashtam.application.use_case import UseCase
from domain.identity.errors import (
    ApiTokenNotFound,
)
from domain.identity.ports import ApiTokenRepository
from domain.shared.errors import Unavailable
from domain.shared.events import ResourceType
from domain.shared.ids import ApiTokenId, UserId
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeApiToken(UseCase):
    """Take a token from a program: from the next request on it is worth nothing.

    One that was revoked already stays as it is, and nothing more is told of it.
    """

    api_tokens: ApiTokenRepository

    @audit_refusals("api_token.revoke", ResourceType.API_TOKEN)
    @begun_anew
    async def __call__(
        self, *, api_token_id: ApiTokenId, user_id: UserId
    ) -> Result[None, ApiTokenNotFound | Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            found = await self.api_tokens.get(api_token_id, owner=user_id)
            if isinstance(found, Failure):
                return found
            if found.value.revoked_at is not None:
                return Success(None)
            token, revoked = found.value.revoke(self.clock.now())
            updated = await self.api_tokens.update(token)
            if isinstance(updated, Failure):
                # Somebody else was quicker: what was asked for is so.
                met = isinstance(updated.error, ApiTokenNotFound)
                return Success(None) if met else updated
            await uow.commit(revoked)
        return Success(None)
