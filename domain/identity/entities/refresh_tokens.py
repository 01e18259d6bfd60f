"""Refresh tokens."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar, Self

from domain.identity.entities.sessions import Session
from domain.identity.values import TokenDigest
from domain.shared.ids import SessionId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshToken:
    """A token that renews a session once; if it is used again, somebody else has it too."""

    digest: TokenDigest = field(repr=False)
    session_id: SessionId
    user_id: UserId
    issued_at: datetime
    expires_at: datetime
    used_at: datetime | None = None

    LIFETIME: ClassVar = timedelta(days=30)

    @classmethod
    def issue(cls, session: Session, digest: TokenDigest, at: datetime) -> Self:
        return cls(
            digest=digest,
            session_id=session.id,
            user_id=session.user_id,
            issued_at=at,
            expires_at=min(at + cls.LIFETIME, session.expires_at),
        )
