"""Logging in to the admin: both factors, one answer to everything that is wrong."""

from dataclasses import replace
from functools import partial

import pytest

from dashtam.application.staff.log_in import StaffLogin
from domain.identity.values import PasswordHash
from domain.shared.ids import StaffId, new_id
from domain.shared.limits import (
    ATTEMPTS_PER_ACCOUNT,
    ATTEMPTS_PER_CREDENTIAL,
    ATTEMPTS_PER_DEVICE,
    TooManyRequests,
)
from domain.shared.result import Failure, Success
from domain.staff.entities import StaffMember
from domain.staff.errors import InvalidStaffCredentials
from tests.application.staff.conftest import FIRST, PASSWORD, StaffApplication

WRONG = Failure(InvalidStaffCredentials("Wrong name, password or code."))


async def test_both_factors_admit(office: StaffApplication) -> None:
    grace = await office.enrol()

    proved = await office.log_in(
        name="grace", password=PASSWORD, code=office.code(grace.id, ahead=1)
    )

    assert proved == Success(StaffLogin(member=grace, by_both=True))
    assert office.trail[-1] == ("staff.logged_in", "success")
    entry = office.app.store.entries[-1]
    assert (entry.actor.kind, entry.actor.id, entry.resource_id) == ("staff", grace.id, grace.id)


async def test_a_code_may_be_typed_with_spaces(office: StaffApplication) -> None:
    code = office.code((await office.enrol()).id, ahead=1)

    proved = await office.log_in(name="grace", password=PASSWORD, code=f"{code[:3]} {code[3:]}")

    assert isinstance(proved, Success)


async def test_a_member_without_second_factor_is_not_admitted(office: StaffApplication) -> None:
    grace = await office.hire()
    await office.offered(grace.id)

    proved = await office.log_in(name="grace", password=FIRST, code="123456")

    assert proved == Success(StaffLogin(member=grace, by_both=False))
    assert office.trail[-1] == ("staff.password_accepted", "success")


class TestAttackers:
    """An attacker who knows a name can use up only the attempts of unknown browsers."""

    async def attack(self, office: StaffApplication) -> None:
        for _ in range(ATTEMPTS_PER_ACCOUNT):
            assert await office.log_in(name="grace", password="x", code="000000") == WRONG
        limited = await office.log_in(name="grace", password="x", code="000000")
        assert isinstance(limited, Failure)
        assert isinstance(limited.error, TooManyRequests)

    async def enter(self, office: StaffApplication, token: str, password: str = PASSWORD) -> object:
        grace = next(iter(office.app.store.staff.values()))
        code = office.code(grace.id, ahead=1)
        done = await office.log_in(name="grace", password=password, code=code, device_token=token)
        return type(done.error) if isinstance(done, Failure) else Success

    async def remembered(self, office: StaffApplication) -> str:
        grace = next(iter(office.app.store.staff.values()))
        token = await office.remember(staff_id=grace.id)
        assert isinstance(token, Success)
        return token.value.text

    async def test_do_not_lock_out_a_known_browser(self, office: StaffApplication) -> None:
        await office.enrol()
        token = await self.remembered(office)
        await self.attack(office)

        assert await self.enter(office, "") is TooManyRequests
        assert await self.enter(office, token) is Success

    async def test_have_five_attempts_with_a_known_browser(self, office: StaffApplication) -> None:
        await office.enrol()
        token = await self.remembered(office)

        tries = [await self.enter(office, token, "x") for _ in range(ATTEMPTS_PER_DEVICE + 1)]

        assert tries == [InvalidStaffCredentials] * ATTEMPTS_PER_DEVICE + [TooManyRequests]
        # It can still do as any stranger does.
        assert await self.enter(office, "") is Success

    async def test_cannot_use_a_browser_token_from_before_a_password_change(
        self, office: StaffApplication
    ) -> None:
        grace = await office.enrol()
        token = await self.remembered(office)
        await self.attack(office)

        changed, _ = grace.change_password(PasswordHash("another"), at=office.app.clock.at)
        office.app.store.staff[grace.id] = changed

        assert await self.enter(office, token) is TooManyRequests

    async def test_do_not_prevent_a_password_change(self, office: StaffApplication) -> None:
        grace = await office.enrol()
        await self.attack(office)

        changed = await office.change_password(
            staff_id=grace.id,
            password=PASSWORD,
            code=office.code(grace.id, ahead=1),
            new_password="another long password",
        )

        assert isinstance(changed, Success)

    async def test_have_ten_attempts_with_a_stolen_session(self, office: StaffApplication) -> None:
        grace = await office.enrol()
        change = partial(
            office.change_password, staff_id=grace.id, new_password="another long password"
        )

        tried = [await change(password="x", code="000000") for _ in range(ATTEMPTS_PER_CREDENTIAL)]
        limited = await change(password=PASSWORD, code=office.code(grace.id, ahead=1))

        assert all(isinstance(each, Failure) for each in tried)
        assert isinstance(limited, Failure)
        assert isinstance(limited.error, TooManyRequests)
        assert office.app.store.staff[grace.id] == grace


class TestRefusals:
    """Each looks the same from outside; the trail has the reason."""

    async def refused(self, office: StaffApplication, reason: str, **values: str) -> None:
        before = len(office.app.store.entries)
        office.hasher.asked.clear()
        tried = {"name": "grace", "password": PASSWORD, "code": "000000", **values}

        assert await office.log_in(**tried) == WRONG

        (entry,) = office.app.store.entries[before:]
        assert (entry.action, entry.result) == ("staff.login_failed", "denied")
        assert entry.details == {"reason": reason}
        assert (entry.actor.kind, entry.actor.id) == ("anonymous", None)
        # The same work for every name.
        assert office.hasher.asked == ["verify"]

    async def test_an_unknown_name(self, office: StaffApplication) -> None:
        await office.enrol()
        await self.refused(office, "unknown-name", name="nobody")
        await self.refused(office, "unknown-name", name="no name\n")
        assert office.app.store.entries[-1].resource_id is None

    async def test_a_wrong_password(self, office: StaffApplication) -> None:
        grace = await office.enrol()
        code = office.code(grace.id, ahead=1)

        await self.refused(office, "wrong-password", password="wrong horse battery", code=code)

        assert office.app.store.entries[-1].resource_id == grace.id

    @pytest.mark.parametrize("code", ["", "12345", "abcdef", "１２３４５６"])
    async def test_a_wrong_code(self, office: StaffApplication, code: str) -> None:
        await office.enrol()
        await self.refused(office, "wrong-code", code=code)

    async def test_another_members_code(self, office: StaffApplication) -> None:
        await office.enrol()
        other = await office.enrol("other")
        await self.refused(office, "wrong-code", code=office.code(other.id, ahead=1))

    async def test_a_used_code(self, office: StaffApplication) -> None:
        grace = await office.enrol()
        code = office.code(grace.id, ahead=1)
        assert isinstance(await office.log_in(name="grace", password=PASSWORD, code=code), Success)

        await self.refused(office, "used-code", code=code)
        # The one before it is of no use any more either.
        await self.refused(office, "used-code", code=office.code(grace.id))

    async def test_a_disabled_member(self, office: StaffApplication) -> None:
        grace = await office.enrol()
        await office.disable(name="grace")
        await self.refused(office, "disabled", code=office.code(grace.id, ahead=1))

    async def test_a_wrong_password_is_reported_before_a_wrong_code(
        self, office: StaffApplication
    ) -> None:
        await office.enrol()
        await office.disable(name="grace")
        await self.refused(office, "wrong-password", password="wrong horse battery")

    async def test_a_member_changed_meanwhile(
        self, office: StaffApplication, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        grace = await office.enrol()

        async def lock(staff_id: StaffId) -> Success[StaffMember]:
            return Success(replace(grace, is_active=False))

        monkeypatch.setattr(office.staff, "lock", lock)
        await self.refused(office, "changed-meanwhile", code=office.code(grace.id, ahead=1))


class TestOldHashes:
    async def test_are_upgraded_by_the_right_password(self, office: StaffApplication) -> None:
        grace = await office.enrol()
        office.age(grace)

        code = office.code(grace.id, ahead=1)
        assert isinstance(await office.log_in(name="grace", password=PASSWORD, code=code), Success)

        assert office.app.store.staff[grace.id] == grace

    async def test_are_not_upgraded_by_a_wrong_password(self, office: StaffApplication) -> None:
        grace = await office.enrol()
        office.age(grace)

        assert await office.log_in(name="grace", password=PASSWORD, code="000000") == WRONG

        assert office.app.store.staff[grace.id].password_hash.startswith("weak$")

    async def test_are_not_upgraded_when_the_password_changes(
        self, office: StaffApplication
    ) -> None:
        grace = await office.enrol()
        office.age(grace)
        office.app.hasher.asked.clear()

        changed = await office.change_password(
            staff_id=grace.id,
            password=PASSWORD,
            code=office.code(grace.id, ahead=1),
            new_password="another long password",
        )

        assert isinstance(changed, Success)
        assert office.app.hasher.asked == ["verify", "hash"]


async def test_logging_out_is_recorded(office: StaffApplication) -> None:
    staff_id = StaffId(new_id())

    assert await office.log_out(staff_id=staff_id) == Success(None)

    assert office.trail == [("staff.logged_out", "success")]
    assert office.app.store.entries[0].actor.id == staff_id
