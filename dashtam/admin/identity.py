"""Users, and what proves who they are: that it is there, and nothing of what it is."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from adapters.persistence.identity.models import (
    ApiTokenModel,
    MailedTokenModel,
    RecoveryCodeModel,
    RefreshTokenModel,
    SecondFactorModel,
    SessionModel,
    UsageModel,
    UserModel,
)
from dashtam.admin.read_only import ReadOnlyAdmin


@admin.register(UserModel)
class UserModelAdmin(ReadOnlyAdmin):
    """Customers."""

    list_display = ("id", "email", "registered_at", "verified_at", "erase_after")
    search_fields = ("=id", "=email")
    fields = (
        *("id", "email", "registered_at", "verified_at", "security_stamp", "erase_after"),
        *("created_at", "updated_at"),
    )


@admin.register(SessionModel)
class SessionModelAdmin(ReadOnlyAdmin):
    """Who is logged in, or was."""

    list_display = ("id", "user_id", "opened_at", "expires_at", "ended_at")
    search_fields = ("=id", "=user__id")
    fields = ("id", "user", "opened_at", "expires_at", "ended_at", "created_at", "updated_at")


@admin.register(RefreshTokenModel)
class RefreshTokenModelAdmin(ReadOnlyAdmin):
    """What sessions are renewed with."""

    list_display = ("id", "user_id", "session_id", "issued_at", "expires_at", "used_at")
    search_fields = ("=id", "=user__id", "=session__id")
    exclude = ("digest",)


@admin.register(MailedTokenModel)
class MailedTokenModelAdmin(ReadOnlyAdmin):
    """What was sent by mail."""

    list_display = ("id", "user_id", "purpose", "issued_at", "expires_at", "used_at")
    list_filter = ("purpose",)
    search_fields = ("=id", "=user__id")
    exclude = ("digest", "email")


@admin.register(SecondFactorModel)
class SecondFactorModelAdmin(ReadOnlyAdmin):
    """That there is a second factor, and under which key: staff has no right to the rest."""

    list_display = ("id", "user_id", "key_id", "enrolled_at", "confirmed_at")
    search_fields = ("=id", "=user__id")
    exclude = ("sealed", "last_step")

    def get_queryset(self, request: HttpRequest) -> "QuerySet[SecondFactorModel]":
        return super().get_queryset(request).defer("sealed", "last_step")


@admin.register(RecoveryCodeModel)
class RecoveryCodeModelAdmin(ReadOnlyAdmin):
    """How many recovery codes there are."""

    list_display = ("id", "user_id", "used_at")
    search_fields = ("=id", "=user__id")
    exclude = ("digest",)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[RecoveryCodeModel]":
        return super().get_queryset(request).defer("digest")


@admin.register(ApiTokenModel)
class ApiTokenModelAdmin(ReadOnlyAdmin):
    """Which programs have a token."""

    list_display = ("id", "user_id", "scopes", "issued_at", "expires_at", "revoked_at")
    search_fields = ("=id", "=user__id")
    exclude = ("token_digest", "name")


@admin.register(UsageModel)
class UsageModelAdmin(ReadOnlyAdmin):
    """When sessions and API tokens were last used."""

    list_display = ("id", "user_id", "used_at")
    search_fields = ("=id", "=user__id")
