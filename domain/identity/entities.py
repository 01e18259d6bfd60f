"""People who own what is gathered here, and their sessions."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar, Self

from domain.identity.events import SessionEnded, SessionOpened, UserRegistered
from domain.identity.values import Email, PasswordHash, TokenDigest
from domain.shared.events import Actor
from domain.shared.ids import SessionId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person with an account here."""

    id: UserId
    email: Email
    password_hash: PasswordHash
    registered_at: datetime

    @classmethod
    def register(
        cls, *, id: UserId, email: Email, password_hash: PasswordHash, at: datetime
    ) -> tuple[Self, UserRegistered]:
        """Open an account."""
        user = cls(id=id, email=email, password_hash=password_hash, registered_at=at)
        return user, UserRegistered(subject_id=id, actor=Actor.user(id), occurred_at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """The time during which a token stands for a user."""

    id: SessionId
    user_id: UserId
    token_digest: TokenDigest
    opened_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None

    LIFETIME: ClassVar = timedelta(hours=12)

    @classmethod
    def open(
        cls, *, id: SessionId, user_id: UserId, token_digest: TokenDigest, at: datetime
    ) -> tuple[Self, SessionOpened]:
        """Begin a session for someone who proved who they are."""
        session = cls(
            id=id,
            user_id=user_id,
            token_digest=token_digest,
            opened_at=at,
            expires_at=at + cls.LIFETIME,
        )
        return session, SessionOpened(subject_id=id, actor=Actor.user(user_id), occurred_at=at)

    def end(self, at: datetime) -> tuple[Self, SessionEnded]:
        """Log out."""
        event = SessionEnded(subject_id=self.id, actor=Actor.user(self.user_id), occurred_at=at)
        return replace(self, ended_at=at), event

    def is_active(self, at: datetime) -> bool:
        return self.ended_at is None and at < self.expires_at
