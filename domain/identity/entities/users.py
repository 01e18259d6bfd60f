"""People who own what is gathered here."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import ClassVar, Self

from domain.identity.events import (
    AccountDeleted,
    AccountKept,
    EmailVerified,
    PasswordRehashed,
    UserPasswordChanged,
    UserRegistered,
)
from domain.identity.values import Email, PasswordHash
from domain.shared.events import Actor
from domain.shared.ids import SessionId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person with an account here.

    Sessions carry the security stamp that they were opened with: once it is another, they are over.
    """

    id: UserId
    email: Email
    password_hash: PasswordHash = field(repr=False)
    registered_at: datetime
    verified_at: datetime | None = None
    security_stamp: int = 1
    erase_after: datetime | None = None

    GRACE: ClassVar = timedelta(days=14)

    @classmethod
    def register(
        cls, *, id: UserId, email: Email, password_hash: PasswordHash, at: datetime
    ) -> tuple[Self, UserRegistered]:
        """Open an account; the address is not proved yet."""
        user = cls(id=id, email=email, password_hash=password_hash, registered_at=at)
        return user, UserRegistered(subject_id=id, actor=Actor.user(id), occurred_at=at)

    @property
    def may_enter(self) -> bool:
        """Whether the right password opens a session."""
        return self.verified_at is not None and self.erase_after is None

    def verify(self, email: Email, at: datetime) -> tuple[Self, EmailVerified]:
        """Take an address as theirs that they proved to read: the first one, or another."""
        event = EmailVerified(
            subject_id=self.id,
            actor=Actor.user(self.id),
            occurred_at=at,
            changed=email != self.email,
        )
        return replace(self, email=email, verified_at=at), event

    def change_password(
        self, password_hash: PasswordHash, at: datetime, *, keep: SessionId | None = None
    ) -> tuple[Self, UserPasswordChanged]:
        """Take another password; sessions are over, but for the one that is kept."""
        event = UserPasswordChanged(
            subject_id=self.id,
            actor=Actor.user(self.id),
            occurred_at=at,
            kept_session_id=keep,
        )
        changed = replace(self, password_hash=password_hash, security_stamp=self.security_stamp + 1)
        return changed, event

    def rehash(self, password_hash: PasswordHash, at: datetime) -> tuple[Self, PasswordRehashed]:
        """Keep the same password in a stronger form."""
        event = PasswordRehashed(subject_id=self.id, actor=Actor.user(self.id), occurred_at=at)
        return replace(self, password_hash=password_hash), event

    def delete(self, at: datetime) -> tuple[Self, AccountDeleted]:
        """Close the account at once; what it holds is erased when the days of grace are over."""
        event = AccountDeleted(subject_id=self.id, actor=Actor.user(self.id), occurred_at=at)
        closed = replace(self, erase_after=at + self.GRACE, security_stamp=self.security_stamp + 1)
        return closed, event

    def keep(self, at: datetime) -> tuple[Self, AccountKept]:
        """Open an account again that was to be erased."""
        event = AccountKept(subject_id=self.id, actor=Actor.user(self.id), occurred_at=at)
        return replace(self, erase_after=None), event
