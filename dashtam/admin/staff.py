"""Staff, who are the only ones with pages that change anything."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from adapters.persistence.staff.models import StaffUser

admin.site.site_header = "Dashtam"
admin.site.site_title = "Dashtam"
admin.site.index_title = "What Dashtam keeps"


@admin.register(StaffUser)
class StaffUserAdmin(UserAdmin):  # type: ignore[type-arg]  # generic for type checkers alone
    """People who work in the admin."""
