"""Enrolling a second factor, and changing a password with it."""

from base64 import b32decode
from datetime import timedelta
from xml.etree import ElementTree

import pytest

from dashtam.application.staff.second_factors import ELSEWHERE
from domain.identity.errors import WeakPassword, WrongCode
from domain.identity.values import Password
from domain.shared.ids import StaffId, new_id
from domain.shared.result import Failure, Success
from domain.staff.entities import StaffFactor
from domain.staff.errors import InvalidStaffCredentials, NoEnrolment, StaffNotFound
from tests.application.staff.conftest import FIRST, PASSWORD, StaffApplication
from tests.staff_fakes import code_of

NEW = "another long password"
DONE = Failure(NoEnrolment("There already is a second factor."))


class TestEnrolment:
    async def test_shows_the_secret_as_a_picture_and_as_text(
        self, office: StaffApplication
    ) -> None:
        grace = await office.hire()

        offered = await office.offered(grace.id)

        assert b32decode(offered.text.replace(" ", "")) == offered.secret.key
        assert ElementTree.fromstring(offered.picture).tag.endswith("svg")
        assert office.trail[-1] == ("staff.second_factor_offered", "success")

    async def test_shows_each_browser_a_different_secret_and_stores_none(
        self, office: StaffApplication
    ) -> None:
        grace = await office.hire()

        first, second = [await office.offered(grace.id) for _ in range(2)]

        assert first.secret != second.secret
        assert office.app.store.staff_factors == {}

    async def test_is_confirmed_by_a_code_and_a_new_password(
        self, office: StaffApplication
    ) -> None:
        grace = await office.enrol()

        factor = office.factor(grace.id)
        assert (factor.confirmed_at, factor.last_step) == (office.app.clock.at, office.step)
        assert office.app.store.staff[grace.id] == grace
        assert await office.hasher.verify(Password(PASSWORD), grace.password_hash)
        assert [action for action, _ in office.trail[-3:]] == [
            "staff.second_factor_enrolled",
            "staff.password_changed",
            "staff.logged_in",
        ]

    async def test_uses_up_the_confirming_code(self, office: StaffApplication) -> None:
        grace = await office.enrol()

        repeated = await office.log_in(name="grace", password=PASSWORD, code=office.code(grace.id))

        assert isinstance(repeated, Failure)

    async def test_is_not_confirmed_by_a_wrong_code(self, office: StaffApplication) -> None:
        grace = await office.hire()
        enrolment = await office.offered(grace.id)

        tried = await office.confirmed(grace.id, enrolment, code="000000")

        assert tried == Failure(WrongCode("That code does not match the secret shown above."))
        assert office.app.store.staff_factors == {}
        assert office.trail[-1] == ("staff.confirm_second_factor", "failure")
        # The secret that was shown stays valid.
        assert isinstance(await office.confirmed(grace.id, enrolment), Success)

    @pytest.mark.parametrize("password", [FIRST, "short", "passwordpassword"])
    async def test_refuses_the_initial_password_and_a_weak_one(
        self, office: StaffApplication, password: str
    ) -> None:
        grace = await office.hire()
        enrolment = await office.offered(grace.id)

        tried = await office.confirmed(grace.id, enrolment, new_password=password)

        assert isinstance(tried, Failure)
        assert isinstance(tried.error, WeakPassword)
        assert (office.app.store.staff_factors, office.app.store.staff[grace.id]) == ({}, grace)

    async def test_of_two_with_the_initial_password_one_succeeds_and_one_is_refused(
        self, office: StaffApplication
    ) -> None:
        grace = await office.hire()
        colleague, own = [await office.offered(grace.id) for _ in range(2)]

        assert isinstance(await office.confirmed(grace.id, own), Success)
        late = await office.confirmed(grace.id, colleague, new_password=NEW)

        assert late == ELSEWHERE
        assert office.factor(grace.id).secret == own.secret
        entry = office.app.store.entries[-1]
        assert (entry.action, entry.result) == ("staff.confirm_second_factor", "failure")
        assert (entry.resource_id, entry.details) == (grace.id, {"error": "enrolled-elsewhere"})
        # The first password opens nothing any more, and the colleague's secret neither.
        code = code_of(StaffFactor(staff_id=grace.id, secret=colleague.secret), office.step + 1)
        for password in (FIRST, NEW, PASSWORD):
            tried = await office.log_in(name="grace", password=password, code=code)
            assert isinstance(tried, Failure)

    async def test_is_cancelled_by_a_reset(self, office: StaffApplication) -> None:
        grace = await office.hire()
        enrolment = await office.offered(grace.id)

        await office.reset(name="grace", password="what the colleague typed next")

        assert await office.confirmed(grace.id, enrolment) == ELSEWHERE

    async def test_is_cancelled_by_disabling(self, office: StaffApplication) -> None:
        grace = await office.hire()
        enrolment = await office.offered(grace.id)

        await office.disable(name="grace")

        assert await office.confirmed(grace.id, enrolment) == ELSEWHERE

    async def test_is_valid_only_for_its_own_member(self, office: StaffApplication) -> None:
        grace, other = await office.hire(), await office.hire("other")
        enrolment = await office.offered(grace.id)

        assert await office.confirmed(other.id, enrolment) == ELSEWHERE

    async def test_requires_that_there_is_no_factor(self, office: StaffApplication) -> None:
        grace = await office.enrol()

        assert await office.offer(staff_id=grace.id) == DONE

    async def test_requires_a_member_of_staff(self, office: StaffApplication) -> None:
        nobody = StaffId(new_id())
        enrolment = await office.offered((await office.hire()).id)

        found = await office.offer(staff_id=nobody)

        assert found == Failure(StaffNotFound("There is no member of staff with this name."))
        assert await office.confirmed(nobody, enrolment) == ELSEWHERE

    async def test_records_no_secret(self, office: StaffApplication) -> None:
        grace = await office.enrol()
        offered = office.factor(grace.id).secret.key.hex()

        recorded = str([entry.details for entry in office.app.store.entries])

        assert offered not in recorded
        assert office.code(grace.id) not in recorded


class TestChangingThePassword:
    async def change(self, office: StaffApplication, staff_id: StaffId, **values: str) -> object:
        code = office.code(staff_id, ahead=1)
        arguments = {"password": PASSWORD, "code": code, "new_password": NEW, **values}
        return await office.change_password(staff_id=staff_id, **arguments)

    async def test_requires_both_factors_again(self, office: StaffApplication) -> None:
        grace = await office.enrol()

        changed = await self.change(office, grace.id)

        assert changed == Success(office.app.store.staff[grace.id])
        assert office.trail[-1] == ("staff.password_changed", "success")
        office.app.clock.at += timedelta(minutes=5)
        code = office.code(grace.id)
        assert isinstance(await office.log_in(name="grace", password=PASSWORD, code=code), Failure)
        assert isinstance(await office.log_in(name="grace", password=NEW, code=code), Success)

    @pytest.mark.parametrize(
        ("values", "reason"),
        [
            ({"password": "wrong horse battery"}, "wrong-password"),
            ({"code": "000000"}, "wrong-code"),
        ],
    )
    async def test_is_refused_without_either_factor(
        self, office: StaffApplication, values: dict[str, str], reason: str
    ) -> None:
        grace = await office.enrol()

        refused = await self.change(office, grace.id, **values)

        assert refused == Failure(InvalidStaffCredentials("Wrong password or code."))
        assert office.app.store.staff[grace.id] == grace
        entry = office.app.store.entries[-1]
        assert (entry.action, entry.result) == ("staff.password_refused", "denied")
        assert entry.details == {"reason": reason}

    async def test_refuses_a_used_code(self, office: StaffApplication) -> None:
        grace = await office.enrol()

        refused = await self.change(office, grace.id, code=office.code(grace.id))

        assert isinstance(refused, Failure)
        assert office.app.store.entries[-1].details == {"reason": "used-code"}
        assert office.app.store.staff[grace.id] == grace

    async def test_requires_a_second_factor(self, office: StaffApplication) -> None:
        grace = await office.hire()

        refused = await office.change_password(
            staff_id=grace.id, password=FIRST, code="", new_password=NEW
        )

        assert isinstance(refused, Failure)
        assert office.app.store.entries[-1].details == {"reason": "no-second-factor"}

    @pytest.mark.parametrize("password", ["short", "x" * 1025])
    async def test_refuses_a_weak_password(self, office: StaffApplication, password: str) -> None:
        grace = await office.enrol()

        refused = await self.change(office, grace.id, new_password=password)

        assert isinstance(refused, Failure)
        assert isinstance(refused.error, WeakPassword)
        assert office.trail[-1] == ("staff.change_password", "failure")
