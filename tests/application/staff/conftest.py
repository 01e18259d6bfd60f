"""Use cases of staff over a store in memory."""

from dataclasses import dataclass, field, replace

import pytest

from adapters.security.devices import SignedDeviceTokens
from adapters.security.enrolments import SealedEnrolments
from adapters.security.envelope import Keyring
from dashtam.application.staff.change_staff_password import ChangeStaffPassword
from dashtam.application.staff.enrol_second_factor import (
    ConfirmError,
    ConfirmSecondFactor,
    Enrolment,
    OfferSecondFactor,
)
from dashtam.application.staff.log_in_staff import LogInStaff
from dashtam.application.staff.log_out_staff import LogOutStaff
from dashtam.application.staff.manage_staff import AddStaff, DisableStaff, ResetStaff
from dashtam.application.staff.proof import JudgeProof
from dashtam.application.staff.record_page import RecordPage
from dashtam.application.staff.remember_device import RememberStaffDevice
from dashtam.application.staff.rotate_keys import RotateStaffKeys
from domain.identity.values import PasswordHash
from domain.shared.ids import StaffId
from domain.shared.result import Result, Success
from domain.staff.entities import SecondFactor, StaffMember
from domain.staff.values import StaffRole
from tests.application.conftest import Application
from tests.contracts.staff import StaffWorld
from tests.identity_fakes import ShortList
from tests.staff_fakes import (
    CODES,
    AgingHasher,
    InMemoryStaffFactors,
    InMemoryStaffRepository,
    code_of,
)

#: The one that somebody was given first, and the one that they chose.
FIRST, PASSWORD = "what the colleague typed", "correct horse battery"
KEYS = Keyring({"test": b"k" * 32})


@dataclass
class Office:
    """The use cases, and what staff have in their heads and pockets."""

    app: Application
    hasher: AgingHasher = field(default_factory=AgingHasher)

    def __post_init__(self) -> None:
        store, basics = self.app.store, self.app.basics
        self.staff = InMemoryStaffRepository(store)
        self.factors = InMemoryStaffFactors(store)
        judge = JudgeProof(
            hasher=self.hasher, factors=self.factors, codes=CODES, clock=self.app.clock
        )
        kept = {"staff": self.staff, "factors": self.factors}
        proving = {**kept, "hasher": self.hasher, "judge_proof": judge}
        proving["guesses"] = self.app.world.guess_limiter
        self.add = AddStaff(staff=self.staff, hasher=self.hasher, judge=ShortList(), **basics)
        self.disable = DisableStaff(staff=self.staff, **basics)
        self.reset = ResetStaff(**kept, hasher=self.hasher, judge=ShortList(), **basics)  # type: ignore[arg-type]  # as named
        devices = SignedDeviceTokens("a key")
        self.log_in = LogInStaff(**proving, devices=devices, **basics)  # type: ignore[arg-type]  # as named
        self.log_out = LogOutStaff(**basics)
        self.remember = RememberStaffDevice(staff=self.staff, devices=devices, **basics)
        enrolling = {**kept, "codes": CODES, "seals": SealedEnrolments(lambda: KEYS)}
        self.offer = OfferSecondFactor(**enrolling, **basics)  # type: ignore[arg-type]  # as named
        enrolling |= {"hasher": self.hasher, "judge": ShortList()}
        self.confirm = ConfirmSecondFactor(**enrolling, **basics)  # type: ignore[arg-type]  # as named
        self.change_password = ChangeStaffPassword(**proving, judge=ShortList(), **basics)  # type: ignore[arg-type]  # as named
        self.record = RecordPage(**basics)
        self.rotate = RotateStaffKeys(factors=self.factors, **basics)

    @property
    def step(self) -> int:
        return int(self.app.clock.at.timestamp()) // 30

    @property
    def trail(self) -> list[tuple[str, str]]:
        return self.app.trail

    def factor(self, staff_id: StaffId) -> SecondFactor:
        return self.app.store.staff_factors[staff_id]

    async def offered(self, staff_id: StaffId) -> Enrolment:
        """Open the page of the first log-in, as one browser does."""
        offered = await self.offer(staff_id=staff_id)
        assert isinstance(offered, Success)
        return offered.value

    async def confirmed(
        self, staff_id: StaffId, shown: Enrolment, *, code: str = "", new_password: str = PASSWORD
    ) -> Result[StaffMember, ConfirmError]:
        good = code_of(SecondFactor(staff_id=staff_id, secret=shown.secret), self.step)
        return await self.confirm(
            staff_id=staff_id, sealed=shown.sealed, code=code or good, new_password=new_password
        )

    def code(self, staff_id: StaffId, ahead: int = 0) -> str:
        return code_of(self.factor(staff_id), self.step + ahead)

    async def hire(self, name: str = "grace") -> StaffMember:
        added = await self.add(name=name, role=StaffRole.SUPPORT, password=FIRST)
        assert isinstance(added, Success)
        return added.value

    async def enrol(self, name: str = "grace") -> StaffMember:
        """Take somebody in who has a second factor already, whose code of now is used."""
        member = await self.hire(name)
        confirmed = await self.confirmed(member.id, await self.offered(member.id))
        assert isinstance(confirmed, Success)
        return confirmed.value

    def age(self, member: StaffMember) -> None:
        """Let somebody's hash be one that was made long ago."""
        old = replace(member, password_hash=PasswordHash(f"old${member.password_hash}"))
        self.app.store.staff[member.id] = old


@pytest.fixture
def office(app: Application) -> Office:
    return Office(app)


@pytest.fixture
def staff_world(office: Office) -> StaffWorld:
    return StaffWorld(staff=office.staff, factors=office.factors)
