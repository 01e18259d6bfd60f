"""The table of the audit trail. It has no foreign keys: it outlives what it tells about."""

from django.db import models
from django.db.models.functions import Now

from domain.shared.ids import new_id


class AuditEntryModel(models.Model):
    """Who did what, on which resource, with what outcome, when and from where. Append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    action = models.CharField(max_length=64)
    actor_kind = models.CharField(max_length=16)
    actor_id = models.UUIDField(null=True)
    resource_type = models.CharField(max_length=32)
    resource_id = models.UUIDField(null=True)
    result = models.CharField(max_length=16)
    occurred_at = models.DateTimeField()
    trace_id = models.CharField(max_length=32, blank=True)
    ip_address = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=256, blank=True)
    details = models.JSONField()

    class Meta:
        db_table = "audit_entry"
        verbose_name = "audit entry"
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["actor_id", "id"], name="audit_entry_actor"),
            models.Index(
                fields=["resource_type", "resource_id", "id"], name="audit_entry_resource"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.result}"
