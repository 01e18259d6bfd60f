"""Issue, list and revoke API tokens."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.query import audited_query, count
from dashtam.application.use_case import UseCase
from domain.identity.actions import API_TOKENS_VIEWED
from domain.identity.entities import ApiToken
from domain.identity.errors import (
    ApiTokenNotFound,
    InvalidApiToken,
    InvalidToken,
    TooManyApiTokens,
    UserNotFound,
)
from domain.identity.events import ApiTokenIssued
from domain.identity.ports import ApiTokenRepository, TokenIssuer, UserRepository
from domain.identity.values import Scope, Token, TokenKind, Usage
from domain.shared.errors import Unavailable
from domain.shared.events import ResourceType
from domain.shared.ids import ApiTokenId, UserId, new_id
from domain.shared.result import Failure, Result, Success

IssueError = InvalidApiToken | InvalidToken | TooManyApiTokens | UserNotFound | Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedApiToken:
    """An API token, which is shown this once."""

    stored: ApiToken
    token: Token


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueApiToken(UseCase):
    """Issue an API token with a name, scopes and an expiry.

    The session that requests it must have the security stamp of its user.
    """

    users: UserRepository
    api_tokens: ApiTokenRepository
    tokens: TokenIssuer

    @audit_failures("api_token.issue", ResourceType.API_TOKEN)
    @retry_on_conflict
    async def __call__(
        self,
        *,
        user_id: UserId,
        security_stamp: int,
        name: str,
        scopes: Set[Scope],
        expires_at: datetime | None = None,
    ) -> Result[IssuedApiToken, IssueError]:
        at = self.clock.now()
        expires_at = expires_at or at + ApiToken.LIFETIME
        invalid = ApiToken.validate(name, scopes, expires_at, at)
        if invalid:
            return Failure(invalid)
        token = self.tokens.issue(TokenKind.API)
        stored, issued = ApiToken.issue(
            id=ApiTokenId(new_id()),
            user_id=user_id,
            name=name,
            scopes=scopes,
            token_digest=token.digest,
            at=at,
            expires_at=expires_at,
        )
        return await self._insert(
            IssuedApiToken(stored=stored, token=token), issued, security_stamp
        )

    async def _insert(
        self, made: IssuedApiToken, issued: ApiTokenIssued, security_stamp: int
    ) -> Result[IssuedApiToken, IssueError]:
        owner = made.stored.user_id
        async with self.unit_of_work(owner=owner) as uow:
            # The lock makes requests at the same time count one after the other.
            locked = await self.users.lock(owner)
            if isinstance(locked, Failure):
                return locked
            # A password reset or a closure meanwhile has revoked all tokens, so issue none.
            if locked.value.security_stamp != security_stamp or not locked.value.can_log_in:
                return Failure(InvalidToken())
            found = await self.api_tokens.of_user(owner, made.stored.issued_at)
            if isinstance(found, Failure):
                return found
            if len(found.value) >= ApiToken.MOST:
                most = f"There are {ApiToken.MOST} API tokens: revoke one that is not needed."
                return Failure(TooManyApiTokens(most))
            added = await self.api_tokens.add(made.stored)
            if isinstance(added, Failure):
                return added
            await uow.commit(issued)
        return Success(made)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListApiTokens(UseCase):
    """List a user's valid API tokens, the latest first; there are never many."""

    api_tokens: ApiTokenRepository

    @audited_query("api_tokens.view", API_TOKENS_VIEWED, count)
    async def __call__(
        self, *, user_id: UserId
    ) -> Result[Sequence[tuple[ApiToken, Usage]], Unavailable]:
        return await self.api_tokens.of_user(user_id, self.clock.now())


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeApiToken(UseCase):
    """Revoke an API token; it is invalid from the next request on.

    If it was revoked already, nothing is changed or recorded.
    """

    api_tokens: ApiTokenRepository

    @audit_failures("api_token.revoke", ResourceType.API_TOKEN)
    @retry_on_conflict
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
                # Another request has revoked it meanwhile.
                met = isinstance(updated.error, ApiTokenNotFound)
                return Success(None) if met else updated
            await uow.commit(revoked)
        return Success(None)
