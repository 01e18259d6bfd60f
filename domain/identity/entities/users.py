"""People who own what is gathered here."""

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

    Sessions carry the security stamp that they were opened with: once it is another, they are over.
    `wanted_email` is not verified yet; `former_email` has to be notified of the change.
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
        """Whether the right password opens a session."""
        return self.verified_at is not None and self.erase_after is None

    def verify(
        self, email: Email, at: datetime, password_hash: PasswordHash
    ) -> tuple[Self, EmailVerified]:
        """Set an email address that they verified, and the password that they gave with it."""
        event = EmailVerified(
            subject_id=self.id,
            actor=Actor.user(self.id),
            occurred_at=at,
            changed=email != self.email,
        )
        # After two changes in a row it is the first address whose owner has to hear of it.
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
        """Whether proving this address still changes anything."""
        return self.erase_after is None and email in (self.email, self.wanted_email)

    def request_email(
        self, email: Email, at: datetime
    ) -> tuple[Self, EmailChangeRequested | AuditRecord]:
        """Ask for another email address; asking for the present one cancels an earlier request."""
        actor = Actor.user(self.id)
        if email == self.email:
            stays = EMAIL_CHANGE_WITHDRAWN.record(subject_id=self.id, actor=actor, occurred_at=at)
            return replace(self, wanted_email=None), stays
        wanted = EmailChangeRequested(subject_id=self.id, actor=actor, occurred_at=at)
        return replace(self, wanted_email=email), wanted

    def remove_former_email(self, at: datetime) -> tuple[Self, AuditRecord]:
        """Let go of the former address, which has been told."""
        event = FORMER_EMAIL_REMOVED.record(subject_id=self.id, actor=SYSTEM, occurred_at=at)
        return replace(self, former_email=None), event

    def change_password(
        self, password_hash: PasswordHash, at: datetime, *, keep: SessionId | None = None
    ) -> tuple[Self, UserPasswordChanged]:
        """Take another password; sessions are over, but for the one that is kept.

        Whoever had the old one may have wished for another address: that is over too.
        """
        event = UserPasswordChanged(
            subject_id=self.id,
            actor=Actor.user(self.id),
            occurred_at=at,
            kept_session_id=keep,
        )
        changed = replace(
            self,
            password_hash=password_hash,
            security_stamp=self.security_stamp + 1,
            wanted_email=None,
        )
        return changed, event

    def withdraw_password(self, nobodys: PasswordHash, at: datetime) -> tuple[Self, AuditRecord]:
        """Take a hash whose password nobody knows, until one is chosen with a letter."""
        event = PASSWORD_WITHDRAWN.record(subject_id=self.id, actor=SYSTEM, occurred_at=at)
        return replace(self, password_hash=nobodys), event

    def rehash(self, password_hash: PasswordHash, at: datetime) -> tuple[Self, AuditRecord]:
        """Keep the same password in a stronger form."""
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
