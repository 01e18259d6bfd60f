"""Staff, who are managed by commands."""

from django.contrib import admin

from adapters.persistence.staff.models import SecondFactorModel, StaffUser
from dashtam.admin.read_only import ReadOnlyAdmin


@admin.register(StaffUser)
class StaffUserAdmin(ReadOnlyAdmin):
    """Members of staff."""

    list_display = ("username", "role", "is_active", "has_second_factor", "added_at")
    list_filter = ("role", "is_active")
    search_fields = ("=id", "=username")
    ordering = ("username",)
    codes = ("username", "role")
    masked = ("has_second_factor",)

    @admin.display(description="second factor", boolean=True)
    def has_second_factor(self, row: StaffUser) -> bool:
        return SecondFactorModel.objects.filter(staff=row, confirmed_at__isnull=False).exists()


@admin.register(SecondFactorModel)
class SecondFactorModelAdmin(ReadOnlyAdmin):
    """Second factors of staff: that they exist, and under which key."""

    list_display = ("id", "staff_id", "key_id", "confirmed_at")
    list_filter = ("key_id",)
    search_fields = ("=id", "=staff__id")
    codes = ("key_id",)
