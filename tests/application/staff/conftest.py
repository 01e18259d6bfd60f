"""Use cases of staff over a store in memory."""

from dataclasses import replace

import pytest

from dashtam.application.staff.log_in import (
    ChangeStaffPassword,
    LogInStaff,
    LogOutStaff,
    RememberStaffDevice,
)
from dashtam.application.staff.manage_staff import AddStaff, DisableStaff, ResetStaff
from dashtam.application.staff.record_page import RecordPage
from dashtam.application.staff.second_factors import (
    ConfirmError,
    ConfirmStaffFactor,
    OfferStaffFactor,
    RotateStaffKeys,
    StaffEnrolment,
)
from domain.identity.values import PasswordHash
from domain.shared.ids import StaffId
from domain.shared.result import Result, Success
from domain.staff.entities import StaffFactor, StaffMember
from domain.staff.values import StaffRole
from tests.application.conftest import Application
from tests.contracts.staff import StaffWorld
from tests.staff_fakes import (
    code_of,
)

#: The initial password, and the one that the member chose.
FIRST, PASSWORD = "what the colleague typed", "correct horse battery"


class StaffApplication:
    """The use cases, and what staff have in their heads and pockets."""

    def __init__(self, app: Application) -> None:
        self.app = app
        self.hasher, self.factors = app.hasher, app.staff_factors
        self.staff = app.world.staff
        self.add, self.disable = app.use(AddStaff), app.use(DisableStaff)
        self.reset = app.use(ResetStaff)
        self.log_in, self.log_out = app.use(LogInStaff), app.use(LogOutStaff)
        self.remember = app.use(RememberStaffDevice)
        self.offer, self.confirm = app.use(OfferStaffFactor), app.use(ConfirmStaffFactor)
        self.change_password = app.use(ChangeStaffPassword)
        self.record = app.use(RecordPage)
        self.rotate = app.use(RotateStaffKeys)

    @property
    def step(self) -> int:
        return int(self.app.clock.at.timestamp()) // 30

    @property
    def trail(self) -> list[tuple[str, str]]:
        return self.app.trail

    def factor(self, staff_id: StaffId) -> StaffFactor:
        return self.app.store.staff_factors[staff_id]

    async def offered(self, staff_id: StaffId) -> StaffEnrolment:
        """Open the page of the first log-in, as one browser does."""
        offered = await self.offer(staff_id=staff_id)
        assert isinstance(offered, Success)
        return offered.value

    async def confirmed(
        self,
        staff_id: StaffId,
        enrolment: StaffEnrolment,
        *,
        code: str = "",
        new_password: str = PASSWORD,
    ) -> Result[StaffMember, ConfirmError]:
        good = code_of(StaffFactor(staff_id=staff_id, secret=enrolment.secret), self.step)
        return await self.confirm(
            staff_id=staff_id, sealed=enrolment.sealed, code=code or good, new_password=new_password
        )

    def code(self, staff_id: StaffId, ahead: int = 0) -> str:
        return code_of(self.factor(staff_id), self.step + ahead)

    async def hire(self, name: str = "grace") -> StaffMember:
        added = await self.add(name=name, role=StaffRole.SUPPORT, password=FIRST)
        assert isinstance(added, Success)
        return added.value

    async def enrol(self, name: str = "grace") -> StaffMember:
        """Add a member with a second factor, whose current code is used."""
        member = await self.hire(name)
        confirmed = await self.confirmed(member.id, await self.offered(member.id))
        assert isinstance(confirmed, Success)
        return confirmed.value

    def age(self, member: StaffMember) -> None:
        """Give a member an old hash."""
        _, _, algorithm = member.password_hash.partition("$")
        old = replace(member, password_hash=PasswordHash(f"weak${algorithm}"))
        self.app.store.staff[member.id] = old


@pytest.fixture
def office(app: Application) -> StaffApplication:
    return StaffApplication(app)


@pytest.fixture
def staff_world(office: StaffApplication) -> StaffWorld:
    return StaffWorld(staff=office.staff, factors=office.factors)
