"""Facts about people and their sessions."""

from dataclasses import dataclass

from domain.shared.events import AuditResult, DomainEvent, ResourceType


@dataclass(frozen=True, kw_only=True)
class UserRegistered(DomainEvent):
    """Someone opened an account here."""

    name = "user.registered"
    resource = ResourceType.USER


@dataclass(frozen=True, kw_only=True)
class ProfileViewed(DomainEvent):
    """Someone read what is known of a user."""

    name = "user.viewed"
    resource = ResourceType.USER
    announced = False


@dataclass(frozen=True, kw_only=True)
class SessionOpened(DomainEvent):
    """A user proved who they are and got a token."""

    name = "session.opened"
    resource = ResourceType.SESSION


@dataclass(frozen=True, kw_only=True)
class SessionEnded(DomainEvent):
    """A user logged out: the token is worth nothing from now on."""

    name = "session.ended"
    resource = ResourceType.SESSION


@dataclass(frozen=True, kw_only=True)
class LoginFailed(DomainEvent):
    """Someone could not prove who they are; the subject is whose address was given, if anyone's."""

    name = "login.failed"
    resource = ResourceType.USER
    result = AuditResult.DENIED
    announced = False

    reason: str
