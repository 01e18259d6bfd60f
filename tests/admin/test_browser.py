"""Security headers of the admin, and that its pages work with them."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from asgiref.sync import async_to_sync
from django.conf import LazySettings
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.db.models import F
from django.test import Client
from django.urls import reverse

from adapters.persistence.staff.models import StaffUser
from dashtam.application.staff.manage_staff import AddStaff
from dashtam.container import container
from domain.staff.values import StaffRole
from tests.admin.people import hire, let_in
from tests.commands.test_processes import SECRETS, URL, environment

POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none';"
    " frame-ancestors 'none'; form-action 'self'"
)


@pytest.fixture
def staff(database: None, client: Client) -> Client:
    return let_in(client, hire(StaffRole.ADMINISTRATOR))


class Inline(HTMLParser):
    """Finds what a page loads that the policy blocks."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        runs = tag == "script" and not attributes.get("src") and not self._is_data(attributes)
        handlers = [name for name in attributes if name.startswith("on")]
        if runs or tag in ("style", "base", "object", "embed") or handlers or "style" in attributes:
            self.found.append(self.get_starttag_text() or tag)
        for name in ("src", "href", "action"):
            if (attributes.get(name) or "").lower().startswith(("javascript:", "http:", "//")):
                self.found.append(f"{tag} {name}={attributes[name]}")

    def _is_data(self, values: dict[str, str | None]) -> bool:
        # Django's scripts read their values from such elements; there is nothing in them to run.
        return any(name.startswith("data-") for name in values)


def pages() -> Iterator[str]:
    """Yield addresses of every sort of page that the admin has."""
    yield from ("/admin/", "/admin/password_change/", "/admin/staff/")
    yield reverse("admin:staff_staffuser_changelist")
    yield reverse("admin:staff_staffuser_changelist") + "?q=grace"
    yield reverse("admin:staff_staffuser_changelist") + "?_popup=1"
    yield reverse("admin:audit_auditentrymodel_changelist")


@pytest.mark.parametrize("page", list(pages()))
def test_pages_load_nothing_that_the_policy_blocks(staff: Client, page: str) -> None:
    response = staff.get(page)

    assert response.status_code == 200
    assert response.headers["Content-Security-Policy"] == POLICY
    assert Inline(response.content.decode()).found == []


@pytest.mark.parametrize("page", ["change", "history"])
def test_pages_of_a_row_load_nothing_that_it_blocks(staff: Client, page: str) -> None:
    response = staff.get(
        reverse(f"admin:staff_staffuser_{page}", args=[StaffUser.objects.get().pk])
    )

    assert response.status_code == 200
    assert Inline(response.content.decode()).found == []


def test_the_login_page_loads_nothing_that_it_blocks(database: None, client: Client) -> None:
    response = client.get("/admin/login/")

    assert response.headers["Content-Security-Policy"] == POLICY
    assert Inline(response.content.decode()).found == []


def test_a_violation_is_detected() -> None:
    for page in (
        *(
            "<script>x()</script>",
            "<style>p {}</style>",
            '<p style="color: red">',
            '<base href="/x">',
        ),
        *('<a onclick="x()">', '<a href="javascript:x()">', '<script src="//evil.example/x.js">'),
    ):
        assert len(Inline(page).found) == 1, page
    assert Inline('<script id="x" data-x="1"></script><script src="/x.js"></script>').found == []


def test_pages_have_security_headers(staff: Client) -> None:
    headers = staff.get("/admin/").headers

    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    # Django checks by it whether a form is its own.
    assert headers["Referrer-Policy"] == "same-origin"
    assert "no-cache" in headers["Cache-Control"]


class TestCookies:
    def test_are_inaccessible_to_scripts_and_other_sites(
        self, database: None, client: Client
    ) -> None:
        credentials = {"name": "grace", "password": "a long enough password"}
        async_to_sync(container.operator.use(AddStaff))(**credentials, role=StaffRole.SUPPORT)

        client.get("/admin/login/")
        client.post("/admin/login/", {**credentials, "code": ""})
        assert client.get("/admin/second_factor/").status_code == 200

        assert client.cookies.keys() == {"sessionid", "csrftoken"}
        for cookie in client.cookies.values():
            assert (cookie["httponly"], cookie["samesite"]) == (True, "Strict")
            assert (cookie["path"], cookie["domain"]) == ("/", "")

    @pytest.mark.parametrize("name", ["sessionid", "csrftoken"])
    def test_end_with_the_browser(self, staff: Client, name: str) -> None:
        cookie = staff.get("/admin/password_change/").cookies[name]

        assert (cookie["expires"], cookie["max-age"]) == ("", "")

    def test_the_session_ends_when_idle(self, staff: Client) -> None:
        assert staff.get("/admin/").status_code == 200
        self.idle(minutes=29)
        assert staff.get("/admin/").status_code == 200
        # That was activity: the half hour starts again.
        self.idle(minutes=29)
        assert staff.get("/admin/").status_code == 200

        self.idle(minutes=31)

        assert staff.get("/admin/").status_code == 302

    def test_the_session_has_a_maximum_age(self, staff: Client) -> None:
        session = staff.session
        session["second_factor_at"] -= 12 * 60 * 60 - 60
        session.save()
        assert staff.get("/admin/").status_code == 200

        session["second_factor_at"] -= 60
        session.save()

        assert staff.get("/admin/").status_code == 302

    def idle(self, minutes: int) -> None:
        ends = F("expire_date") - timedelta(minutes=minutes)
        Session.objects.update(expire_date=ends)

    def test_messages_are_in_no_cookie(self, settings: LazySettings) -> None:
        assert "cookie" not in settings.MESSAGE_STORAGE


SHOW = """
from django.conf import settings
for name in ("SESSION", "CSRF"):
    for what in ("NAME", "SECURE", "HTTPONLY", "SAMESITE", "PATH", "DOMAIN"):
        print(getattr(settings, f"{name}_COOKIE_{what}"), end=" ")
print(settings.DEVICE_COOKIE_NAME, settings.MIDDLEWARE[1], "corsheaders" in settings.INSTALLED_APPS)
"""


@pytest.mark.slow
def test_cookies_of_production_have_the_host_prefix() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", SHOW],
        cwd=django_settings.ROOT,
        env={
            **environment(**SECRETS, **URL, DASHTAM_ENV="production"),
            "DJANGO_SETTINGS_MODULE": "dashtam.settings",
        },
        capture_output=True,
        text=True,
        check=True,
    )

    assert ended.stdout.split() == [
        *("__Host-sessionid", "True", "True", "Strict", "/", "None"),
        *("__Host-csrftoken", "True", "True", "Strict", "/", "None"),
        *("__Host-device", "dashtam.admin_networks.AdminNetworkMiddleware", "False"),
    ]
