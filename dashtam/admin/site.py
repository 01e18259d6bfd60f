"""The admin site: every page goes through it."""

from functools import cache
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path

from dashtam.admin.bounds import bounded
from dashtam.admin.login import LoginPages
from dashtam.admin.read_only import ReadOnlyAdmin
from dashtam.admin.recording import View, recorded
from dashtam.admin.sessions import is_verified


class StaffSite(LoginPages):
    """Requires both factors, and records each page before it is shown."""

    site_header = site_title = "Dashtam"
    index_title = "What Dashtam keeps"
    site_url = None
    index_template = "admin/staff_index.html"

    def register(
        self, model_or_iterable: Any, admin_class: type[Any] | None = None, **options: Any
    ) -> None:
        """Register read-only pages only, and so none of Django's own pages for groups."""
        if admin_class is not None and issubclass(admin_class, ReadOnlyAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        return is_verified(request) and request.user.is_active

    def admin_view(self, view: View, cacheable: bool = False) -> Any:
        return super().admin_view(bounded(recorded(view)), cacheable)

    def get_urls(self) -> list[Any]:
        door = path("second_factor/", self.second_factor, name="second_factor")
        # Rows have no page outside the admin that `view_on_site` could redirect to.
        pages = super().get_urls()
        elsewhere = [each for each in pages if getattr(each, "name", "") == "view_on_site"]
        return [door, *(each for each in pages if each not in elsewhere)]

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: Any = None
    ) -> TemplateResponse:
        if not self.get_app_list(request, app_label):
            raise PermissionDenied
        return super().app_index(request, app_label, extra_context)

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        # No page uses it, and it would show rows that no audit entry names.
        raise Http404


@cache
def the_site() -> StaffSite:
    """Return the one site. Django asks for it again while its pages are being registered."""
    return StaffSite()
