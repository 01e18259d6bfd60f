"""Find out who sends a request."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import Refusal, audit_failures
from dashtam.application.use_case import UseCase
from domain.audit.origin import origin
from domain.identity.entities import Caller
from domain.identity.errors import ApiTokenNotFound, InvalidToken, SessionNotFound
from domain.identity.ports import ApiTokenRepository, SessionRepository
from domain.identity.values import Token, TokenDigest, TokenKind
from domain.shared.errors import DomainError, Unavailable
from domain.shared.events import AuditResult, ResourceType
from domain.shared.limits import (
    Buckets,
    Charge,
    Limit,
    RateLimiter,
    TooManyRequests,
    network_of,
)
from domain.shared.result import Failure, Result, Success

INVALID = Failure(InvalidToken())
#: For each network. Every refusal is recorded, so this keeps the audit trail from flooding.
REFUSALS = Limit(burst=120, per_minute=120)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticateRequest(UseCase):
    """Return the caller that a bearer token stands for: a session, or an API token.

    A token of each of these buckets of the caller is consumed.
    """

    sessions: SessionRepository
    api_tokens: ApiTokenRepository
    rate_limiter: RateLimiter

    @audit_failures("session.authenticate", ResourceType.SESSION, except_for=(TooManyRequests,))
    async def __call__(
        self, *, token: str, buckets: Buckets = ()
    ) -> Result[Caller, InvalidToken | TooManyRequests | Unavailable]:
        found = await self._find(token, Charge(buckets, self.clock.now()))
        if isinstance(found, Failure) and isinstance(found.error, InvalidToken):
            refused = await self.refuse()
            return refused if isinstance(refused, Failure) else found
        return found

    async def refuse(self) -> Result[None, TooManyRequests | Unavailable]:
        """Count a refusal, before it is recorded."""
        return await self.rate_limiter.consume(
            f"refusal {network_of(origin.get().ip_address)}", REFUSALS
        )

    async def record_refusal(self, error: DomainError) -> None:
        """Record that an authenticated caller may not do what they requested."""
        asking = origin.get().actor.id
        refusal = Refusal(self, "request.admit", ResourceType.USER, asking)
        await refusal.record(AuditResult.DENIED, error.code, repeats=True)

    async def _find(
        self, token: str, charge: Charge
    ) -> Result[Caller, InvalidToken | TooManyRequests | Unavailable]:
        parsed = Token.parse(token, TokenKind.ACCESS, TokenKind.API)
        if isinstance(parsed, Failure):
            return parsed
        if parsed.value.kind is TokenKind.API:
            return await self._api_token(parsed.value.digest, charge)
        return await self._session(parsed.value.digest, charge)

    async def _session(
        self, digest: TokenDigest, charge: Charge
    ) -> Result[Caller, InvalidToken | TooManyRequests | Unavailable]:
        found = await self.sessions.get_by_token(digest, charge)
        if isinstance(found, Failure):
            return INVALID if isinstance(found.error, SessionNotFound) else Failure(found.error)
        return Success(Caller(found.value)) if found.value.accepts_token(charge.at) else INVALID

    async def _api_token(
        self, digest: TokenDigest, charge: Charge
    ) -> Result[Caller, InvalidToken | TooManyRequests | Unavailable]:
        found = await self.api_tokens.get_by_token(digest, charge)
        if isinstance(found, Failure):
            return INVALID if isinstance(found.error, ApiTokenNotFound) else Failure(found.error)
        return Success(Caller(found.value)) if found.value.is_active(charge.at) else INVALID
