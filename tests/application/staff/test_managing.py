"""Adding, disabling and resetting staff; and what is recorded of the pages they read."""

from uuid import UUID

import pytest

from dashtam.application.staff.record_page import RecordPage
from domain.audit.origin import Origin
from domain.shared.errors import OutcomeUnknown
from domain.shared.ids import StaffId, new_id
from domain.shared.result import Failure, Success
from domain.staff.errors import InvalidStaffName, StaffNameTaken, StaffNotFound
from domain.staff.values import StaffName, StaffRole
from tests.application.staff.conftest import FIRST, PASSWORD, StaffApplication
from tests.ports import with_ports

NEW = "another long password"


class TestAdding:
    async def test_creates_a_member(self, office: StaffApplication) -> None:
        added = await office.add(name=" grace ", role=StaffRole.AUDITOR, password=PASSWORD)

        assert isinstance(added, Success)
        grace = added.value
        assert (grace.name, grace.role, grace.is_active) == (
            StaffName("grace"),
            StaffRole.AUDITOR,
            True,
        )
        assert office.app.store.staff == {grace.id: grace}
        entry = office.app.store.entries[-1]
        assert (entry.action, entry.resource_id) == ("staff.added", grace.id)
        assert (entry.actor, entry.details) == (Origin().actor, {"role": "auditor"})
        assert office.app.announced == []

    async def test_stores_no_password(self, office: StaffApplication) -> None:
        await office.hire()

        assert FIRST not in str(office.app.store)

    @pytest.mark.parametrize("name", ["", "two words", "a" * 151, "a\0b", "a/b"])
    async def test_refuses_an_invalid_name(self, office: StaffApplication, name: str) -> None:
        refused = await office.add(name=name, role=StaffRole.SUPPORT, password=PASSWORD)

        assert isinstance(refused, Failure)
        assert isinstance(refused.error, InvalidStaffName)
        assert office.trail == [("staff.add", "failure")]

    async def test_refuses_a_duplicate_name(self, office: StaffApplication) -> None:
        grace = await office.hire()

        repeated = await office.add(name="grace", role=StaffRole.SUPPORT, password=NEW)

        assert repeated == Failure(
            StaffNameTaken("There is already a member of staff with this name.")
        )
        assert office.app.store.staff == {grace.id: grace}

    async def test_refuses_a_weak_password(self, office: StaffApplication) -> None:
        refused = await office.add(name="grace", role=StaffRole.SUPPORT, password="x" * 14)

        assert isinstance(refused, Failure)
        assert office.app.store.staff == {}


async def test_a_disabled_member_can_no_longer_log_in(office: StaffApplication) -> None:
    grace = await office.hire()

    disabled = await office.disable(name="grace")

    assert isinstance(disabled, Success)
    assert not office.app.store.staff[grace.id].is_active
    assert office.trail[-1] == ("staff.disabled", "success")


async def test_a_reset_removes_both_factors(office: StaffApplication) -> None:
    grace = await office.enrol()

    assert isinstance(await office.reset(name="grace", password=NEW), Success)

    assert office.app.store.staff_factors == {}
    assert [action for action, _ in office.trail[-2:]] == [
        "staff.access_renewed",
        "staff.second_factor_removed",
    ]
    old = await office.log_in(name="grace", password=PASSWORD, code="")
    new = await office.log_in(name="grace", password=NEW, code="")
    assert isinstance(old, Failure)
    assert isinstance(new, Success)
    assert (new.value.member.id, new.value.by_both) == (grace.id, False)


async def test_a_reset_without_a_factor_reports_none(office: StaffApplication) -> None:
    await office.hire()

    await office.reset(name="grace", password=NEW)

    assert office.trail[-1] == ("staff.access_renewed", "success")


async def test_a_reset_refuses_a_weak_password(office: StaffApplication) -> None:
    await office.enrol()

    assert isinstance(await office.reset(name="grace", password="short"), Failure)

    assert len(office.app.store.staff_factors) == 1


@pytest.mark.parametrize("name", ["nobody", "no name"])
async def test_an_unknown_member_cannot_be_disabled_or_reset(
    office: StaffApplication, name: str
) -> None:
    disabled = await office.disable(name=name)
    reset = await office.reset(name=name, password=NEW)

    for refused in (disabled, reset):
        assert isinstance(refused, Failure)
        assert isinstance(refused.error, StaffNotFound | InvalidStaffName)
    assert office.trail == [("staff.disable", "failure"), ("staff.reset", "failure")]


async def test_key_rotation_is_recorded_if_it_changed_something(office: StaffApplication) -> None:
    assert await office.rotate() == Success(0)
    assert office.trail == []

    office.factors.rewrapped = 3
    assert await office.rotate() == Success(3)

    assert office.trail == [("staff.second_factors_rewrapped", "success")]
    assert office.app.store.entries[0].details == {"count": 3}


class TestRecordingPages:
    STAFF = StaffId(new_id())

    async def test_records_who_saw_what(self, office: StaffApplication) -> None:
        ids, rows = new_id(), [new_id(), new_id()]

        await office.record(staff_id=self.STAFF, page="a_change", object_id=ids, shown=rows)

        (entry,) = office.app.store.entries
        assert (entry.action, entry.result) == ("staff.page_viewed", "success")
        assert (entry.actor.kind, entry.actor.id) == ("staff", self.STAFF)
        assert entry.details == {
            "page": "a_change",
            "object_id": str(ids),
            "shown": [str(row) for row in rows],
        }

    async def test_lists_fifty_rows_at_most(self, office: StaffApplication) -> None:
        await office.record(staff_id=self.STAFF, page="a", object_id=None, shown=range(200))

        assert office.app.store.entries[0].details["shown"] == [*range(50)]

    async def test_records_what_was_denied(self, office: StaffApplication) -> None:
        await office.record(staff_id=self.STAFF, page="a", object_id=7, denied=True)

        (entry,) = office.app.store.entries
        assert (entry.action, entry.result) == ("staff.page_denied", "denied")
        assert entry.details == {"page": "a", "object_id": 7}

    async def test_fails_if_it_cannot_be_written(
        self, office: StaffApplication, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def gone(**options: UUID) -> None:
            raise OutcomeUnknown

        record = with_ports(office.app.use_cases, unit_of_work=gone).use(RecordPage)

        with pytest.raises(OutcomeUnknown):
            await record(staff_id=self.STAFF, page="a", object_id=None)
