"""Connections to institutions."""

from django.contrib import admin

from adapters.persistence.connections.models import ConnectionModel
from dashtam.admin.read_only import ReadOnlyAdmin


@admin.register(ConnectionModel)
class ConnectionModelAdmin(ReadOnlyAdmin):
    """Where data comes from."""

    list_display = ("id", "user_id", "provider", "institution", "status", "established_at")
    list_filter = ("provider", "status")
    search_fields = ("=id", "=user__id")
