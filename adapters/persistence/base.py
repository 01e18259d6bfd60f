"""What every table has."""

from django.apps import apps
from django.db import models
from django.db.models.functions import Now

from domain.shared.ids import new_id


class BaseModel(models.Model):
    """A row with a UUIDv7, and two times that the database keeps (`operations.keep_updated_at`)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.id)


class BusinessModel(BaseModel):
    """A row of a user's data: see `operations.business_table` for what its table needs."""

    class Meta:
        abstract = True


def business_tables() -> list[str]:
    """Return the names of all tables of users' data, in order."""
    models_of_users = (model for model in apps.get_models() if issubclass(model, BusinessModel))
    return sorted(model._meta.db_table for model in models_of_users)
