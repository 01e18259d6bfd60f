"""Users and sessions. Hashes of passwords and tokens are not shown."""

from django.contrib import admin

from adapters.persistence.identity.models import SessionModel, UserModel
from dashtam.admin.read_only import ReadOnlyAdmin


@admin.register(UserModel)
class UserModelAdmin(ReadOnlyAdmin):
    """Customers."""

    list_display = ("id", "email", "registered_at")
    search_fields = ("=id", "=email")
    fields = ("id", "email", "registered_at", "created_at", "updated_at")


@admin.register(SessionModel)
class SessionModelAdmin(ReadOnlyAdmin):
    """Who is logged in, or was."""

    list_display = ("id", "user_id", "opened_at", "expires_at", "ended_at")
    search_fields = ("=id", "=user__id")
    fields = ("id", "user", "opened_at", "expires_at", "ended_at", "created_at", "updated_at")
