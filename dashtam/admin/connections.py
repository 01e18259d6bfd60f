"""Connections to institutions and providers."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from adapters.persistence.connections.models import (
    ConnectionModel,
    ConsentModel,
    CredentialModel,
    LinkModel,
    PendingStepModel,
    RequestCountModel,
    ScheduleModel,
)
from dashtam.admin.read_only import ReadOnlyAdmin


@admin.register(ConnectionModel)
class ConnectionModelAdmin(ReadOnlyAdmin):
    """Institutions that users' data comes from, and what they need of a person."""

    list_display = ("id", "user_id", "provider", "status", "need", "complete_at", "consent_until")
    list_filter = ("provider", "status", "need")
    search_fields = ("=id", "=user__id")
    codes = ("provider", "status", "need")


@admin.register(LinkModel)
class LinkModelAdmin(ReadOnlyAdmin):
    """Accounts of providers: which days of them are in the ledger, and what is wrong with them."""

    list_display = ("id", "user_id", "connection_id", "status", "covered_to", "problem")
    list_filter = ("status", "problem")
    search_fields = ("=id", "=user__id", "=connection__id")
    codes = ("status", "problem")


@admin.register(ConsentModel)
class ConsentModelAdmin(ReadOnlyAdmin):
    """When users consented, and until when."""

    list_display = ("id", "user_id", "connection_id", "given_at", "until", "ended_at")
    search_fields = ("=id", "=user__id", "=connection__id")


@admin.register(CredentialModel)
class CredentialModelAdmin(ReadOnlyAdmin):
    """Credentials: that they exist, and under which key. Staff may not read the rest."""

    list_display = ("id", "user_id", "connection_id", "key_id", "updated_at")
    list_filter = ("key_id",)
    search_fields = ("=id", "=user__id")
    codes = ("key_id",)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[CredentialModel]":
        return super().get_queryset(request).defer("sealed")


@admin.register(PendingStepModel)
class PendingStepModelAdmin(ReadOnlyAdmin):
    """Steps of authorisations: that a person has one to do. Staff may not read which."""

    list_display = ("id", "user_id", "connection_id", "key_id", "expires_at")
    list_filter = ("key_id",)
    search_fields = ("=id", "=user__id")
    codes = ("key_id",)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[PendingStepModel]":
        return super().get_queryset(request).defer("sealed")


@admin.register(ScheduleModel)
class ScheduleModelAdmin(ReadOnlyAdmin):
    """When connections are synced next, and which of them are being synced."""

    list_display = ("id", "owner", "due_at", "reason", "leased_until", "failures")
    list_filter = ("reason",)
    search_fields = ("=id", "=owner")
    codes = ("reason",)


@admin.register(RequestCountModel)
class RequestCountModelAdmin(ReadOnlyAdmin):
    """How often providers were asked."""

    list_display = ("id", "owner", "connection_id", "day", "requests")
    search_fields = ("=connection_id", "=owner")
