"""Facts about people and their accounts."""

from dataclasses import dataclass

from domain.identity.values import MailPurpose
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
class EmailChangeWithdrawn(DomainEvent):
    """A user stays with the address that they have."""

    name = "email_change.withdrawn"
    resource = ResourceType.USER
    announced = False


@dataclass(frozen=True, kw_only=True)
class FormerEmailRemoved(DomainEvent):
    """A user's former address was told of the change, and is known no longer."""

    name = "former_email.removed"
    resource = ResourceType.USER
    announced = False


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
class PasswordWithdrawn(DomainEvent):
    """An address that nobody proved was registered again: the first password counts no more."""

    name = "user.password_withdrawn"
    resource = ResourceType.USER
    announced = False


@dataclass(frozen=True, kw_only=True)
class PasswordRehashed(DomainEvent):
    """A password is kept in a stronger form since its user logged in."""

    name = "user.password_rehashed"
    resource = ResourceType.USER
    announced = False


@dataclass(frozen=True, kw_only=True)
class TokenMailed(DomainEvent):
    """A token was made for a letter to a user."""

    name = "token.mailed"
    resource = ResourceType.USER
    announced = False

    purpose: MailPurpose


@dataclass(frozen=True, kw_only=True)
class TokenWithdrawn(DomainEvent):
    """The letter of a token could not be sent: nobody has it, and it is worth nothing."""

    name = "token.withdrawn"
    resource = ResourceType.USER
    result = AuditResult.FAILURE
    announced = False

    purpose: MailPurpose


@dataclass(frozen=True, kw_only=True)
class EmailRefused(DomainEvent):
    """A letter was asked for that was not written: there were enough within the hour."""

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
    """Someone could not prove who they are; the subject is whose address was given, if anyone's."""

    name = "login.failed"
    resource = ResourceType.USER
    result = AuditResult.DENIED
    announced = False

    reason: str

    @property
    def is_repeatable(self) -> bool:
        """Tell whether nothing was judged: guesses are few, and each of them is told."""
        return self.reason == "limited"
