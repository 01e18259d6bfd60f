"""The tables of the audit trail. They have no foreign keys, because they outlive their subjects."""

from django.db import models
from django.db.models import Func

from domain.shared.ids import new_id


class AuditEntryModel(models.Model):
    """Who did what, on which resource, with what outcome, when and from where. Append-only.

    The database adds `txid`, the number of the transaction that wrote the row.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    created_at = models.GeneratedField(
        expression=Func("id", function="uuid_extract_timestamp"),
        output_field=models.DateTimeField(),
        db_persist=True,
    )
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
    mac = models.BinaryField(max_length=32)

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


class AuditCheckpointModel(models.Model):
    """All entries of the transactions from `first_xid` up to, not including, `end_xid`, sealed.

    `ids` and `leaves` are those of the entries, in the order of the ids: 16 and 32 bytes each.
    `root` is the leaves' Merkle root; `domain.audit.checkpoint` defines the signed text.
    `refused` are the ids of the entries that it does not seal: they were written without a key.
    """

    number = models.BigIntegerField(primary_key=True)
    first_xid = models.BigIntegerField()
    end_xid = models.BigIntegerField()
    entries = models.BigIntegerField()
    total = models.BigIntegerField()
    root = models.BinaryField(max_length=32)
    previous = models.BinaryField(max_length=32)
    sealed_at = models.DateTimeField()
    key_id = models.CharField(max_length=32)
    signature = models.BinaryField(max_length=64)
    ids = models.BinaryField()
    leaves = models.BinaryField()
    refused = models.BinaryField()

    class Meta:
        db_table = "audit_checkpoint"
        verbose_name = "audit checkpoint"

    def __str__(self) -> str:
        return f"{self.number}: {self.entries} entries"
