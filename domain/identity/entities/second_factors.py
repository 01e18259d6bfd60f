"""Second factors."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

from domain.identity.actions import SECOND_FACTOR_ENROLLED
from domain.identity.events import SecondFactorConfirmed, SecondFactorRemoved
from domain.identity.values import TotpSecret
from domain.shared.events import Actor, AuditRecord
from domain.shared.ids import SecondFactorId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactor:
    """An authenticator app (RFC 6238), which is required once a first code has confirmed it.

    `last_step` is the time step of the latest code that was accepted; that code and earlier ones
    are no longer accepted.
    """

    id: SecondFactorId
    user_id: UserId
    secret: TotpSecret = field(repr=False)
    enrolled_at: datetime
    confirmed_at: datetime | None = None
    last_step: int = 0

    @classmethod
    def enrol(
        cls, *, id: SecondFactorId, user_id: UserId, secret: TotpSecret, at: datetime
    ) -> tuple[Self, AuditRecord]:
        factor = cls(id=id, user_id=user_id, secret=secret, enrolled_at=at)
        actor = Actor.user(user_id)
        return factor, SECOND_FACTOR_ENROLLED.record(subject_id=id, actor=actor, occurred_at=at)

    def confirm(self, at: datetime) -> tuple[Self, SecondFactorConfirmed]:
        """Confirm the factor: from now on, every log-in requires a code."""
        event = SecondFactorConfirmed(
            subject_id=self.id, actor=Actor.user(self.user_id), occurred_at=at
        )
        return replace(self, confirmed_at=at), event

    def remove(self, at: datetime) -> SecondFactorRemoved:
        """Record the removal: from now on, the password is enough."""
        actor = Actor.user(self.user_id)
        return SecondFactorRemoved(subject_id=self.id, actor=actor, occurred_at=at)
