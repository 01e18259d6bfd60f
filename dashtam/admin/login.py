"""Log in to the admin, enrol, change the password, and log out."""

from http import HTTPStatus
from typing import Any

from asgiref.sync import async_to_sync
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth import logout
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect

from dashtam.admin.bounds import bounded
from dashtam.admin.enrolments import Pending, enter_enrolled, note_offer, pending_of
from dashtam.admin.forms import EnrolmentForm, LoginForm, PasswordForm
from dashtam.admin.recording import answering_outages, unavailable
from dashtam.admin.sessions import is_verified, refresh_session_hash, staff_id_of, start_session
from dashtam.api.limits import consume_token
from dashtam.application.staff.log_in import (
    ChangeStaffPassword,
    LogInStaff,
    LogOutStaff,
    RememberStaffDevice,
)
from dashtam.application.staff.second_factors import ConfirmStaffFactor, OfferStaffFactor
from dashtam.container import container
from domain.audit.origin import origin
from domain.identity.errors import WeakPassword, WrongCode
from domain.identity.values import Device
from domain.shared.errors import DomainError, Unavailable
from domain.shared.ids import StaffId
from domain.shared.limits import TooManyRequests, network_of
from domain.shared.result import Failure, Success
from domain.staff.errors import EnrolledElsewhere

_LOGIN = ("login", "Log in")
_ENROLMENT = ("second_factor", "Second factor and password")
#: Beside which field an error is shown; all others are shown above the form.
_FIELDS: dict[type[DomainError], str] = {WeakPassword: "new_password", WrongCode: "code"}

_login_page = method_decorator([never_cache, bounded, csrf_protect, answering_outages])


class LoginPages(AdminSite):
    """The pages of the admin for logging in, and for authenticating again."""

    @_login_page
    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if request.method == "GET" and request.user.is_authenticated:
            return _to("index" if is_verified(request) else "second_factor")
        form = LoginForm(request.POST if request.method == "POST" else None)
        if request.method != "POST":
            return self._page(request, *_LOGIN, form)
        # Limit first: this costs no hashing, and leaves no entry in the audit trail.
        taken = async_to_sync(consume_token)(
            container.staff.ports.rate_limiter, request, _network()
        )
        if isinstance(taken, Failure):
            return self._refused(request, *_LOGIN, form, taken.error)
        return self._enter(request, form) if form.is_valid() else self._page(request, *_LOGIN, form)

    def _enter(self, request: HttpRequest, form: LoginForm) -> HttpResponse:
        logged_in = async_to_sync(container.staff.use(LogInStaff))(
            **form.cleaned_data, device_token=request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
        )
        if isinstance(logged_in, Failure):
            return self._refused(request, *_LOGIN, form, logged_in.error)
        start_session(request, logged_in.value.member.id, by_both=logged_in.value.by_both)
        if not logged_in.value.by_both:
            return _to("second_factor")
        return _remember(request, _onwards(request))

    @_login_page
    def second_factor(self, request: HttpRequest) -> HttpResponse:
        """Make somebody enrol a second factor and choose a password before anything else."""
        # In this order: with another password by now, the session is emptied.
        pending = pending_of(request)
        if request.user.is_authenticated and is_verified(request):
            return _to("index")
        if pending and request.method == "POST":
            return self._confirm(request, pending, EnrolmentForm(request.POST))
        if not request.user.is_authenticated:
            return self._enrolled_elsewhere(request) if pending else _to("index")
        return self._offer(request, staff_id_of(request))

    def logout(  # type: ignore[override]  # Django says goodbye with a page
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        recorded_ = async_to_sync(container.staff.use(LogOutStaff))(staff_id=staff_id_of(request))
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
            changed = async_to_sync(container.staff.use(ChangeStaffPassword))(
                staff_id=staff_id, **given
            )
            if isinstance(changed, Failure):
                return self._refused(request, "password", "Change password", form, changed.error)
            refresh_session_hash(request)
            return _remember(request, _to("password_change_done"))
        return self._page(request, "password", "Change password", form)

    def _offer(self, request: HttpRequest, staff_id: StaffId) -> HttpResponse:
        offered = async_to_sync(container.staff.use(OfferStaffFactor))(staff_id=staff_id)
        if isinstance(offered, Failure):
            if isinstance(offered.error, Unavailable):
                return unavailable(request)
            # A second factor was confirmed elsewhere meanwhile: log in with it.
            logout(request)
            return _to("login")
        note_offer(request, offered.value.sealed)
        picture = mark_safe(offered.value.picture)  # noqa: S308  # ours, and nobody's text is in it
        shown = {"picture": picture, "secret": offered.value.text}
        return self._page(request, *_ENROLMENT, EnrolmentForm(), **shown)

    def _confirm(self, request: HttpRequest, pending: Pending, form: EnrolmentForm) -> HttpResponse:
        # Looked up now, under the password of before.
        is_known = request.user.is_authenticated
        if form.is_valid():
            confirmed = async_to_sync(container.staff.use(ConfirmStaffFactor))(
                staff_id=pending.staff_id,
                sealed=pending.sealed,
                code=form.cleaned_data["code"],
                new_password=form.cleaned_data["new_password"],
            )
            if not isinstance(confirmed, Failure):
                enter_enrolled(request)
                return _remember(request, _to("index"))
            if isinstance(confirmed.error, EnrolledElsewhere):
                return self._enrolled_elsewhere(request)
            return self._refused(request, *_ENROLMENT, form, confirmed.error)
        return self._page(request, *_ENROLMENT, form) if is_known else _to("index")

    def _enrolled_elsewhere(self, request: HttpRequest) -> HttpResponse:
        logout(request)
        page = self._page(request, "enrolled_elsewhere", "Set up elsewhere", Form())
        page.status_code = HTTPStatus.CONFLICT
        return page

    def _refused(
        self, request: HttpRequest, name: str, title: str, form: Form, error: DomainError
    ) -> HttpResponse:
        """Show a form again with its error."""
        if isinstance(error, Unavailable):
            return unavailable(request)
        form.add_error(_FIELDS.get(type(error)), error.detail)
        page = self._page(request, name, title, form)
        if isinstance(error, TooManyRequests):
            page.status_code = HTTPStatus.TOO_MANY_REQUESTS
            page["Retry-After"] = str(error.retry_after)
        return page

    def _page(
        self, request: HttpRequest, name: str, title: str, form: Form, **more: Any
    ) -> HttpResponse:
        context = {**self.each_context(request), "title": title, "form": form, **more}
        return TemplateResponse(request, f"admin/staff_{name}.html", context)


def _to(page: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse(f"admin:{page}"))


def _network() -> str:
    return network_of(origin.get().ip_address)


def _remember(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Set a cookie by which the browser is recognised, and which lets nobody in."""
    token = async_to_sync(container.staff.use(RememberStaffDevice))(staff_id=staff_id_of(request))
    if isinstance(token, Success):
        response.set_cookie(
            settings.DEVICE_COOKIE_NAME,
            token.value.text,
            max_age=Device.LIFETIME,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Strict",
        )
    return response


def _onwards(request: HttpRequest) -> HttpResponseRedirect:
    """Redirect to the page that was requested before the log-in, if it is on this site."""
    wanted = request.GET.get("next", "")
    here = {request.get_host()}
    if url_has_allowed_host_and_scheme(wanted, here, require_https=request.is_secure()):
        return HttpResponseRedirect(wanted)
    return _to("index")
