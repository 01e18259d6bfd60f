"""Staff and their second factors on PostgreSQL, with the rights that they have in production."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.db import Error, IntegrityError, ProgrammingError, connection, transaction

from adapters.audit.models import AuditEntryModel
from adapters.persistence.staff.models import SecondFactorModel, StaffUser
from adapters.persistence.staff.repositories import SealedStaffFactors
from adapters.security.envelope import Keyring, Unopenable
from dashtam.application.staff.manage_staff import AddStaff
from dashtam.container import container
from domain.identity.values import PasswordHash
from domain.shared.ids import StaffId
from domain.shared.result import Success
from domain.staff.values import StaffRole
from tests.adapters.persistence.roles import value
from tests.contracts.staff import (
    SECRET,
    StaffFactorRepositoryContract,
    StaffRepositoryContract,
    StaffWorld,
    make_factor,
    make_member,
)
from tests.factories import NOON, make_entry

PASSWORD = "a long enough password"


class AsStaff:
    @pytest.fixture
    def staff_world(self, database: None) -> StaffWorld:
        return StaffWorld(
            staff=container.operator.ports.staff, factors=container.staff.ports.staff_factors
        )


class TestStaff(AsStaff, StaffRepositoryContract):
    pass


async def test_staff_can_change_only_their_passwords(database: None) -> None:
    grace = make_member()
    assert await container.operator.ports.staff.add(grace) == Success(None)
    changed = replace(grace, password_hash=PasswordHash("argon2$y"))

    assert await container.staff.ports.staff.update(changed) == Success(None)
    assert await container.staff.ports.staff.get(grace.id) == Success(changed)

    with pytest.raises(ProgrammingError, match="permission denied"):
        await container.staff.ports.staff.update(replace(changed, is_active=False))


class TestFactors(AsStaff, StaffFactorRepositoryContract):
    async def test_the_secret_is_sealed(self, staff_world: StaffWorld) -> None:
        await staff_world.enrolled()

        row = await SecondFactorModel.objects.aget()

        assert SECRET.key not in bytes(row.sealed)
        assert row.key_id == container.keyring.primary

    async def test_a_secret_cannot_be_opened_for_another_user(
        self, staff_world: StaffWorld
    ) -> None:
        await staff_world.enrolled()
        eve = await staff_world.member("eve")
        await SecondFactorModel.objects.aupdate(staff_id=eve.id)

        with pytest.raises(Unopenable):
            await container.staff.ports.staff_factors.get(eve.id)

    async def test_secrets_are_sealed_with_the_current_key(self, staff_world: StaffWorld) -> None:
        old, new = {"k1": b"o" * 32}, {"k2": b"n" * 32}
        grace = await staff_world.member()
        factor = make_factor(grace, confirmed_at=NOON)
        first = SealedStaffFactors(container.staff_database, lambda: Keyring(old))
        await first.upsert(factor)
        both = SealedStaffFactors(container.staff_database, lambda: Keyring({**new, **old}))

        assert await both.rewrap() == Success(1)
        assert await both.rewrap() == Success(0)

        last = SealedStaffFactors(container.staff_database, lambda: Keyring(new))
        assert await last.get(grace.id) == Success(factor)

    async def test_an_unsealed_secret_is_refused(self, staff_world: StaffWorld) -> None:
        await staff_world.enrolled()

        with pytest.raises(IntegrityError, match="staff_second_factor_sealed_form"):
            await SecondFactorModel.objects.aupdate(sealed=b"secret")


@pytest.mark.parametrize("role", ["", "superuser", "Support"])
def test_an_unknown_role_is_refused(database: None, role: str) -> None:
    with pytest.raises(IntegrityError, match="staff_user_role"):
        StaffUser.objects.create(username="eve", role=role, added_at=NOON)


@pytest.mark.usefixtures("committing_database")
class TestGuard:
    """Nobody changes staff without an audit entry, not even the owner of the table."""

    @pytest.fixture(autouse=True)
    def ended(self) -> Iterator[None]:
        yield
        connection.close()

    async def test_refuses_an_unaudited_new_user(self) -> None:
        with pytest.raises(ProgrammingError, match="INSERT of staff_user without an audit entry"):
            await StaffUser.objects.acreate(username="eve", role="support", added_at=NOON)

    async def test_refuses_an_unaudited_password(self) -> None:
        await _hire()
        with pytest.raises(ProgrammingError, match="UPDATE of staff_user without an audit entry"):
            await StaffUser.objects.aupdate(password="x")

    async def test_refuses_an_unaudited_factor(self) -> None:
        grace = await _hire()
        member = await container.staff.ports.staff.get(StaffId(grace.id))
        assert isinstance(member, Success)
        with pytest.raises(ProgrammingError, match="INSERT of staff_second_factor without"):
            async with container.staff_database.transaction():
                await container.staff.ports.staff_factors.upsert(make_factor(member.value))

    async def test_a_change_and_its_entry_share_a_transaction(self) -> None:
        grace = await _hire()

        entry = await AuditEntryModel.objects.aget()

        assert (entry.action, entry.resource_type, entry.resource_id) == (
            "staff.added",
            "staff",
            grace.id,
        )
        together = "SELECT staff_user.xmin = audit_entry.xmin FROM staff_user, audit_entry"
        assert await container.staff_database.run(value, together)

    async def test_a_failure_creates_nobody(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(entries: object) -> None:
            raise ProgrammingError("no room")

        monkeypatch.setattr(container.operator.ports.audit_trail, "write", full)

        with pytest.raises(Error):
            await _hire()

        assert await StaffUser.objects.acount() == 0

    def test_accepts_an_entry_in_the_same_transaction(self) -> None:
        with transaction.atomic():
            container.audit_trail.write([make_entry()])
            StaffUser.objects.create(username="eve", role="support", added_at=NOON)


async def _hire() -> StaffUser:
    added = await container.operator.use(AddStaff)(
        name="grace", role=StaffRole.SUPPORT, password=PASSWORD
    )
    assert isinstance(added, Success)
    return await StaffUser.objects.aget()
