"""Facts on their way to those who react. Columns are named as Debezium expects them."""

from django.db import models

from adapters.persistence.base import BaseModel


class OutboxModel(BaseModel):
    """A fact that was committed; `delivered_at` tells when everyone who reacts had done so."""

    aggregate_type = models.CharField(max_length=32, db_column="aggregatetype")
    aggregate_id = models.UUIDField(db_column="aggregateid")
    type = models.CharField(max_length=64)
    payload = models.JSONField()
    trace_id = models.CharField(max_length=32, blank=True)
    delivered_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table = "outbox_event"
        verbose_name = "outbox event"
        indexes = [
            models.Index(
                fields=["id"],
                condition=models.Q(delivered_at__isnull=True),
                name="outbox_event_undelivered",
            )
        ]

    def __str__(self) -> str:
        return self.type
