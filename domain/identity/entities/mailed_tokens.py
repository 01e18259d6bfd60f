"""Tokens that are sent by mail."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar, Self

from domain.identity.actions import EMAIL_REFUSED, TOKEN_MAILED, TOKEN_WITHDRAWN
from domain.identity.values import Email, MailPurpose, TokenDigest
from domain.shared.events import SYSTEM, AuditRecord
from domain.shared.ids import MailedTokenId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class MailedToken:
    """What proves that someone reads the mail of an address: good for one purpose, once."""

    id: MailedTokenId
    user_id: UserId
    purpose: MailPurpose
    email: Email
    digest: TokenDigest = field(repr=False)
    issued_at: datetime
    expires_at: datetime
    used_at: datetime | None = None

    LIFETIMES: ClassVar = {
        MailPurpose.VERIFY_EMAIL: timedelta(hours=24),
        MailPurpose.RESET_PASSWORD: timedelta(minutes=15),
        MailPurpose.RESTORE_USER: timedelta(days=14),
        MailPurpose.NOTICE: timedelta(0),
    }
    #: How many letters with tokens for one purpose go to one user within this time.
    MOST: ClassVar = 3
    WITHIN: ClassVar = timedelta(hours=1)

    @classmethod
    def issue(
        cls,
        *,
        id: MailedTokenId,
        user_id: UserId,
        purpose: MailPurpose,
        email: Email,
        digest: TokenDigest,
        at: datetime,
    ) -> tuple[Self, AuditRecord]:
        """Make one; those for the same purpose before it are no longer taken."""
        token = cls(
            id=id,
            user_id=user_id,
            purpose=purpose,
            email=email,
            digest=digest,
            issued_at=at,
            expires_at=at + cls.LIFETIMES[purpose],
        )
        event = TOKEN_MAILED.record(
            subject_id=user_id, actor=SYSTEM, occurred_at=at, purpose=purpose
        )
        return token, event

    @classmethod
    def refuse(cls, user_id: UserId, purpose: MailPurpose, at: datetime) -> AuditRecord:
        """Write no letter, since there were enough; what the latest one brought stays good."""
        return EMAIL_REFUSED.record(
            subject_id=user_id, actor=SYSTEM, occurred_at=at, purpose=purpose
        )

    def withdraw(self, at: datetime) -> AuditRecord:
        """Say that its letter could not be sent. Used up when it was made, it does not count."""
        return TOKEN_WITHDRAWN.record(
            subject_id=self.user_id, actor=SYSTEM, occurred_at=at, purpose=self.purpose
        )

    def is_good(self, at: datetime) -> bool:
        return self.used_at is None and at < self.expires_at
