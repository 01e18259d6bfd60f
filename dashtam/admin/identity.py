"""Users and their credentials: that they exist, but none of their secrets."""

from typing import Any

from asgiref.sync import async_to_sync
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
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
from dashtam.admin.masking import masked_email
from dashtam.admin.read_only import ReadOnlyAdmin
from dashtam.application.identity.sessions import EndSessions
from dashtam.container import container
from domain.shared.errors import Unavailable
from domain.shared.ids import UserId
from domain.shared.result import Failure, Result


async def _end_sessions(user_id: UserId) -> Result[int, Unavailable]:
    done = await container.use(EndSessions)(user_id=user_id)
    # The event loop ends with this call, and the notification of relays would be lost with it.
    await container.publisher.drain()
    return done


@admin.register(UserModel)
class UserModelAdmin(ReadOnlyAdmin):
    """Customers."""

    list_display = ("id", "masked_email", "registered_at", "verified_at", "erase_after")
    search_fields = ("=id", "=email")
    masked = ("masked_email",)
    actions = ("end_sessions",)

    @admin.display(description="email")
    def masked_email(self, row: UserModel) -> str:
        return masked_email(row.email)

    @admin.action(description="End all sessions", permissions=["operate"])
    def end_sessions(self, request: HttpRequest, queryset: "QuerySet[UserModel]") -> None:
        ended = 0
        for user_id in queryset.values_list("id", flat=True):
            done = async_to_sync(_end_sessions)(UserId(user_id))
            if isinstance(done, Failure):
                self.message_user(request, done.error.detail, messages.ERROR)
                return
            ended += done.value
        self.message_user(request, f"{ended} sessions ended.")


@admin.register(SessionModel)
class SessionModelAdmin(ReadOnlyAdmin):
    """Sessions, current and ended."""

    list_display = ("id", "user_id", "opened_at", "expires_at", "ended_at")
    search_fields = ("=id", "=user__id")


@admin.register(RefreshTokenModel)
class RefreshTokenModelAdmin(ReadOnlyAdmin):
    """Refresh tokens, which renew sessions."""

    list_display = ("id", "user_id", "session_id", "issued_at", "expires_at", "used_at")
    search_fields = ("=id", "=user__id", "=session__id")


@admin.register(MailedTokenModel)
class MailedTokenModelAdmin(ReadOnlyAdmin):
    """Tokens that were sent by email."""

    list_display = ("id", "user_id", "purpose", "issued_at", "expires_at", "used_at")
    list_filter = ("purpose",)
    search_fields = ("=id", "=user__id")
    codes = ("purpose",)


@admin.register(SecondFactorModel)
class SecondFactorModelAdmin(ReadOnlyAdmin):
    """Second factors: that they exist, and under which key. Staff may not read the rest."""

    list_display = ("id", "user_id", "key_id", "enrolled_at", "confirmed_at")
    search_fields = ("=id", "=user__id")
    codes = ("key_id",)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        return [name for name in super().get_fields(request, obj) if name != "last_step"]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[SecondFactorModel]":
        return super().get_queryset(request).defer("sealed", "last_step")


@admin.register(RecoveryCodeModel)
class RecoveryCodeModelAdmin(ReadOnlyAdmin):
    """Recovery codes: that they exist."""

    list_display = ("id", "user_id", "used_at")
    search_fields = ("=id", "=user__id")

    def get_queryset(self, request: HttpRequest) -> "QuerySet[RecoveryCodeModel]":
        return super().get_queryset(request).defer("digest")


@admin.register(ApiTokenModel)
class ApiTokenModelAdmin(ReadOnlyAdmin):
    """API tokens."""

    list_display = ("id", "user_id", "scopes", "issued_at", "expires_at", "revoked_at")
    search_fields = ("=id", "=user__id")
    codes = ("scopes",)


@admin.register(UsageModel)
class UsageModelAdmin(ReadOnlyAdmin):
    """When sessions and API tokens were last used."""

    list_display = ("id", "user_id", "used_at")
    search_fields = ("=id", "=user__id")
