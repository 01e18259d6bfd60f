"""Find out who is asking."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.use_case import UseCase
from domain.audit.origin import origin
from domain.identity.entities import Session
from domain.identity.errors import InvalidToken, SessionNotFound
from domain.identity.ports import SessionRepository
from domain.identity.values import Token
from domain.shared.errors import Unavailable
from domain.shared.events import ResourceType
from domain.shared.limits import Limit, RateLimiter, TooManyRequests, network_of
from domain.shared.result import Failure, Result, Success

#: Of each network, since each refusal is written down: nobody floods the audit trail.
REFUSALS = Limit(burst=120, per_minute=120)


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticate(UseCase):
    """Return the active session that a bearer token stands for."""

    sessions: SessionRepository
    rate_limiter: RateLimiter

    @audit_refusals("session.authenticate", ResourceType.SESSION, told=(TooManyRequests,))
    async def __call__(
        self, *, token: str
    ) -> Result[Session, InvalidToken | TooManyRequests | Unavailable]:
        found = await self._find(token)
        if isinstance(found, Failure) and isinstance(found.error, InvalidToken):
            refused = await self.refuse()
            return refused if isinstance(refused, Failure) else found
        return found

    async def refuse(self) -> Result[None, TooManyRequests | Unavailable]:
        """Count one who is refused, before anything is written of it."""
        return await self.rate_limiter.take(
            f"refusal {network_of(origin.get().ip_address)}", REFUSALS
        )

    async def _find(self, token: str) -> Result[Session, InvalidToken | Unavailable]:
        parsed = Token.parse(token)
        if isinstance(parsed, Failure):
            return parsed
        found = await self.sessions.get_by_token(parsed.value.digest)
        if isinstance(found, Failure) and not isinstance(found.error, SessionNotFound):
            return Failure(found.error)
        if isinstance(found, Failure) or not found.value.is_active(self.clock.now()):
            return Failure(InvalidToken("The token is not valid."))
        return Success(found.value)
