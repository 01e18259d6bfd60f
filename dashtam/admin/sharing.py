"""Apps that read users' accounts."""

from django.contrib import admin

from adapters.persistence.sharing.models import ConnectedAppModel
from dashtam.admin.read_only import ReadOnlyAdmin


@admin.register(ConnectedAppModel)
class ConnectedAppModelAdmin(ReadOnlyAdmin):
    """Connected apps: that they exist, and since when they have access."""

    list_display = ("id", "user_id", "added_at", "setup_expires_at", "claimed_at", "revoked_at")
    search_fields = ("=id", "=user__id")
