"""People who work in the admin, and what proves them beside a password."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from domain.identity.values import PasswordHash, TotpSecret
from domain.shared.events import Actor
from domain.shared.ids import StaffId
from domain.staff.events import (
    SecondFactorEnrolled,
    StaffAdded,
    StaffDisabled,
    StaffPasswordChanged,
    StaffReset,
)
from domain.staff.values import StaffName, StaffRole


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffMember:
    """Somebody on the staff, who is no customer."""

    id: StaffId
    name: StaffName
    role: StaffRole
    password_hash: PasswordHash
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
    ) -> tuple[Self, StaffAdded]:
        """Take somebody in, who has no second factor yet."""
        member = cls(id=id, name=name, role=role, password_hash=password_hash, added_at=at)
        return member, StaffAdded(subject_id=id, actor=by, occurred_at=at, role=role)

    def disable(self, *, at: datetime, by: Actor) -> tuple[Self, StaffDisabled]:
        """Let them in no more; what they did stays theirs."""
        event = StaffDisabled(subject_id=self.id, actor=by, occurred_at=at)
        return replace(self, is_active=False), event

    def reset(
        self, password_hash: PasswordHash, *, at: datetime, by: Actor
    ) -> tuple[Self, StaffReset]:
        """Give them a new password, for when they lost what proves them."""
        event = StaffReset(subject_id=self.id, actor=by, occurred_at=at)
        return replace(self, password_hash=password_hash), event

    def change_password(
        self, password_hash: PasswordHash, *, at: datetime
    ) -> tuple[Self, StaffPasswordChanged]:
        """Take another password, at their own wish."""
        event = StaffPasswordChanged(subject_id=self.id, actor=self.actor, occurred_at=at)
        return replace(self, password_hash=password_hash), event

    def with_hash(self, password_hash: PasswordHash) -> Self:
        """Keep the same password by a hash of today's strength."""
        return replace(self, password_hash=password_hash)

    @property
    def actor(self) -> Actor:
        return Actor.staff(self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactor:
    """A secret shared with a program of a staff member's; it counts once a code confirmed it."""

    staff_id: StaffId
    secret: TotpSecret
    confirmed_at: datetime | None = None
    #: The time step of the last code that was taken: no code is taken twice.
    last_step: int = 0

    def confirm(self, step: int, *, at: datetime) -> tuple[Self, SecondFactorEnrolled]:
        """Let the factor count; the code that confirmed it is used up."""
        actor = Actor.staff(self.staff_id)
        event = SecondFactorEnrolled(subject_id=self.staff_id, actor=actor, occurred_at=at)
        return replace(self, confirmed_at=at, last_step=step), event
