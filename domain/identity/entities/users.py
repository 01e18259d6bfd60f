"""Users."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import ClassVar, Self

from domain.identity.actions import (
    EMAIL_CHANGE_WITHDRAWN,
    FORMER_EMAIL_REMOVED,
    PASSWORD_REHASHED,
    PASSWORD_WITHDRAWN,
)
from domain.identity.events import (
    EmailChangeRequested,
    EmailVerified,
    UserClosed,
    UserPasswordChanged,
    UserRegistered,
    UserRestored,
)
from domain.identity.values import Email, PasswordHash
from domain.shared.events import SYSTEM, Actor, AuditRecord
from domain.shared.ids import SessionId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person with an account here.

    Sessions have the security stamp that they were opened with; when the user's changes, they end.
    `wanted_email` is not verified yet; the owner of `former_email` has yet to be notified.
    """

    id: UserId
    email: Email
    password_hash: PasswordHash = field(repr=False)
    registered_at: datetime
    verified_at: datetime | None = None
    security_stamp: int = 1
    erase_after: datetime | None = None
    wanted_email: Email | None = None
    former_email: Email | None = None

    GRACE: ClassVar = timedelta(days=14)

    @classmethod
    def register(
        cls, *, id: UserId, email: Email, password_hash: PasswordHash, at: datetime
    ) -> tuple[Self, UserRegistered]:
        """Register a user; the email address is not verified yet."""
        user = cls(id=id, email=email, password_hash=password_hash, registered_at=at)
        return user, UserRegistered(subject_id=id, actor=Actor.user(id), occurred_at=at)

    @property
    def can_log_in(self) -> bool:
        """Whether the email address is verified and the account is open."""
        return self.verified_at is not None and self.erase_after is None

    def verify(
        self, email: Email, at: datetime, password_hash: PasswordHash
    ) -> tuple[Self, EmailVerified]:
        """Set the email address that was verified, and the password that was given with it."""
        event = EmailVerified(
            subject_id=self.id,
            actor=Actor.user(self.id),
            occurred_at=at,
            changed=email != self.email,
        )
        # After two changes in a row, the owner of the first email address has to be notified.
        former = self.former_email or self.email if event.changed else self.former_email
        proved = replace(
            self,
            email=email,
            password_hash=password_hash,
            verified_at=at,
            wanted_email=None,
            former_email=former,
        )
        return proved, event

    def can_verify(self, email: Email) -> bool:
        """Return whether a token for this email address is still of use."""
        return self.erase_after is None and email in (self.email, self.wanted_email)

    def request_email(
        self, email: Email, at: datetime
    ) -> tuple[Self, EmailChangeRequested | AuditRecord]:
        """Request another email address; requesting the present one cancels an earlier request."""
        actor = Actor.user(self.id)
        if email == self.email:
            stays = EMAIL_CHANGE_WITHDRAWN.record(subject_id=self.id, actor=actor, occurred_at=at)
            return replace(self, wanted_email=None), stays
        wanted = EmailChangeRequested(subject_id=self.id, actor=actor, occurred_at=at)
        return replace(self, wanted_email=email), wanted

    def remove_former_email(self, at: datetime) -> tuple[Self, AuditRecord]:
        """Delete the former email address, whose owner has been notified."""
        event = FORMER_EMAIL_REMOVED.record(subject_id=self.id, actor=SYSTEM, occurred_at=at)
        return replace(self, former_email=None), event

    def change_password(
        self, password_hash: PasswordHash, at: datetime, *, except_for: SessionId | None = None
    ) -> tuple[Self, UserPasswordChanged]:
        """Change the password; all sessions end except the one in `except_for`.

        A requested change of the email address is cancelled: somebody who had the old password may
        have requested it.
        """
        event = UserPasswordChanged(
            subject_id=self.id,
            actor=Actor.user(self.id),
            occurred_at=at,
            kept_session_id=except_for,
        )
        changed = replace(
            self,
            password_hash=password_hash,
            security_stamp=self.security_stamp + 1,
            wanted_email=None,
        )
        return changed, event

    def withdraw_password(
        self, unusable_hash: PasswordHash, at: datetime
    ) -> tuple[Self, AuditRecord]:
        """Set a hash whose password nobody knows, until a new one is chosen by email."""
        event = PASSWORD_WITHDRAWN.record(subject_id=self.id, actor=SYSTEM, occurred_at=at)
        return replace(self, password_hash=unusable_hash), event

    def rehash(self, password_hash: PasswordHash, at: datetime) -> tuple[Self, AuditRecord]:
        """Store the same password as a stronger hash."""
        event = PASSWORD_REHASHED.record(
            subject_id=self.id, actor=Actor.user(self.id), occurred_at=at
        )
        return replace(self, password_hash=password_hash), event

    def close(self, at: datetime) -> tuple[Self, UserClosed]:
        """Close the account at once; all data is erased when the 14 days are over."""
        event = UserClosed(subject_id=self.id, actor=Actor.user(self.id), occurred_at=at)
        closed = replace(self, erase_after=at + self.GRACE, security_stamp=self.security_stamp + 1)
        return closed, event

    def restore(self, at: datetime) -> tuple[Self, UserRestored]:
        """Restore a closed account."""
        event = UserRestored(subject_id=self.id, actor=Actor.user(self.id), occurred_at=at)
        return replace(self, erase_after=None), event
