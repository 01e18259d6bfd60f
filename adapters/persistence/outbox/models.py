"""The outbox. Columns have the names that Debezium expects."""

from django.db import models
from django.db.models.functions import Now

from adapters.persistence.base import BaseModel


class OutboxModel(BaseModel):
    """A committed event. `delivered_at` is when all its reactions were done.

    The facts of one aggregate are delivered in the order of `position`, which the database counts
    in the order of their commits. Whoever delivers one holds it until `leased_until`. It is not
    tried again before `available_at`, nor once it is dead.
    """

    position = models.BigIntegerField(editable=False, unique=True, db_default=0)
    aggregate_type = models.CharField(max_length=32, db_column="aggregatetype")
    aggregate_id = models.UUIDField(db_column="aggregateid")
    type = models.CharField(max_length=64)
    payload = models.JSONField()
    trace_id = models.CharField(max_length=32, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    available_at = models.DateTimeField(db_default=Now())
    leased_until = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=64, blank=True)
    dead_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "outbox_event"
        verbose_name = "outbox event"
        indexes = [
            models.Index(
                fields=["position"],
                condition=models.Q(delivered_at__isnull=True),
                name="outbox_event_undelivered",
            ),
            models.Index(
                fields=["aggregate_id", "position"],
                condition=models.Q(delivered_at__isnull=True),
                name="outbox_event_aggregate",
            ),
        ]

    def __str__(self) -> str:
        return self.type
