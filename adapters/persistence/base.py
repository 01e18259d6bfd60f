"""What every table has."""

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
