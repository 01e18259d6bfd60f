"""Renew a session."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.contention import begun_anew
from dashtam.application.identity.devices import token_of_session
from dashtam.application.identity.log_in import OpenedSession
from dashtam.application.use_case import UseCase
from domain.identity.entities import RefreshToken, Session
from domain.identity.errors import InvalidToken, SessionNotFound, UserNotFound
from domain.identity.events import RefreshTokenReused
from domain.identity.ports import (
    DeviceTokens,
    RefreshTokenRepository,
    SessionRepository,
    TokenIssuer,
    UserRepository,
)
from domain.identity.values import Token, TokenKind
from domain.shared.errors import Unavailable
from domain.shared.events import ANONYMOUS, ResourceType
from domain.shared.ports import UnitOfWork
from domain.shared.result import Failure, Result, Success

INVALID = Failure(InvalidToken("The token is not valid."))


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshSession(UseCase):
    """Give new tokens for a refresh token, once.

    When one comes again that was used, it is in two hands: the whole session is over.
    """

    users: UserRepository
    sessions: SessionRepository
    refresh_tokens: RefreshTokenRepository
    tokens: TokenIssuer
    devices: DeviceTokens

    @audit_refusals("session.renew", ResourceType.SESSION)
    @begun_anew
    async def __call__(self, *, token: str) -> Result[OpenedSession, InvalidToken | Unavailable]:
        parsed = Token.parse(token, TokenKind.REFRESH)
        if isinstance(parsed, Failure):
            return parsed
        found = await self.refresh_tokens.get_by_token(parsed.value.digest)
        if isinstance(found, Failure):
            return found
        async with self.unit_of_work(owner=found.value.user_id) as uow:
            used = await self.refresh_tokens.use(found.value, self.clock.now())
            if isinstance(used, Failure):
                return used
            session = await self._session(found.value)
            if isinstance(session, Failure):
                return session
            if not used.value:
                return await self._end(session.value, uow)
            return await self._renew(found.value, session.value, uow)

    async def _session(self, token: RefreshToken) -> Result[Session, InvalidToken | Unavailable]:
        """Return the session of a token, whether or not it goes on; nobody ends it meanwhile."""
        found = await self.sessions.lock(token.session_id, owner=token.user_id)
        if isinstance(found, Failure):
            return INVALID if isinstance(found.error, SessionNotFound) else Failure(found.error)
        return found

    async def _end(
        self, session: Session, uow: UnitOfWork
    ) -> Result[OpenedSession, InvalidToken | Unavailable]:
        now = self.clock.now()
        reused = RefreshTokenReused(subject_id=session.id, actor=ANONYMOUS, occurred_at=now)
        if session.ended_at is not None:
            await uow.commit(reused)
            return INVALID
        ended, event = session.end(now)
        kept = await self.sessions.update(ended)
        if isinstance(kept, Failure):
            return INVALID if isinstance(kept.error, SessionNotFound) else Failure(kept.error)
        await uow.commit(reused, event)
        return INVALID

    async def _renew(
        self, token: RefreshToken, session: Session, uow: UnitOfWork
    ) -> Result[OpenedSession, InvalidToken | Unavailable]:
        now = self.clock.now()
        goes_on = await self._goes_on(session)
        if isinstance(goes_on, Failure):
            return goes_on
        if now >= token.expires_at or not goes_on.value:
            return INVALID
        access, refresh = self.tokens.issue(), self.tokens.issue(TokenKind.REFRESH)
        renewed, event = session.renew(access.digest, now)
        kept = RefreshToken.issue(renewed, refresh.digest, now)
        for done in (await self.sessions.update(renewed), await self.refresh_tokens.add(kept)):
            if isinstance(done, Failure):
                return INVALID if isinstance(done.error, SessionNotFound) else Failure(done.error)
        await uow.commit(event)
        return Success(
            OpenedSession(
                session=renewed,
                access_token=access,
                refresh_token=refresh,
                refresh_expires_at=kept.expires_at,
                device_token=token_of_session(self.devices, renewed, self.clock),
            )
        )

    async def _goes_on(self, session: Session) -> Result[bool, Unavailable]:
        """Tell whether neither the session nor the account of its user is over."""
        found = await self.users.get(session.user_id)
        if isinstance(found, Failure):
            return Success(False) if isinstance(found.error, UserNotFound) else Failure(found.error)
        user = found.value
        same = user.security_stamp == session.security_stamp and user.may_enter
        return Success(same and session.is_active(self.clock.now()))
