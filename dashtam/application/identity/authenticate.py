"""Find out who is asking."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.use_case import UseCase
from domain.identity.entities import Session
from domain.identity.errors import InvalidToken, SessionNotFound
from domain.identity.ports import SessionRepository
from domain.identity.values import Token
from domain.shared.errors import Unavailable
from domain.shared.events import ResourceType
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticate(UseCase):
    """Return the active session that a bearer token stands for."""

    sessions: SessionRepository

    @audit_refusals("session.authenticate", ResourceType.SESSION)
    async def __call__(self, *, token: str) -> Result[Session, InvalidToken | Unavailable]:
        parsed = Token.parse(token)
        if isinstance(parsed, Failure):
            return parsed
        found = await self.sessions.get_by_token(parsed.value.digest)
        if isinstance(found, Failure) and not isinstance(found.error, SessionNotFound):
            return Failure(found.error)
        if isinstance(found, Failure) or not found.value.is_active(self.clock.now()):
            return Failure(InvalidToken("The token is not valid."))
        return Success(found.value)
