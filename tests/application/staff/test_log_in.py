"""Logging in to the admin: both factors, one answer to everything that is wrong."""

from dataclasses import replace

import pytest

from dashtam.application.staff.log_in_staff import ProvedStaff
from domain.shared.ids import StaffId, new_id
from domain.shared.result import Failure, Success
from domain.staff.entities import StaffMember
from domain.staff.errors import WrongStaffProof
from tests.application.staff.conftest import PASSWORD, Office

WRONG = Failure(WrongStaffProof("Name, password or code is wrong."))


async def test_both_factors_let_in(office: Office) -> None:
    grace = await office.enrol()

    proved = await office.log_in(
        name="grace", password=PASSWORD, code=office.code(grace.id, ahead=1)
    )

    assert proved == Success(ProvedStaff(member=grace, by_both=True))
    assert office.trail[-1] == ("staff.logged_in", "success")
    entry = office.app.store.entries[-1]
    assert (entry.actor.kind, entry.actor.id, entry.resource_id) == ("staff", grace.id, grace.id)


async def test_a_code_may_be_typed_in_groups(office: Office) -> None:
    code = office.code((await office.enrol()).id, ahead=1)

    proved = await office.log_in(name="grace", password=PASSWORD, code=f"{code[:3]} {code[3:]}")

    assert isinstance(proved, Success)


async def test_who_has_no_second_factor_has_not_passed(office: Office) -> None:
    grace = await office.hire()

    proved = await office.log_in(name="grace", password=PASSWORD, code="123456")

    assert proved == Success(ProvedStaff(member=grace, by_both=False))
    assert office.trail[-1] == ("staff.password_accepted", "success")


async def test_one_that_was_offered_and_not_confirmed_is_none(office: Office) -> None:
    grace = await office.hire()
    await office.offer(staff_id=grace.id)

    proved = await office.log_in(name="grace", password=PASSWORD, code=office.code(grace.id))

    assert proved == Success(ProvedStaff(member=grace, by_both=False))


class TestRefusals:
    """Each looks the same from outside; the trail says which it was."""

    async def refused(self, office: Office, reason: str, **given: str) -> None:
        before, worked = len(office.app.store.entries), office.hasher.verified
        tried = {"name": "grace", "password": PASSWORD, "code": "000000", **given}

        assert await office.log_in(**tried) == WRONG

        (entry,) = office.app.store.entries[before:]
        assert (entry.action, entry.result) == ("staff.login_failed", "denied")
        assert entry.details == {"reason": reason}
        assert (entry.actor.kind, entry.actor.id) == ("anonymous", None)
        # The same work, whoever it is.
        assert office.hasher.verified == worked + 1

    async def test_a_name_that_nobody_has(self, office: Office) -> None:
        await office.enrol()
        await self.refused(office, "unknown-name", name="nobody")
        await self.refused(office, "unknown-name", name="no name\n")
        assert office.app.store.entries[-1].resource_id is None

    async def test_a_wrong_password(self, office: Office) -> None:
        grace = await office.enrol()
        code = office.code(grace.id, ahead=1)

        await self.refused(office, "wrong-password", password="wrong horse battery", code=code)

        assert office.app.store.entries[-1].resource_id == grace.id

    @pytest.mark.parametrize("code", ["", "12345", "abcdef", "１２３４５６"])
    async def test_a_wrong_code(self, office: Office, code: str) -> None:
        await office.enrol()
        await self.refused(office, "wrong-code", code=code)

    async def test_the_code_of_somebody_else(self, office: Office) -> None:
        await office.enrol()
        other = await office.enrol("other")
        await self.refused(office, "wrong-code", code=office.code(other.id, ahead=1))

    async def test_a_code_that_was_used(self, office: Office) -> None:
        grace = await office.enrol()
        code = office.code(grace.id, ahead=1)
        assert isinstance(await office.log_in(name="grace", password=PASSWORD, code=code), Success)

        await self.refused(office, "used-code", code=code)
        # The one before it is of no use any more either.
        await self.refused(office, "used-code", code=office.code(grace.id))

    async def test_somebody_who_was_disabled(self, office: Office) -> None:
        grace = await office.enrol()
        await office.disable(name="grace")
        await self.refused(office, "disabled", code=office.code(grace.id, ahead=1))

    async def test_a_wrong_password_is_told_before_anything_else(self, office: Office) -> None:
        await office.enrol()
        await office.disable(name="grace")
        await self.refused(office, "wrong-password", password="wrong horse battery")

    async def test_somebody_who_is_changed_meanwhile(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        grace = await office.enrol()

        async def hold(staff_id: StaffId) -> Success[StaffMember]:
            return Success(replace(grace, is_active=False))

        monkeypatch.setattr(office.staff, "hold", hold)
        await self.refused(office, "changed-meanwhile", code=office.code(grace.id, ahead=1))


class TestOldHashes:
    async def test_grow_young_when_the_password_is_given(self, office: Office) -> None:
        grace = await office.enrol()
        office.age(grace)

        code = office.code(grace.id, ahead=1)
        assert isinstance(await office.log_in(name="grace", password=PASSWORD, code=code), Success)

        assert office.app.store.staff[grace.id] == grace

    async def test_stay_when_it_is_not(self, office: Office) -> None:
        grace = await office.enrol()
        office.age(grace)

        assert await office.log_in(name="grace", password=PASSWORD, code="000000") == WRONG

        assert office.app.store.staff[grace.id].password_hash.startswith("old$")


async def test_logging_out_is_recorded(office: Office) -> None:
    staff_id = StaffId(new_id())

    assert await office.log_out(staff_id=staff_id) == Success(None)

    assert office.trail == [("staff.logged_out", "success")]
    assert office.app.store.entries[0].actor.id == staff_id
