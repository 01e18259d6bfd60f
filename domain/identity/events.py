"""Events of people: what others react to, or are told of."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.identity.values import Scope
from domain.shared.events import AuditResult, DomainEvent, ResourceType
from domain.shared.ids import SessionId


@dataclass(frozen=True, kw_only=True)
class UserRegistered(DomainEvent):
    """Someone opened an account here."""

    name = "user.registered"
    resource = ResourceType.USER


@dataclass(frozen=True, kw_only=True)
class RegistrationRepeated(DomainEvent):
    """Someone tried to open an account with an address that has one; the subject is its user."""

    name = "registration.repeated"
    resource = ResourceType.USER
    result = AuditResult.FAILURE


@dataclass(frozen=True, kw_only=True)
class VerificationRequested(DomainEvent):
    """Someone asked for the letter that proves an address; the subject is its user, if any."""

    name = "verification.requested"
    resource = ResourceType.USER


@dataclass(frozen=True, kw_only=True)
class EmailVerified(DomainEvent):
    """A user proved to read the mail of an address, which is theirs now."""

    name = "email.verified"
    resource = ResourceType.USER

    changed: bool


@dataclass(frozen=True, kw_only=True)
class EmailChangeRequested(DomainEvent):
    """A user wants another address, which they have to prove first."""

    name = "email_change.requested"
    resource = ResourceType.USER


@dataclass(frozen=True, kw_only=True)
class PasswordResetRequested(DomainEvent):
    """Someone asked for the letter that a new password is chosen with; of a user, if any."""

    name = "password_reset.requested"
    resource = ResourceType.USER


@dataclass(frozen=True, kw_only=True)
class UserPasswordChanged(DomainEvent):
    """A user has another password; their sessions are over, but for the one that is kept."""

    name = "user.password_changed"
    resource = ResourceType.USER

    kept_session_id: SessionId | None


@dataclass(frozen=True, kw_only=True)
class UserClosed(DomainEvent):
    """A user closed their account; what it holds is erased when the days of grace are over."""

    name = "user.deleted"
    resource = ResourceType.USER


@dataclass(frozen=True, kw_only=True)
class UserRestored(DomainEvent):
    """A user took back within the days of grace that they closed their account."""

    name = "user.kept"
    resource = ResourceType.USER


@dataclass(frozen=True, kw_only=True)
class UserErased(DomainEvent):
    """Nothing is left of a user but what the trail tells by their id: so many rows are gone."""

    name = "user.erased"
    resource = ResourceType.USER

    rows: Mapping[str, int]


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
class SessionsEnded(DomainEvent):
    """All sessions of a user are over, but for the one that is kept."""

    name = "sessions.ended"
    resource = ResourceType.USER

    count: int
    kept_session_id: SessionId | None


@dataclass(frozen=True, kw_only=True)
class RefreshTokenReused(DomainEvent):
    """A token came again that a session had been renewed with: the session is over."""

    name = "refresh_token.reused"
    resource = ResourceType.SESSION
    result = AuditResult.DENIED


@dataclass(frozen=True, kw_only=True)
class SecondFactorConfirmed(DomainEvent):
    """A user's log-in asks for a second factor from now on."""

    name = "second_factor.confirmed"
    resource = ResourceType.SECOND_FACTOR


@dataclass(frozen=True, kw_only=True)
class SecondFactorRemoved(DomainEvent):
    """A user's log-in asks for no second factor any more."""

    name = "second_factor.removed"
    resource = ResourceType.SECOND_FACTOR


@dataclass(frozen=True, kw_only=True)
class RecoveryCodeUsed(DomainEvent):
    """A recovery code stood for the second factor."""

    name = "recovery_code.used"
    resource = ResourceType.USER

    left: int


@dataclass(frozen=True, kw_only=True)
class ApiTokenIssued(DomainEvent):
    """A user made a token for a program."""

    name = "api_token.issued"
    resource = ResourceType.API_TOKEN

    scopes: tuple[Scope, ...]


@dataclass(frozen=True, kw_only=True)
class ApiTokenRevoked(DomainEvent):
    """A user's program lost its token."""

    name = "api_token.revoked"
    resource = ResourceType.API_TOKEN
