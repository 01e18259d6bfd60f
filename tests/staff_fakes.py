"""Ports of staff in memory, which fulfil `tests/contracts/staff.py`."""

from dataclasses import replace

import pyotp

from adapters.security.one_time_codes import TimeBasedCodes
from domain.shared.errors import Unavailable
from domain.shared.ids import StaffId
from domain.shared.result import Failure, Result, Success
from domain.staff.entities import StaffFactor, StaffMember
from domain.staff.errors import StaffNameTaken, StaffNotFound
from domain.staff.values import StaffName
from tests.fakes import Store, one

NOBODY = StaffNotFound("There is no member of staff with this name.")
CODES = TimeBasedCodes()


class InMemoryStaffRepository:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self, staff_id: StaffId) -> Result[StaffMember, StaffNotFound | Unavailable]:
        return one(self._store.staff.get(staff_id), NOBODY)

    async def get_by_name(
        self, name: StaffName
    ) -> Result[StaffMember, StaffNotFound | Unavailable]:
        found = [each for each in self._store.staff.values() if each.name == name]
        return one(next(iter(found), None), NOBODY)

    async def lock(self, staff_id: StaffId) -> Result[StaffMember, StaffNotFound | Unavailable]:
        return await self.get(staff_id)

    async def add(self, member: StaffMember) -> Result[None, StaffNameTaken | Unavailable]:
        if isinstance(await self.get_by_name(member.name), Success):
            return Failure(StaffNameTaken("There is already a member of staff with this name."))
        self._store.staff[member.id] = member
        return Success(None)

    async def update(self, member: StaffMember) -> Result[None, StaffNotFound | Unavailable]:
        stored = self._store.staff.get(member.id)
        if stored is None:
            return Failure(NOBODY)
        changed = replace(stored, password_hash=member.password_hash, is_active=member.is_active)
        self._store.staff[member.id] = changed
        return Success(None)


class InMemoryStaffFactors:
    def __init__(self, store: Store) -> None:
        self._store = store
        self.rewrapped = 0

    async def get(self, staff_id: StaffId) -> Result[StaffFactor | None, Unavailable]:
        return Success(self._store.staff_factors.get(staff_id))

    async def upsert(self, factor: StaffFactor) -> Result[bool, Unavailable]:
        stored = self._store.staff_factors.get(factor.staff_id)
        if stored and stored.confirmed_at:
            return Success(False)
        self._store.staff_factors[factor.staff_id] = factor
        return Success(True)

    async def consume_step(self, staff_id: StaffId, step: int) -> Result[bool, Unavailable]:
        stored = self._store.staff_factors.get(staff_id)
        if stored is None or not stored.confirmed_at or stored.last_step >= step:
            return Success(False)
        self._store.staff_factors[staff_id] = replace(stored, last_step=step)
        return Success(True)

    async def remove(self, staff_id: StaffId) -> Result[bool, Unavailable]:
        return Success(self._store.staff_factors.pop(staff_id, None) is not None)

    async def rewrap(self) -> Result[int, Unavailable]:
        """Nothing is wrapped here: say what a test wants to hear."""
        return Success(self.rewrapped)


def code_of(factor: StaffFactor | None, step: int) -> str:
    """Return what the program of a staff member shows at this time step."""
    assert factor is not None
    (secret,) = pyotp.parse_uri(CODES.uri(factor.secret, username="x")).secret.split()
    return pyotp.TOTP(secret).generate_otp(step)
