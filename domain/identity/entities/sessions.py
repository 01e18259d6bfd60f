"""Sessions."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import ClassVar, Self

from domain.identity.actions import SESSION_REAUTHENTICATED, SESSION_RENEWED
from domain.identity.events import SessionEnded, SessionOpened
from domain.identity.values import TokenDigest
from domain.shared.events import Actor, AuditRecord
from domain.shared.ids import SessionId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """The time during which tokens of one family stand for a user.

    An access token lives 15 minutes; a session as long as it is renewed, and 90 days at most. At
    `authenticated_at` its user last gave password and second factor.
    """

    id: SessionId
    user_id: UserId
    token_digest: TokenDigest = field(repr=False)
    token_expires_at: datetime
    security_stamp: int
    opened_at: datetime
    authenticated_at: datetime
    expires_at: datetime
    user_agent: str = ""
    ip_address: str | None = None
    ended_at: datetime | None = None

    LIFETIME: ClassVar = timedelta(days=90)
    TOKEN_LIFETIME: ClassVar = timedelta(minutes=15)
    RECENT_AUTHENTICATION: ClassVar = timedelta(minutes=10)

    @classmethod
    def open(
        cls,
        *,
        id: SessionId,
        user_id: UserId,
        token_digest: TokenDigest,
        at: datetime,
        security_stamp: int = 1,
        user_agent: str = "",
        ip_address: str | None = None,
    ) -> tuple[Self, SessionOpened]:
        """Begin a session for somebody who has logged in."""
        session = cls(
            id=id,
            user_id=user_id,
            token_digest=token_digest,
            token_expires_at=at + cls.TOKEN_LIFETIME,
            security_stamp=security_stamp,
            opened_at=at,
            authenticated_at=at,
            expires_at=at + cls.LIFETIME,
            user_agent=user_agent,
            ip_address=ip_address,
        )
        return session, SessionOpened(subject_id=id, actor=Actor.user(user_id), occurred_at=at)

    def renew(self, token_digest: TokenDigest, at: datetime) -> tuple[Self, AuditRecord]:
        """Go on with another access token; the one before is worth nothing from now on."""
        event = SESSION_RENEWED.record(
            subject_id=self.id, actor=Actor.user(self.user_id), occurred_at=at
        )
        expires = min(at + self.TOKEN_LIFETIME, self.expires_at)
        return replace(self, token_digest=token_digest, token_expires_at=expires), event

    def reauthenticate(self, at: datetime) -> tuple[Self, AuditRecord]:
        """Record that its user has authenticated again."""
        event = SESSION_REAUTHENTICATED.record(
            subject_id=self.id, actor=Actor.user(self.user_id), occurred_at=at
        )
        return replace(self, authenticated_at=at), event

    def end(self, at: datetime) -> tuple[Self, SessionEnded]:
        """Log out."""
        event = SessionEnded(subject_id=self.id, actor=Actor.user(self.user_id), occurred_at=at)
        return replace(self, ended_at=at), event

    def is_active(self, at: datetime) -> bool:
        """Whether it can be renewed."""
        return self.ended_at is None and at < self.expires_at

    def takes_token(self, at: datetime) -> bool:
        """Whether its access token is good for anything."""
        return self.is_active(at) and at < self.token_expires_at

    def is_recently_authenticated(self, at: datetime) -> bool:
        """Whether its user proved who they are a short while ago."""
        return at < self.authenticated_at + self.RECENT_AUTHENTICATION
