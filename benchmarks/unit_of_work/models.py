"""The table as Django's ORM knows it."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class Entry(models.Model):
    """A row of the table that the benchmark makes."""

    id = models.UUIDField(primary_key=True)
    user_id = models.UUIDField()
    description = models.TextField()
    amount = models.DecimalField(max_digits=28, decimal_places=10)
    created_at = models.DateTimeField(db_default=Now())

    # Type checkers look for managers only in apps that Dashtam's settings name.
    objects: ClassVar["models.Manager[Entry]"] = models.Manager()

    class Meta:
        app_label = "unit_of_work"
        managed = False
        db_table = "entry"

    def __str__(self) -> str:
        return str(self.id)
