"""Enrolling a second factor, and changing a password with it."""

from base64 import b32decode
from datetime import timedelta
from xml.etree import ElementTree

import pytest

from domain.identity.errors import WeakPassword
from domain.shared.ids import StaffId, new_id
from domain.shared.result import Failure, Success
from domain.staff.errors import NoEnrolment, StaffNotFound, WrongCode, WrongStaffProof
from tests.application.staff.conftest import PASSWORD, Office

NEW = "another long password"
DONE = Failure(NoEnrolment("There is a second factor already."))


class TestEnrolment:
    async def test_shows_a_secret_as_picture_and_text(self, office: Office) -> None:
        grace = await office.hire()

        offered = await office.offer(staff_id=grace.id)

        assert isinstance(offered, Success)
        typed = offered.value.text.replace(" ", "")
        assert b32decode(typed) == office.factor(grace.id).secret.key
        assert ElementTree.fromstring(offered.value.picture).tag.endswith("svg")
        assert office.trail[-1] == ("staff.second_factor_offered", "success")

    async def test_shows_the_same_until_it_is_confirmed(self, office: Office) -> None:
        grace = await office.hire()

        assert await office.offer(staff_id=grace.id) == await office.offer(staff_id=grace.id)

    async def test_is_confirmed_by_a_code(self, office: Office) -> None:
        grace = await office.enrol()

        factor = office.factor(grace.id)
        assert (factor.confirmed_at, factor.last_step) == (office.app.clock.at, office.step)
        assert [action for action, _ in office.trail[-2:]] == [
            "staff.second_factor_enrolled",
            "staff.logged_in",
        ]

    async def test_uses_up_the_code_that_confirms_it(self, office: Office) -> None:
        grace = await office.enrol()

        again = await office.log_in(name="grace", password=PASSWORD, code=office.code(grace.id))

        assert isinstance(again, Failure)

    async def test_is_not_confirmed_by_a_wrong_code(self, office: Office) -> None:
        grace = await office.hire()
        await office.offer(staff_id=grace.id)

        tried = await office.confirm(staff_id=grace.id, code="000000")

        assert tried == Failure(WrongCode("This is not the code of the secret above."))
        assert office.factor(grace.id).confirmed_at is None
        assert office.trail[-1] == ("staff.confirm_second_factor", "failure")

    async def test_is_for_who_has_none(self, office: Office) -> None:
        grace = await office.enrol()
        secret = office.factor(grace.id)

        assert await office.offer(staff_id=grace.id) == DONE
        code = office.code(grace.id, ahead=1)
        assert await office.confirm(staff_id=grace.id, code=code) == DONE
        assert office.factor(grace.id) == secret

    async def test_is_for_staff(self, office: Office) -> None:
        nobody = StaffId(new_id())

        found = await office.offer(staff_id=nobody)

        assert found == Failure(StaffNotFound("Nobody on the staff is called that."))
        assert await office.confirm(staff_id=nobody, code="000000") == DONE

    async def test_leaves_no_secret_in_the_trail(self, office: Office) -> None:
        grace = await office.enrol()
        offered = office.factor(grace.id).secret.key.hex()

        told = str([entry.details for entry in office.app.store.entries])

        assert offered not in told
        assert office.code(grace.id) not in told


class TestChangingThePassword:
    async def change(self, office: Office, staff_id: StaffId, **given: str) -> object:
        code = office.code(staff_id, ahead=1)
        asked = {"password": PASSWORD, "code": code, "new_password": NEW, **given}
        return await office.change_password(staff_id=staff_id, **asked)

    async def test_needs_both_factors_once_more(self, office: Office) -> None:
        grace = await office.enrol()

        changed = await self.change(office, grace.id)

        assert changed == Success(office.app.store.staff[grace.id])
        assert office.trail[-1] == ("staff.password_changed", "success")
        office.app.clock.at += timedelta(minutes=5)
        code = office.code(grace.id)
        assert isinstance(await office.log_in(name="grace", password=PASSWORD, code=code), Failure)
        assert isinstance(await office.log_in(name="grace", password=NEW, code=code), Success)

    @pytest.mark.parametrize(
        ("given", "reason"),
        [
            ({"password": "wrong horse battery"}, "wrong-password"),
            ({"code": "000000"}, "wrong-code"),
        ],
    )
    async def test_is_refused_without_one(
        self, office: Office, given: dict[str, str], reason: str
    ) -> None:
        grace = await office.enrol()

        refused = await self.change(office, grace.id, **given)

        assert refused == Failure(WrongStaffProof("Password or code is wrong."))
        assert office.app.store.staff[grace.id] == grace
        entry = office.app.store.entries[-1]
        assert (entry.action, entry.result) == ("staff.password_refused", "denied")
        assert entry.details == {"reason": reason}

    async def test_takes_no_code_twice(self, office: Office) -> None:
        grace = await office.enrol()

        refused = await self.change(office, grace.id, code=office.code(grace.id))

        assert isinstance(refused, Failure)
        assert office.app.store.entries[-1].details == {"reason": "used-code"}
        assert office.app.store.staff[grace.id] == grace

    async def test_is_for_who_has_a_second_factor(self, office: Office) -> None:
        grace = await office.hire()

        refused = await office.change_password(
            staff_id=grace.id, password=PASSWORD, code="", new_password=NEW
        )

        assert isinstance(refused, Failure)
        assert office.app.store.entries[-1].details == {"reason": "no-second-factor"}

    @pytest.mark.parametrize("password", ["short", "x" * 1025])
    async def test_takes_no_weak_one(self, office: Office, password: str) -> None:
        grace = await office.enrol()

        refused = await self.change(office, grace.id, new_password=password)

        assert isinstance(refused, Failure)
        assert isinstance(refused.error, WeakPassword)
        assert office.trail[-1] == ("staff.change_password", "failure")
