"""Members of staff, who work in the admin, and their second factors."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

from domain.identity.values import PasswordHash, TotpSecret
from domain.shared.events import Actor, AuditRecord
from domain.shared.ids import StaffId
from domain.staff.actions import (
    STAFF_ADDED,
    STAFF_DISABLED,
    STAFF_FACTOR_ENROLLED,
    STAFF_PASSWORD_CHANGED,
    STAFF_RESET,
)
from domain.staff.values import StaffName, StaffRole


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffMember:
    """A member of staff, who is not a user."""

    id: StaffId
    name: StaffName
    role: StaffRole
    password_hash: PasswordHash = field(repr=False)
    added_at: datetime
    is_active: bool = True

    @classmethod
    def add(
        cls,
        *,
        id: StaffId,
        name: StaffName,
        role: StaffRole,
        password_hash: PasswordHash,
        at: datetime,
        by: Actor,
    ) -> tuple[Self, AuditRecord]:
        """Add a member of staff, who has no second factor yet."""
        member = cls(id=id, name=name, role=role, password_hash=password_hash, added_at=at)
        return member, STAFF_ADDED.record(subject_id=id, actor=by, occurred_at=at, role=role)

    def disable(self, *, at: datetime, by: Actor) -> tuple[Self, AuditRecord]:
        """Disable the account; what the member did stays recorded under their name."""
        event = STAFF_DISABLED.record(subject_id=self.id, actor=by, occurred_at=at)
        return replace(self, is_active=False), event

    def reset(
        self, password_hash: PasswordHash, *, at: datetime, by: Actor
    ) -> tuple[Self, AuditRecord]:
        """Set a new password for somebody who lost the old one or the second factor."""
        event = STAFF_RESET.record(subject_id=self.id, actor=by, occurred_at=at)
        return replace(self, password_hash=password_hash), event

    def change_password(
        self, password_hash: PasswordHash, *, at: datetime
    ) -> tuple[Self, AuditRecord]:
        """Change the password, as the member requested."""
        event = STAFF_PASSWORD_CHANGED.record(subject_id=self.id, actor=self.actor, occurred_at=at)
        return replace(self, password_hash=password_hash), event

    def with_hash(self, password_hash: PasswordHash) -> Self:
        """Store the same password as a stronger hash."""
        return replace(self, password_hash=password_hash)

    @property
    def can_log_in(self) -> bool:
        """Whether the account is active."""
        return self.is_active

    @property
    def actor(self) -> Actor:
        return Actor.staff(self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffFactor:
    """A secret shared with an authenticator app; it is required once a code has confirmed it."""

    staff_id: StaffId
    secret: TotpSecret
    confirmed_at: datetime | None = None
    #: The time step of the last code that was used: no code works twice.
    last_step: int = 0

    def confirm(self, step: int, *, at: datetime) -> tuple[Self, AuditRecord]:
        """Confirm the factor, and use up the code that did."""
        actor = Actor.staff(self.staff_id)
        event = STAFF_FACTOR_ENROLLED.record(subject_id=self.staff_id, actor=actor, occurred_at=at)
        return replace(self, confirmed_at=at, last_step=step), event
