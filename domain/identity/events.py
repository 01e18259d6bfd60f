"""Events of users, to which something reacts."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.identity.values import Scope
from domain.shared.events import AuditResult, DomainEvent, ResourceType
from domain.shared.ids import SessionId


@dataclass(frozen=True, kw_only=True)
class UserRegistered(DomainEvent):
    """Somebody registered."""

    name = "user.registered"
    resource = ResourceType.USER


@dataclass(frozen=True, kw_only=True)
class RegistrationRepeated(DomainEvent):
    """Somebody registered with an email address that is taken; the subject is its user."""

    name = "registration.repeated"
    resource = ResourceType.USER
    result = AuditResult.FAILURE


@dataclass(frozen=True, kw_only=True)
class VerificationRequested(DomainEvent):
    """A verification email was requested; the subject is the user of the address, if any."""

    name = "verification.requested"
    resource = ResourceType.USER


@dataclass(frozen=True, kw_only=True)
class EmailVerified(DomainEvent):
    """A user verified an email address."""

    name = "email.verified"
    resource = ResourceType.USER

    changed: bool


@dataclass(frozen=True, kw_only=True)
class EmailChangeRequested(DomainEvent):
    """A user requested another email address, which has to be verified first."""

    name = "email_change.requested"
    resource = ResourceType.USER


@dataclass(frozen=True, kw_only=True)
class PasswordResetRequested(DomainEvent):
    """A password reset was requested; the subject is the user of the address, if any."""

    name = "password_reset.requested"
    resource = ResourceType.USER


@dataclass(frozen=True, kw_only=True)
class UserPasswordChanged(DomainEvent):
    """A user changed their password, which ended all their other sessions."""

    name = "user.password_changed"
    resource = ResourceType.USER

    kept_session_id: SessionId | None


@dataclass(frozen=True, kw_only=True)
class UserClosed(DomainEvent):
    """A user closed their account; all its data is erased after the days of grace."""

    name = "user.deleted"
    resource = ResourceType.USER


@dataclass(frozen=True, kw_only=True)
class UserRestored(DomainEvent):
    """A user reopened their account within the days of grace."""

    name = "user.kept"
    resource = ResourceType.USER


@dataclass(frozen=True, kw_only=True)
class UserErased(DomainEvent):
    """All data of a user was erased but for the audit trail, which names them by their id."""

    name = "user.erased"
    resource = ResourceType.USER

    rows: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class SessionOpened(DomainEvent):
    """A user logged in."""

    name = "session.opened"
    resource = ResourceType.SESSION


@dataclass(frozen=True, kw_only=True)
class SessionEnded(DomainEvent):
    """A user logged out, and the session's tokens are void."""

    name = "session.ended"
    resource = ResourceType.SESSION


@dataclass(frozen=True, kw_only=True)
class SessionsEnded(DomainEvent):
    """All sessions of a user ended, except the one that is named."""

    name = "sessions.ended"
    resource = ResourceType.USER

    count: int
    kept_session_id: SessionId | None


@dataclass(frozen=True, kw_only=True)
class RefreshTokenReused(DomainEvent):
    """A refresh token was used a second time, which ended its session."""

    name = "refresh_token.reused"
    resource = ResourceType.SESSION
    result = AuditResult.DENIED


@dataclass(frozen=True, kw_only=True)
class SecondFactorConfirmed(DomainEvent):
    """A user confirmed a second factor, which every log-in requires from now on."""

    name = "second_factor.confirmed"
    resource = ResourceType.SECOND_FACTOR


@dataclass(frozen=True, kw_only=True)
class SecondFactorRemoved(DomainEvent):
    """A user removed their second factor."""

    name = "second_factor.removed"
    resource = ResourceType.SECOND_FACTOR


@dataclass(frozen=True, kw_only=True)
class RecoveryCodeUsed(DomainEvent):
    """A recovery code was used in place of the second factor."""

    name = "recovery_code.used"
    resource = ResourceType.USER

    left: int


@dataclass(frozen=True, kw_only=True)
class ApiTokenIssued(DomainEvent):
    """A user issued a token for a program."""

    name = "api_token.issued"
    resource = ResourceType.API_TOKEN

    scopes: tuple[Scope, ...]


@dataclass(frozen=True, kw_only=True)
class ApiTokenRevoked(DomainEvent):
    """A user revoked a program's token."""

    name = "api_token.revoked"
    resource = ResourceType.API_TOKEN
