"""Users and sessions. Hashes of passwords and tokens are not shown.

What operators do for a user is an action here with `permissions=["operate"]`, on a use case.
"""

from django.contrib import admin

from adapters.persistence.identity.models import SessionModel, UserModel
from dashtam.admin.masking import masked_email
from dashtam.admin.read_only import ReadOnlyAdmin


@admin.register(UserModel)
class UserModelAdmin(ReadOnlyAdmin):
    """Customers."""

    list_display = ("id", "masked_email", "registered_at")
    search_fields = ("=id", "=email")
    masked = ("masked_email",)

    @admin.display(description="email")
    def masked_email(self, row: UserModel) -> str:
        return masked_email(row.email)


@admin.register(SessionModel)
class SessionModelAdmin(ReadOnlyAdmin):
    """Who is logged in, or was."""

    list_display = ("id", "user_id", "opened_at", "expires_at", "ended_at")
    search_fields = ("=id", "=user__id")
