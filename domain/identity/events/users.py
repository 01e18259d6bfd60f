"""Facts about people and their accounts."""

from dataclasses import dataclass

from domain.identity.values import MailPurpose
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
    """Somebody requested a verification email; the subject is the user, if any."""

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
    """A user wants another email address, which they have to verify first."""

    name = "email_change.requested"
    resource = ResourceType.USER


@dataclass(frozen=True, kw_only=True)
class EmailChangeWithdrawn(DomainEvent):
    """A user cancelled a change of the email address."""

    name = "email_change.withdrawn"
    resource = ResourceType.USER
    announced = False


@dataclass(frozen=True, kw_only=True)
class FormerEmailRemoved(DomainEvent):
    """A user's old email address was notified of the change, and deleted."""

    name = "former_email.removed"
    resource = ResourceType.USER
    announced = False


@dataclass(frozen=True, kw_only=True)
class PasswordResetRequested(DomainEvent):
    """Somebody requested a password reset email; the subject is the user, if any."""

    name = "password_reset.requested"
    resource = ResourceType.USER


@dataclass(frozen=True, kw_only=True)
class UserPasswordChanged(DomainEvent):
    """A user changed the password; their other sessions ended."""

    name = "user.password_changed"
    resource = ResourceType.USER

    kept_session_id: SessionId | None


@dataclass(frozen=True, kw_only=True)
class PasswordWithdrawn(DomainEvent):
    """An unverified email address was registered again, so its first password is void."""

    name = "user.password_withdrawn"
    resource = ResourceType.USER
    announced = False


@dataclass(frozen=True, kw_only=True)
class PasswordRehashed(DomainEvent):
    """A password was hashed more strongly when its user logged in."""

    name = "user.password_rehashed"
    resource = ResourceType.USER
    announced = False


@dataclass(frozen=True, kw_only=True)
class TokenMailed(DomainEvent):
    """A token was issued for an email to a user."""

    name = "token.mailed"
    resource = ResourceType.USER
    announced = False

    purpose: MailPurpose


@dataclass(frozen=True, kw_only=True)
class TokenWithdrawn(DomainEvent):
    """The email with a token could not be sent, so the token is void."""

    name = "token.withdrawn"
    resource = ResourceType.USER
    result = AuditResult.FAILURE
    announced = False

    purpose: MailPurpose


@dataclass(frozen=True, kw_only=True)
class EmailRefused(DomainEvent):
    """An email was requested but not sent, because of the hourly limit."""

    name = "letter.refused"
    resource = ResourceType.USER
    result = AuditResult.DENIED
    announced = False
    repeats = True

    purpose: MailPurpose


@dataclass(frozen=True, kw_only=True)
class ProfileViewed(DomainEvent):
    """Someone read what is known of a user."""

    name = "user.viewed"
    resource = ResourceType.USER
    announced = False
    repeats = True


@dataclass(frozen=True, kw_only=True)
class LoginFailed(DomainEvent):
    """A log-in failed; the subject is the user with this email address, if any."""

    name = "login.failed"
    resource = ResourceType.USER
    result = AuditResult.DENIED
    announced = False

    reason: str

    @property
    def is_repeatable(self) -> bool:
        """Whether nothing was compared; every wrong guess is recorded by itself."""
        return self.reason == "limited"
