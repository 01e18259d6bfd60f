"""Of whom something is due, above the policies: for staff alone."""

from uuid import UUID

from django.db import connection
from django.db.models.functions import Now

from adapters.persistence.belongings.sweep import PAST
from adapters.persistence.identity.models import UserModel

_OF_WHOM = " UNION ".join(f"SELECT user_id FROM {table} WHERE {past}" for table, past in PAST)  # noqa: S608


def owners_due() -> list[UUID]:
    """Return who is to be erased by now, those first who have waited longest."""
    due = UserModel.objects.filter(erase_after__lte=Now())
    return list(due.order_by("erase_after", "id").values_list("id", flat=True))


def owners_to_sweep() -> list[UUID]:
    """Return who has anything that is past its time."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_OF_WHOM} ORDER BY user_id")
        return [owner for (owner,) in cursor.fetchall()]
