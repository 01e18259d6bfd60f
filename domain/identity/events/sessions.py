"""Facts about sessions."""

from dataclasses import dataclass

from domain.shared.events import AuditResult, DomainEvent, ResourceType
from domain.shared.ids import SessionId


@dataclass(frozen=True, kw_only=True)
class SessionOpened(DomainEvent):
    """A user logged in."""

    name = "session.opened"
    resource = ResourceType.SESSION


@dataclass(frozen=True, kw_only=True)
class SessionEnded(DomainEvent):
    """A user logged out: the token is worth nothing from now on."""

    name = "session.ended"
    resource = ResourceType.SESSION


@dataclass(frozen=True, kw_only=True)
class SessionsEnded(DomainEvent):
    """All sessions of a user are over, but for the one that is kept."""

    name = "sessions.ended"
    resource = ResourceType.USER

    count: int
    kept_session_id: SessionId | None


@dataclass(frozen=True, kw_only=True)
class SessionRenewed(DomainEvent):
    """A session goes on with other tokens."""

    name = "session.renewed"
    resource = ResourceType.SESSION
    announced = False


@dataclass(frozen=True, kw_only=True)
class SessionReauthenticated(DomainEvent):
    """A user authenticated again in their session."""

    name = "session.proved"
    resource = ResourceType.SESSION
    announced = False


@dataclass(frozen=True, kw_only=True)
class RefreshTokenReused(DomainEvent):
    """A token came again that a session had been renewed with: the session is over."""

    name = "refresh_token.reused"
    resource = ResourceType.SESSION
    result = AuditResult.DENIED


@dataclass(frozen=True, kw_only=True)
class SessionsViewed(DomainEvent):
    """A user read which sessions of theirs go on."""

    name = "sessions.viewed"
    resource = ResourceType.SESSION
    announced = False
    repeats = True

    count: int


@dataclass(frozen=True, kw_only=True)
class SessionViewed(DomainEvent):
    """A user read what is known of a session of theirs."""

    name = "session.viewed"
    resource = ResourceType.SESSION
    announced = False
    repeats = True
