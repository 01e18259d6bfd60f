"""Tokens that are sent by email."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar, Self

from domain.identity.actions import EMAIL_REFUSED, TOKEN_MAILED, TOKEN_WITHDRAWN
from domain.identity.values import Email, MailPurpose, TokenDigest
from domain.shared.events import SYSTEM, AuditRecord
from domain.shared.ids import MailedTokenId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class MailedToken:
    """Proves that somebody reads the mail of an email address: valid once, for one purpose."""

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
    #: How many emails with tokens for one purpose a user is sent within this time.
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
        """Issue a token; earlier ones of the user for the same purpose are void."""
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
        """Send no email, since there were enough; the token of the latest one stays valid."""
        return EMAIL_REFUSED.record(
            subject_id=user_id, actor=SYSTEM, occurred_at=at, purpose=purpose
        )

    def withdraw(self, at: datetime) -> AuditRecord:
        """Record that the email was not sent. A token used when it was issued is not counted."""
        return TOKEN_WITHDRAWN.record(
            subject_id=self.user_id, actor=SYSTEM, occurred_at=at, purpose=self.purpose
        )

    def is_valid(self, at: datetime) -> bool:
        return self.used_at is None and at < self.expires_at
