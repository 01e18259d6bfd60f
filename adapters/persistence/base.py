"""Base models, and references between rows of one user."""

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models
from django.db.models.functions import Now

from domain.shared.ids import new_id

if TYPE_CHECKING:
    _ForeignKey = models.ForeignKey[Any, Any]
    _OneToOneField = models.OneToOneField[Any, Any]
else:
    _ForeignKey, _OneToOneField = models.ForeignKey, models.OneToOneField


class BaseModel(models.Model):
    """A row with a UUIDv7 and two times, which the database sets (`operations.set_updated_at`)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.id)


class BusinessModel(BaseModel):
    """A row of a user's data. Its table needs `operations.business_table`."""

    class Meta:
        abstract = True


class _SameOwner(_ForeignKey):
    """Compares the owners of both rows wherever it joins them or follows the reference.

    In the database, the key of a row is `(user_id, id)` and so is each reference to it
    (`operations.key_by_owner`, `operations.owned_reference`). Django knows a row by its `id` alone.
    """

    def get_joining_fields(self, reverse_join: bool = False) -> tuple[tuple[Any, Any], ...]:
        """Return the pairs of fields that a JOIN compares."""
        mine = self.model._meta.get_field("user")
        target = self.remote_field.model._meta.get_field("user")
        owners = (target, mine) if reverse_join else (mine, target)
        return (owners, *super().get_joining_fields(reverse_join))

    def get_extra_descriptor_filter(self, instance: Any) -> dict[str, Any]:
        """Return the additional condition for fetching the row that an instance refers to."""
        return {"user_id": instance.user_id}


class OwnedForeignKey(_SameOwner):
    """Refers to a row of the same user. Its index, in `Meta.indexes`, begins with the user."""

    def __init__(self, to: Any, on_delete: Any = models.CASCADE, **options: Any) -> None:
        own = {"db_constraint": False, "db_index": False, "related_name": "+"}
        super().__init__(to, on_delete, **{**own, **options})


class OwnedOneToOneField(_SameOwner, _OneToOneField):
    """Refers to a row of the same user, which no other row of this table refers to."""

    def __init__(self, to: Any, on_delete: Any = models.CASCADE, **options: Any) -> None:
        super().__init__(to, on_delete, **{"db_constraint": False, **options})


def business_tables() -> list[str]:
    """Return the names of all tables of users' data, in order."""
    models_of_users = (model for model in apps.get_models() if issubclass(model, BusinessModel))
    return sorted(model._meta.db_table for model in models_of_users)
