"""Staff in PostgreSQL, with second factors that are encrypted before they are stored."""

from typing import Never

from django.db import connection

from adapters.persistence.database import UsesDatabase, in_database
from adapters.persistence.insert import insert_unless_taken
from adapters.persistence.mapping import entity_of
from adapters.persistence.sealing import Sealing, context_of, rewrap, under_another_key
from adapters.persistence.staff.models import SecondFactorModel, StaffUser
from domain.identity.values import PasswordHash, TotpSecret
from domain.shared.ids import StaffId, new_id
from domain.shared.result import Failure, Result, Success
from domain.staff.entities import StaffFactor, StaffMember
from domain.staff.errors import StaffNameTaken, StaffNotFound
from domain.staff.values import StaffName

# A confirmed factor stays: a page that was still open cannot replace it.
_KEEP = """
INSERT INTO staff_second_factor (id, staff_id, sealed, key_id, confirmed_at, last_step)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (staff_id) DO UPDATE SET
    id = excluded.id, sealed = excluded.sealed, key_id = excluded.key_id,
    confirmed_at = excluded.confirmed_at, last_step = excluded.last_step
WHERE staff_second_factor.confirmed_at IS NULL
"""


class DjangoStaffRepository(UsesDatabase):
    """`StaffRepository` on the Django ORM."""

    @in_database
    def get(self, staff_id: StaffId) -> Result[StaffMember, StaffNotFound]:
        return _found(StaffUser.objects.filter(id=staff_id).first())

    @in_database
    def get_by_name(self, name: StaffName) -> Result[StaffMember, StaffNotFound]:
        return _found(StaffUser.objects.filter(username=name.text).first())

    @in_database
    def lock(self, staff_id: StaffId) -> Result[StaffMember, StaffNotFound]:
        return _found(StaffUser.objects.filter(id=staff_id).select_for_update().first())

    @in_database
    def add(self, member: StaffMember) -> Result[None, StaffNameTaken]:
        row = StaffUser(
            id=member.id,
            username=member.name.text,
            role=member.role.value,
            password=member.password_hash,
            is_active=member.is_active,
            added_at=member.added_at,
        )
        if insert_unless_taken(row, "staff_user_username_key"):
            return Success(None)
        return Failure(StaffNameTaken("There is already a member of staff with this name."))

    @in_database
    def update(self, member: StaffMember) -> Result[None, StaffNotFound]:
        row = StaffUser.objects.filter(id=member.id).first()
        if row is None:
            return Failure(StaffNotFound("There is no member of staff with this name."))
        # Staff may change their passwords, but only the operator may enable or disable them.
        changed: dict[str, str | bool] = {"password": member.password_hash}
        if row.is_active != member.is_active:
            changed["is_active"] = member.is_active
        StaffUser.objects.filter(id=member.id).update(**changed)
        return Success(None)


class SealedStaffFactors(Sealing):
    """`StaffFactorRepository` on PostgreSQL. Keys are read when there is a secret."""

    @in_database
    def get(self, staff_id: StaffId) -> Result[StaffFactor | None, Never]:
        row = SecondFactorModel.objects.filter(staff_id=staff_id).first()
        if row is None:
            return Success(None)
        secret = self._keyring().open(bytes(row.sealed), context_of(row))
        return Success(entity_of(StaffFactor, row, secret=TotpSecret(secret)))

    @in_database
    def upsert(self, factor: StaffFactor) -> Result[bool, Never]:
        held = SecondFactorModel.objects.filter(staff_id=factor.staff_id).only("id").first()
        row = SecondFactorModel(id=held.id if held else new_id(), staff_id=factor.staff_id)
        sealed = self._keyring().seal(factor.secret.key, context_of(row))
        values = (row.id, row.staff_id, sealed, self._keyring().primary)
        with connection.cursor() as cursor:
            cursor.execute(_KEEP, [*values, factor.confirmed_at, factor.last_step])
            return Success(bool(cursor.rowcount == 1))

    @in_database
    def consume_step(self, staff_id: StaffId, step: int) -> Result[bool, Never]:
        rows = SecondFactorModel.objects.filter(staff_id=staff_id, confirmed_at__isnull=False)
        return Success(bool(rows.filter(last_step__lt=step).update(last_step=step)))

    @in_database
    def remove(self, staff_id: StaffId) -> Result[bool, Never]:
        removed, _ = SecondFactorModel.objects.filter(staff_id=staff_id).delete()
        return Success(bool(removed))

    @in_database
    def rewrap(self) -> Result[int, Never]:
        return Success(rewrap(SecondFactorModel.objects.all(), self._keyring()))


def factors_to_rotate(primary: str) -> int:
    """Return how many second factors are under another key."""
    return under_another_key(SecondFactorModel.objects.all(), primary).count()


def _found(row: StaffUser | None) -> Result[StaffMember, StaffNotFound]:
    if row is None:
        return Failure(StaffNotFound("There is no member of staff with this name."))
    name, password_hash = StaffName(row.username), PasswordHash(row.password)
    return Success(entity_of(StaffMember, row, name=name, password_hash=password_hash))
