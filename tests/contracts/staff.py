"""What every implementation of staff's ports must do."""

from dataclasses import dataclass, replace

from domain.identity.values import PasswordHash, TotpSecret
from domain.shared.events import SYSTEM
from domain.shared.ids import StaffId, new_id
from domain.shared.result import Failure, Success
from domain.staff.entities import StaffFactor, StaffMember
from domain.staff.errors import StaffNameTaken, StaffNotFound
from domain.staff.ports import StaffFactorRepository, StaffRepository
from domain.staff.values import StaffName, StaffRole
from tests.factories import NOON

SECRET = TotpSecret(b"12345678901234567890")
OTHER = TotpSecret(b"09876543210987654321")
MISSING = Failure(StaffNotFound("There is no member of staff with this name."))


@dataclass(frozen=True, kw_only=True)
class StaffWorld:
    """Repositories of staff."""

    staff: StaffRepository
    factors: StaffFactorRepository

    async def member(self, name: str = "grace") -> StaffMember:
        member = make_member(name)
        assert await self.staff.add(member) == Success(None)
        return member

    async def enrolled(self) -> StaffFactor:
        member = await self.member()
        factor = make_factor(member, confirmed_at=NOON, last_step=7)
        assert await self.factors.upsert(factor) == Success(True)
        return factor


def make_member(name: str = "grace", role: StaffRole = StaffRole.SUPPORT) -> StaffMember:
    member, _ = StaffMember.add(
        id=StaffId(new_id()),
        name=StaffName(name),
        role=role,
        password_hash=PasswordHash("argon2$x"),
        at=NOON,
        by=SYSTEM,
    )
    return member


def make_factor(member: StaffMember, **changes: object) -> StaffFactor:
    factor = StaffFactor(staff_id=member.id, secret=SECRET)
    return replace(factor, **changes)  # type: ignore[arg-type]  # as the fields are named


class StaffRepositoryContract:
    async def test_returns_members_who_were_added(self, staff_world: StaffWorld) -> None:
        grace = await staff_world.member()

        assert await staff_world.staff.get(grace.id) == Success(grace)
        assert await staff_world.staff.get_by_name(grace.name) == Success(grace)
        assert await staff_world.staff.lock(grace.id) == Success(grace)

    async def test_reports_a_missing_member(self, staff_world: StaffWorld) -> None:
        nobody = make_member()

        assert await staff_world.staff.get(nobody.id) == MISSING
        assert await staff_world.staff.get_by_name(nobody.name) == MISSING
        assert await staff_world.staff.lock(nobody.id) == MISSING
        assert await staff_world.staff.update(nobody) == MISSING

    async def test_names_are_unique(self, staff_world: StaffWorld) -> None:
        grace = await staff_world.member()

        repeated = await staff_world.staff.add(make_member())

        assert repeated == Failure(
            StaffNameTaken("There is already a member of staff with this name.")
        )
        assert await staff_world.staff.get_by_name(grace.name) == Success(grace)

    async def test_compares_names_exactly(self, staff_world: StaffWorld) -> None:
        await staff_world.member()

        for name in ("Grace", "grac_", "g%"):
            assert await staff_world.staff.get_by_name(StaffName(name)) == MISSING

    async def test_stores_changes(self, staff_world: StaffWorld) -> None:
        grace, other = await staff_world.member(), await staff_world.member("other")
        changed = replace(grace, password_hash=PasswordHash("argon2$y"), is_active=False)

        assert await staff_world.staff.update(changed) == Success(None)

        assert await staff_world.staff.get(grace.id) == Success(changed)
        assert await staff_world.staff.get(other.id) == Success(other)


class StaffFactorRepositoryContract:
    async def test_returns_what_was_stored(self, staff_world: StaffWorld) -> None:
        factor = await staff_world.enrolled()

        assert await staff_world.factors.get(factor.staff_id) == Success(factor)

    async def test_reports_a_missing_factor(self, staff_world: StaffWorld) -> None:
        grace = await staff_world.member()

        assert await staff_world.factors.get(grace.id) == Success(None)
        assert await staff_world.factors.consume_step(grace.id, 8) == Success(False)
        assert await staff_world.factors.remove(grace.id) == Success(False)

    async def test_replaces_an_unconfirmed_factor(self, staff_world: StaffWorld) -> None:
        grace = await staff_world.member()
        await staff_world.factors.upsert(make_factor(grace))
        other = make_factor(grace, secret=OTHER)

        assert await staff_world.factors.upsert(other) == Success(True)

        assert await staff_world.factors.get(grace.id) == Success(other)

    async def test_never_replaces_a_confirmed_factor(self, staff_world: StaffWorld) -> None:
        factor = await staff_world.enrolled()

        replaced = await staff_world.factors.upsert(
            replace(factor, secret=OTHER, confirmed_at=None)
        )

        assert replaced == Success(False)
        assert await staff_world.factors.get(factor.staff_id) == Success(factor)

    async def test_consumes_a_code_once(self, staff_world: StaffWorld) -> None:
        staff_id = (await staff_world.enrolled()).staff_id

        assert await staff_world.factors.consume_step(staff_id, 7) == Success(False)
        assert await staff_world.factors.consume_step(staff_id, 9) == Success(True)
        assert await staff_world.factors.consume_step(staff_id, 9) == Success(False)
        assert await staff_world.factors.consume_step(staff_id, 8) == Success(False)

    async def test_accepts_no_code_of_an_unconfirmed_factor(self, staff_world: StaffWorld) -> None:
        grace = await staff_world.member()
        await staff_world.factors.upsert(make_factor(grace))

        assert await staff_world.factors.consume_step(grace.id, 9) == Success(False)

    async def test_deletes_a_factor(self, staff_world: StaffWorld) -> None:
        factor = await staff_world.enrolled()

        assert await staff_world.factors.remove(factor.staff_id) == Success(True)

        assert await staff_world.factors.get(factor.staff_id) == Success(None)
