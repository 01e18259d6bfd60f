"""The audit trail, and the facts on their way."""

from django.contrib import admin

from adapters.persistence.audit.models import AuditEntryModel
from adapters.persistence.outbox.models import OutboxModel
from dashtam.admin.read_only import ReadOnlyAdmin


@admin.register(AuditEntryModel)
class AuditEntryModelAdmin(ReadOnlyAdmin):
    """Who did what."""

    list_display = (
        *("occurred_at", "actor_kind", "actor_id", "action"),
        *("resource_type", "resource_id", "result"),
    )
    list_filter = ("result", "actor_kind", "resource_type")
    search_fields = ("=id", "=actor_id", "=resource_id", "=trace_id", "=action")
    ordering = ("-id",)


@admin.register(OutboxModel)
class OutboxModelAdmin(ReadOnlyAdmin):
    """Facts, and whether they arrived."""

    list_display = ("id", "type", "aggregate_type", "aggregate_id", "delivered_at", "attempts")
    list_filter = ("type", ("delivered_at", admin.EmptyFieldListFilter))
    search_fields = ("=id", "=aggregate_id")
    ordering = ("-id",)
