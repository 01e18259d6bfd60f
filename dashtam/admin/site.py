"""The admin's door, and the one place through which every page of it goes."""

from functools import cache
from typing import Any

from asgiref.sync import async_to_sync
from django.contrib.admin import AdminSite
from django.contrib.auth import logout, update_session_auth_hash
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect

from adapters.persistence.staff.models import StaffUser
from dashtam.admin.bounds import bounded
from dashtam.admin.forms import CodeForm, LoginForm, PasswordForm
from dashtam.admin.read_only import ReadOnlyAdmin
from dashtam.admin.recording import View, answering_outages, recorded, unavailable
from dashtam.admin.sessions import begin, has_passed, let_pass, staff_id_of
from dashtam.container import container
from domain.identity.errors import WeakPassword
from domain.shared.errors import Unavailable
from domain.shared.ids import StaffId
from domain.shared.result import Failure
from domain.staff.errors import WrongCode

_at_the_door = method_decorator([never_cache, bounded, csrf_protect, answering_outages])


class StaffSite(AdminSite):
    """Lets in who gave both factors, and records each page before it is given out."""

    site_header = site_title = "Dashtam"
    index_title = "What Dashtam keeps"
    site_url = None
    index_template = "admin/staff_index.html"

    def register(
        self, model_or_iterable: Any, admin_class: type[Any] | None = None, **options: Any
    ) -> None:
        """Take pages that only show: Django's own, of groups that nobody is in, are left out."""
        if admin_class is not None and issubclass(admin_class, ReadOnlyAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        return has_passed(request) and request.user.is_active

    def admin_view(self, view: View, cacheable: bool = False) -> Any:
        return super().admin_view(bounded(recorded(view)), cacheable)

    def get_urls(self) -> list[Any]:
        door = path("second_factor/", self.second_factor, name="second_factor")
        # Rows have no page outside the admin that one of Django's addresses could lead to.
        pages = super().get_urls()
        elsewhere = [each for each in pages if getattr(each, "name", "") == "view_on_site"]
        return [door, *(each for each in pages if each not in elsewhere)]

    @_at_the_door
    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if request.method == "GET" and request.user.is_authenticated:
            return _to("index" if has_passed(request) else "second_factor")
        form = LoginForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            proved = async_to_sync(container.log_in_staff)(**form.cleaned_data)
            if not isinstance(proved, Failure):
                begin(request, proved.value.member.id, by_both=proved.value.by_both)
                return _onwards(request) if proved.value.by_both else _to("second_factor")
            if isinstance(proved.error, Unavailable):
                return unavailable(request)
            form.add_error(None, proved.error.detail)
        return self._page(request, "login", "Log in", form)

    @_at_the_door
    def second_factor(self, request: HttpRequest) -> HttpResponse:
        """Have somebody enrol a second factor, before they see anything."""
        if not request.user.is_authenticated or has_passed(request):
            return _to("index")
        staff_id = staff_id_of(request)
        form = CodeForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            confirmed = async_to_sync(container.confirm_staff_factor)(
                staff_id=staff_id, code=form.cleaned_data["code"]
            )
            if not isinstance(confirmed, Failure):
                let_pass(request)
                return _to("index")
            if isinstance(confirmed.error, WrongCode):
                form.add_error("code", confirmed.error.detail)
        return self._offer(request, staff_id, form)

    def logout(  # type: ignore[override]  # Django says goodbye with a page
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        recorded_ = async_to_sync(container.log_out_staff)(staff_id=staff_id_of(request))
        if isinstance(recorded_, Failure):
            return unavailable(request)
        logout(request)
        return _to("login")

    def password_change(  # type: ignore[override]  # it may lead elsewhere
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponse:
        form = PasswordForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            given = {name: form.cleaned_data[name] for name in ("password", "code", "new_password")}
            staff_id = staff_id_of(request)
            changed = async_to_sync(container.change_staff_password)(staff_id=staff_id, **given)
            if not isinstance(changed, Failure):
                # This session stays; the others were bound to the old hash.
                update_session_auth_hash(request, StaffUser.objects.get(pk=staff_id))
                return _to("password_change_done")
            if isinstance(changed.error, Unavailable):
                return unavailable(request)
            at = "new_password" if isinstance(changed.error, WeakPassword) else None
            form.add_error(at, changed.error.detail)
        return self._page(request, "password", "Change password", form)

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: Any = None
    ) -> TemplateResponse:
        if not self.get_app_list(request, app_label):
            raise PermissionDenied
        return super().app_index(request, app_label, extra_context)

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        # No page uses it, and its answers would name rows that no entry names.
        raise Http404

    def _offer(self, request: HttpRequest, staff_id: StaffId, form: CodeForm) -> HttpResponse:
        offered = async_to_sync(container.offer_staff_factor)(staff_id=staff_id)
        if isinstance(offered, Failure):
            if isinstance(offered.error, Unavailable):
                return unavailable(request)
            # It was confirmed elsewhere meanwhile: that one is asked for at the door.
            logout(request)
            return _to("login")
        picture = mark_safe(offered.value.picture)  # noqa: S308  # ours, and nobody's text is in it
        shown = {"picture": picture, "secret": offered.value.text}
        return self._page(request, "second_factor", "Second factor", form, **shown)

    def _page(
        self, request: HttpRequest, name: str, title: str, form: Form, **more: Any
    ) -> HttpResponse:
        context = {**self.each_context(request), "title": title, "form": form, **more}
        return TemplateResponse(request, f"admin/staff_{name}.html", context)


@cache
def the_site() -> StaffSite:
    """Return the one site: Django asks for it again while its pages are still being registered."""
    return StaffSite()


def _to(page: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse(f"admin:{page}"))


def _onwards(request: HttpRequest) -> HttpResponseRedirect:
    """Go where somebody wanted to go before they were asked who they are, if that is here."""
    wanted = request.GET.get("next", "")
    here = {request.get_host()}
    if url_has_allowed_host_and_scheme(wanted, here, require_https=request.is_secure()):
        return HttpResponseRedirect(wanted)
    return _to("index")
