"""Audit entries, checkpoints and the outbox."""

from asgiref.sync import async_to_sync
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from adapters.audit.models import AuditCheckpointModel, AuditEntryModel
from adapters.persistence.outbox.models import OutboxModel
from dashtam.admin.read_only import ReadOnlyAdmin
from dashtam.application.audit.resend_events import ResendEvents
from dashtam.container import container
from domain.shared.result import Failure


@admin.register(AuditEntryModel)
class AuditEntryModelAdmin(ReadOnlyAdmin):
    """Audit entries: who did what, and when."""

    list_display = (
        *("occurred_at", "actor_kind", "actor_id", "action"),
        *("resource_type", "resource_id", "result"),
    )
    list_filter = ("result", "actor_kind", "resource_type")
    search_fields = ("=id", "=actor_id", "=resource_id", "=trace_id", "=action")
    ordering = ("-id",)
    codes = (
        *("action", "actor_kind", "resource_type", "result", "details"),
        *("trace_id", "ip_address", "user_agent"),
    )


@admin.register(AuditCheckpointModel)
class AuditCheckpointModelAdmin(ReadOnlyAdmin):
    """Checkpoints of the audit trail."""

    list_display = ("number", "sealed_at", "entries", "total", "key_id", "first_xid", "end_xid")
    ordering = ("-number",)
    codes = ("key_id",)


@admin.register(OutboxModel)
class OutboxModelAdmin(ReadOnlyAdmin):
    """Events, and whether they were delivered."""

    list_display = (
        *("id", "type", "aggregate_type", "aggregate_id"),
        *("delivered_at", "attempts", "dead_at", "last_error"),
    )
    list_filter = (
        "type",
        ("delivered_at", admin.EmptyFieldListFilter),
        ("dead_at", admin.EmptyFieldListFilter),
    )
    search_fields = ("=id", "=aggregate_id")
    ordering = ("-position",)
    actions = ("resend",)
    codes = ("type", "aggregate_type", "trace_id", "last_error")

    @admin.action(description="Send dead events again", permissions=["operate"])
    def resend(self, request: HttpRequest, queryset: "QuerySet[OutboxModel]") -> None:
        chosen = list(queryset.values_list("id", flat=True))
        sent = async_to_sync(container.use(ResendEvents))(event_ids=chosen)
        if isinstance(sent, Failure):
            self.message_user(request, sent.error.detail, messages.ERROR)
        else:
            self.message_user(request, f"{len(sent.value)} dead events are sent again.")
