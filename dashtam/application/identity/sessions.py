"""The sessions of a user: how they are renewed, listed and ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.query import audited_query, count
from dashtam.application.use_case import UseCase
from domain.audit.origin import origin
from domain.identity.actions import API_TOKENS_REVOKED, SESSION_VIEWED, SESSIONS_VIEWED
from domain.identity.entities import RefreshToken, Session, User
from domain.identity.errors import InvalidToken, SessionNotFound, UserNotFound
from domain.identity.events import RefreshTokenReused, SessionsEnded, UserPasswordChanged
from domain.identity.ports import (
    ApiTokenRepository,
    DeviceTokens,
    RefreshTokenRepository,
    SessionRepository,
    TokenIssuer,
    UserRepository,
)
from domain.identity.values import Device, Token, TokenKind, Usage
from domain.shared.errors import Unavailable
from domain.shared.events import ANONYMOUS, SYSTEM, Actor, Fact, ResourceType
from domain.shared.ids import SessionId, UserId, new_id
from domain.shared.ports import Clock, UnitOfWork, UnitOfWorkFactory
from domain.shared.result import Failure, Result, Success
from domain.sharing.actions import CONNECTED_APPS_REVOKED
from domain.sharing.ports import ConnectedAppRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedSession:
    """A session with its tokens, which are shown this once."""

    session: Session
    access_token: Token
    refresh_token: Token
    refresh_expires_at: datetime
    device_token: Token


# Used where there is no user, so that the work is the same.
_NOBODY = "nobody"


def recognise(devices: DeviceTokens, user: User | None, token: str, clock: Clock) -> Device | None:
    """Return the device of this token, if the token was issued to this user."""
    return devices.recognise(token, _account(user) if user else _NOBODY, clock.now())


def token_of_session(devices: DeviceTokens, session: Session, clock: Clock) -> Token:
    """Issue a device token for a session: one session is one device."""
    return devices.issue(Device(session.id), _account(session), clock.now())


def token_of_new_device(devices: DeviceTokens, user: User, clock: Clock) -> Token:
    """Issue a device token to somebody who reset the password, and has not logged in yet."""
    return devices.issue(Device(new_id()), _account(user), clock.now())


def _account(who: User | Session) -> str:
    """Name an account and its password: after a change of password no device is recognised."""
    user_id = who.user_id if isinstance(who, Session) else who.id
    return f"user {user_id} {who.security_stamp}"


INVALID = Failure(InvalidToken())


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshSession(UseCase):
    """Exchange a refresh token for new tokens, once.

    If a refresh token is used twice, somebody else has it too, so the whole session ends.
    """

    users: UserRepository
    sessions: SessionRepository
    refresh_tokens: RefreshTokenRepository
    tokens: TokenIssuer
    devices: DeviceTokens

    @audit_failures("session.renew", ResourceType.SESSION)
    @retry_on_conflict
    async def __call__(self, *, token: str) -> Result[OpenedSession, InvalidToken | Unavailable]:
        parsed = Token.parse(token, TokenKind.REFRESH)
        if isinstance(parsed, Failure):
            return parsed
        found = await self.refresh_tokens.get_by_token(parsed.value.digest)
        if isinstance(found, Failure):
            return found
        async with self.unit_of_work(owner=found.value.user_id) as uow:
            used = await self.refresh_tokens.consume(found.value, self.clock.now())
            if isinstance(used, Failure):
                return used
            session = await self._session(found.value)
            if isinstance(session, Failure):
                return session
            if not used.value:
                return await self._end(session.value, uow)
            return await self._renew(found.value, session.value, uow)

    async def _session(self, token: RefreshToken) -> Result[Session, InvalidToken | Unavailable]:
        """Return the session of a token, locked, whether or not it is active."""
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
        updated = await self.sessions.update(ended)
        if isinstance(updated, Failure):
            return INVALID if isinstance(updated.error, SessionNotFound) else Failure(updated.error)
        await uow.commit(reused, event)
        return INVALID

    async def _renew(
        self, token: RefreshToken, session: Session, uow: UnitOfWork
    ) -> Result[OpenedSession, InvalidToken | Unavailable]:
        now = self.clock.now()
        is_active = await self._is_active(session)
        if isinstance(is_active, Failure):
            return is_active
        if now >= token.expires_at or not is_active.value:
            return INVALID
        access, refresh = self.tokens.issue(), self.tokens.issue(TokenKind.REFRESH)
        renewed, event = session.renew(access.digest, now)
        issued = RefreshToken.issue(renewed, refresh.digest, now)
        for done in (await self.sessions.update(renewed), await self.refresh_tokens.add(issued)):
            if isinstance(done, Failure):
                return INVALID if isinstance(done.error, SessionNotFound) else Failure(done.error)
        await uow.commit(event)
        return Success(
            OpenedSession(
                session=renewed,
                access_token=access,
                refresh_token=refresh,
                refresh_expires_at=issued.expires_at,
                device_token=token_of_session(self.devices, renewed, self.clock),
            )
        )

    async def _is_active(self, session: Session) -> Result[bool, Unavailable]:
        """Return whether the session is active, and the account of its user open."""
        found = await self.users.get(session.user_id)
        if isinstance(found, Failure):
            return Success(False) if isinstance(found.error, UserNotFound) else Failure(found.error)
        user = found.value
        same = user.security_stamp == session.security_stamp and user.can_log_in
        return Success(same and session.is_active(self.clock.now()))


@dataclass(frozen=True, slots=True, kw_only=True)
class LogOut(UseCase):
    """End a session; its tokens are invalid from the next request on.

    If it has ended already, nothing is changed or recorded.
    """

    sessions: SessionRepository

    @audit_failures("session.end", ResourceType.SESSION)
    @retry_on_conflict
    async def __call__(
        self, *, session_id: SessionId, user_id: UserId
    ) -> Result[None, SessionNotFound | Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            found = await self.sessions.lock(session_id, owner=user_id)
            if isinstance(found, Failure):
                return found
            if found.value.ended_at is not None:
                return Success(None)
            session, ended = found.value.end(self.clock.now())
            updated = await self.sessions.update(session)
            if isinstance(updated, Failure):
                return updated
            await uow.commit(ended)
        return Success(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndSessions(UseCase):
    """End all sessions of a user, or all but the current one; return how many."""

    sessions: SessionRepository

    @audit_failures("sessions.end", ResourceType.SESSION)
    @retry_on_conflict
    async def __call__(
        self, *, user_id: UserId, except_for: SessionId | None = None
    ) -> Result[int, Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            now = self.clock.now()
            ended = await self.sessions.end_all(user_id, now, except_for=except_for)
            if isinstance(ended, Failure):
                return ended
            event = SessionsEnded(
                subject_id=user_id,
                actor=origin.get().actor,
                occurred_at=now,
                count=ended.value,
                kept_session_id=except_for,
            )
            await uow.commit(event)
        return ended


@dataclass(frozen=True, slots=True, kw_only=True)
class EndOutdatedSessions:
    """Mark the sessions as ended that the security stamp has made invalid.

    So lists and the audit trail agree with it. Sessions with the new stamp go on.
    """

    users: UserRepository
    sessions: SessionRepository
    clock: Clock
    unit_of_work: UnitOfWorkFactory

    async def __call__(self, event: UserPasswordChanged) -> Result[None, Unavailable]:
        if event.subject_id is None:
            return Success(None)
        owner, now = UserId(event.subject_id), self.clock.now()
        async with self.unit_of_work(owner=owner) as uow:
            found = await self.users.get(owner)
            if isinstance(found, Failure):
                return _unless_gone(found.error)
            stamp = found.value.security_stamp
            ended = await self.sessions.end_all(owner, now, below=stamp)
            if isinstance(ended, Failure):
                return ended
            if ended.value:
                ended_sessions = SessionsEnded(
                    subject_id=owner,
                    actor=SYSTEM,
                    occurred_at=now,
                    count=ended.value,
                    kept_session_id=event.kept_session_id,
                )
                await uow.commit(ended_sessions)
        return Success(None)


def _unless_gone(error: UserNotFound | Unavailable) -> Result[None, Unavailable]:
    """A user who was erased meanwhile has no sessions."""
    return Success(None) if isinstance(error, UserNotFound) else Failure(error)


async def revoke_all_access(
    sessions: SessionRepository,
    api_tokens: ApiTokenRepository,
    connected_apps: ConnectedAppRepository,
    owner: UserId,
    at: datetime,
) -> Result[Sequence[Fact], Unavailable]:
    """End all sessions of a user, and revoke all API tokens and connected apps.

    Return what to commit.
    """
    ended = await sessions.end_all(owner, at)
    if isinstance(ended, Failure):
        return ended
    revoked = await api_tokens.revoke_all(owner, at)
    if isinstance(revoked, Failure):
        return revoked
    disconnected = await connected_apps.revoke_all(owner, at)
    if isinstance(disconnected, Failure):
        return disconnected
    actor = Actor.user(owner)
    return Success(
        [
            SessionsEnded(
                subject_id=owner,
                actor=actor,
                occurred_at=at,
                count=ended.value,
                kept_session_id=None,
            ),
            API_TOKENS_REVOKED.record(
                subject_id=owner, actor=actor, occurred_at=at, count=revoked.value
            ),
            CONNECTED_APPS_REVOKED.record(
                subject_id=owner, actor=actor, occurred_at=at, count=disconnected.value
            ),
        ]
    )


SessionInUse = tuple[Session, Usage]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSessions(UseCase):
    """List a user's active sessions, the latest first."""

    sessions: SessionRepository

    @audited_query("sessions.view", SESSIONS_VIEWED, count)
    async def __call__(self, *, user_id: UserId) -> Result[Sequence[SessionInUse], Unavailable]:
        return await self.sessions.of_user(user_id, self.clock.now())


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowSession(UseCase):
    """Show one of a user's active sessions."""

    sessions: SessionRepository

    @audited_query("session.view", SESSION_VIEWED)
    async def __call__(
        self, *, session_id: SessionId, user_id: UserId
    ) -> Result[SessionInUse, SessionNotFound | Unavailable]:
        found = await self.sessions.of_user(user_id, self.clock.now())
        if isinstance(found, Failure):
            return found
        wanted = [each for each in found.value if each[0].id == session_id]
        return Success(wanted[0]) if wanted else Failure(SessionNotFound())
