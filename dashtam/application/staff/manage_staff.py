"""Add, disable and reset members of staff."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.identity.passwords import choose_password
from dashtam.application.use_case import UseCase
from domain.audit.origin import origin
from domain.identity.errors import WeakPassword
from domain.identity.ports import PasswordHasher, PasswordPolicy
from domain.shared.errors import Unavailable
from domain.shared.events import AuditRecord, ResourceType
from domain.shared.ids import StaffId, new_id
from domain.shared.result import Failure, Result, Success
from domain.staff.actions import STAFF_FACTOR_REMOVED
from domain.staff.entities import StaffMember
from domain.staff.errors import InvalidStaffName, StaffNameTaken, StaffNotFound
from domain.staff.ports import StaffFactorRepository, StaffRepository
from domain.staff.values import StaffName, StaffRole

AddStaffError = InvalidStaffName | WeakPassword | StaffNameTaken | Unavailable
FindStaffError = InvalidStaffName | StaffNotFound | Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class AddStaff(UseCase):
    """Add a member of staff, who enrols a second factor at the first log-in."""

    staff: StaffRepository
    hasher: PasswordHasher
    password_policy: PasswordPolicy

    @audit_failures("staff.add", ResourceType.STAFF)
    @retry_on_conflict
    async def __call__(
        self, *, name: str, role: StaffRole, password: str
    ) -> Result[StaffMember, AddStaffError]:
        parsed = StaffName.parse(name)
        if isinstance(parsed, Failure):
            return parsed
        chosen = await choose_password(password, parsed.value.text, self.password_policy)
        if isinstance(chosen, Failure):
            return chosen
        member, event = StaffMember.add(
            id=StaffId(new_id()),
            name=parsed.value,
            role=role,
            password_hash=await self.hasher.hash(chosen.value),
            at=self.clock.now(),
            by=origin.get().actor,
        )
        async with self.unit_of_work() as uow:
            added = await self.staff.add(member)
            if isinstance(added, Failure):
                return added
            await uow.commit(event)
        return Success(member)


@dataclass(frozen=True, slots=True, kw_only=True)
class DisableStaff(UseCase):
    """Disable a member of staff; their sessions end at once."""

    staff: StaffRepository

    @audit_failures("staff.disable", ResourceType.STAFF)
    @retry_on_conflict
    async def __call__(self, *, name: str) -> Result[StaffMember, FindStaffError]:
        async with self.unit_of_work() as uow:
            locked = await _lock(self.staff, name)
            if isinstance(locked, Failure):
                return locked
            disabled, event = locked.value.disable(at=self.clock.now(), by=origin.get().actor)
            updated = await self.staff.update(disabled)
            if isinstance(updated, Failure):
                return updated
            await uow.commit(event)
        return Success(disabled)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetStaff(UseCase):
    """Set a new password and remove the second factor; all sessions end."""

    staff: StaffRepository
    staff_factors: StaffFactorRepository
    hasher: PasswordHasher
    password_policy: PasswordPolicy

    @audit_failures("staff.reset", ResourceType.STAFF)
    @retry_on_conflict
    async def __call__(
        self, *, name: str, password: str
    ) -> Result[StaffMember, WeakPassword | FindStaffError]:
        chosen = await choose_password(password, name, self.password_policy)
        if isinstance(chosen, Failure):
            return chosen
        new_hash = await self.hasher.hash(chosen.value)
        by, now = origin.get().actor, self.clock.now()
        async with self.unit_of_work() as uow:
            locked = await _lock(self.staff, name)
            if isinstance(locked, Failure):
                return locked
            member, event = locked.value.reset(new_hash, at=now, by=by)
            updated = await self.staff.update(member)
            if isinstance(updated, Failure):
                return updated
            removed = await self.staff_factors.remove(member.id)
            if isinstance(removed, Failure):
                return removed
            gone = STAFF_FACTOR_REMOVED.record(subject_id=member.id, actor=by, occurred_at=now)
            facts: list[AuditRecord] = [gone] if removed.value else []
            await uow.commit(event, *facts)
        return Success(member)


async def _lock(staff: StaffRepository, name: str) -> Result[StaffMember, FindStaffError]:
    parsed = StaffName.parse(name)
    if isinstance(parsed, Failure):
        return parsed
    found = await staff.get_by_name(parsed.value)
    return found if isinstance(found, Failure) else await staff.lock(found.value.id)
