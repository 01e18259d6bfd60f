"""Connections to institutions."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from adapters.persistence.connections.models import ConnectionModel, CredentialModel
from dashtam.admin.read_only import ReadOnlyAdmin


@admin.register(ConnectionModel)
class ConnectionModelAdmin(ReadOnlyAdmin):
    """Institutions that users' data comes from."""

    list_display = ("id", "user_id", "provider", "status", "established_at")
    list_filter = ("provider", "status")
    search_fields = ("=id", "=user__id")
    codes = ("provider", "status")


@admin.register(CredentialModel)
class CredentialModelAdmin(ReadOnlyAdmin):
    """Credentials: that they exist, and under which key. Staff may not read the rest."""

    list_display = ("id", "user_id", "connection_id", "key_id", "updated_at")
    list_filter = ("key_id",)
    search_fields = ("=id", "=user__id")
    codes = ("key_id",)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[CredentialModel]":
        return super().get_queryset(request).defer("sealed")
