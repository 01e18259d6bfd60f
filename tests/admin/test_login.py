"""Logging in to the admin with a browser: log in, enrol, change a password, log out."""

import re
from collections.abc import Iterator

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from adapters.audit.models import AuditEntryModel
from adapters.persistence.roles import Role
from adapters.persistence.staff.models import StaffUser
from dashtam.application.staff.manage_staff import DisableStaff, ResetStaff
from dashtam.container import container
from domain.shared.ids import StaffId
from tests.admin.logins import (
    CHANGE,
    ENROL,
    FIRST,
    LOGIN,
    NEW,
    PASSWORD,
    WRONG,
    actions,
    choice,
    code,
    enrol,
    enrolled_secret,
    forget_codes,
    hire,
    knock,
)
from tests.postgres import speaking_as


@pytest.fixture
def in_production(committing_database: str) -> Iterator[None]:
    """Everything is committed, with the rights of staff, and under the safety net."""
    with speaking_as(Role.STAFF):
        yield


def test_a_member_enrols_logs_in_and_logs_out(in_production: None, client: Client) -> None:
    staff_id = enrol(client)
    assert client.get("/admin/identity/usermodel/").status_code == 200
    assert client.post("/admin/logout/").headers["Location"] == LOGIN
    assert client.get("/admin/").status_code == 302
    assert knock(client, code(staff_id, ahead=1)) == "/admin/"
    assert client.get("/admin/").status_code == 200

    assert actions() == [
        "staff.added",
        "staff.password_accepted",
        "staff.second_factor_offered",
        "staff.second_factor_enrolled",
        "staff.password_changed",
        "staff.logged_in",
        "staff.page_viewed",
        "staff.logged_out",
        "staff.logged_in",
        "staff.page_viewed",
    ]
    own = AuditEntryModel.objects.filter(actor_kind="staff").values_list("actor_id", flat=True)
    assert set(own) == {staff_id}
    assert len(own) == 9


class TestLogin:
    def test_answers_every_mistake_alike(self, login_client: Client) -> None:
        staff_id = enrol(login_client)
        login_client.post("/admin/logout/")
        good = code(staff_id, ahead=1)
        tries = [
            {"name": "nobody", "password": PASSWORD, "code": good},
            {"name": "grace", "password": "x", "code": good},
            {"name": "grace", "password": PASSWORD, "code": "000000"},
            {"name": "grace", "password": PASSWORD},
        ]

        pages = [login_client.post(LOGIN, form).content.decode() for form in tries]

        assert all(WRONG in page for page in pages)
        # But for the name that was typed, and the form's token.
        assert len({re.sub(r' value="[^"]*"', "", page) for page in pages}) == 1
        failed = AuditEntryModel.objects.filter(action="staff.login_failed").order_by("id")
        assert [entry.details["reason"] for entry in failed] == [
            "unknown-name",
            "wrong-password",
            "wrong-code",
            "wrong-code",
        ]
        assert not any(PASSWORD in page for page in pages)

    def test_refuses_a_used_code(self, login_client: Client) -> None:
        staff_id = enrol(login_client)
        used = code(staff_id, ahead=1)
        assert knock(Client(), used) == "/admin/"

        assert knock(Client(), used) == 200

    def test_renews_the_session_key(self, login_client: Client) -> None:
        staff_id = enrol(login_client)
        before = login_client.session.session_key
        forget_codes()

        knock(login_client, code(staff_id))

        assert login_client.session.session_key != before

    def test_stores_nothing_usable_in_the_database(self, login_client: Client) -> None:
        enrol(login_client)
        assert login_client.get("/admin/").status_code == 200
        stored = set(Session.objects.values_list("session_key", flat=True))
        assert login_client.session.session_key not in stored

        for key in stored:
            thief = Client()
            thief.cookies[settings.SESSION_COOKIE_NAME] = key
            assert thief.get("/admin/").status_code == 302

    def test_redirects_to_the_requested_page(self, login_client: Client) -> None:
        staff_id = enrol(login_client)
        login_client.post("/admin/logout/")
        wanted = "/admin/identity/usermodel/"
        there = login_client.get(wanted).headers["Location"]

        assert knock(login_client, code(staff_id, ahead=1), page=there) == wanted

    @pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "javascript:x"])
    def test_redirects_nowhere_else(self, login_client: Client, wanted: str) -> None:
        staff_id = enrol(login_client)
        login_client.post("/admin/logout/")

        page = f"{LOGIN}?next={wanted}"
        assert knock(login_client, code(staff_id, ahead=1), page=page) == "/admin/"

    def test_is_not_shown_to_a_logged_in_member(self, login_client: Client) -> None:
        enrol(login_client)

        assert login_client.get(LOGIN).headers["Location"] == "/admin/"

    @pytest.mark.parametrize("page", [LOGIN, ENROL, "/admin/logout/"])
    def test_requires_a_csrf_token(self, login_client: Client, page: str) -> None:
        enrol(login_client)
        strict = Client(enforce_csrf_checks=True)
        strict.cookies = login_client.cookies

        assert strict.post(page, {"name": "grace", "password": "x"}).status_code == 403

    def test_reports_missing_fields(self, login_client: Client) -> None:
        page = login_client.post(LOGIN, {"name": "grace"}).content.decode()

        assert "This field is required" in page
        assert actions() == []

    def test_refuses_any_unknown_name_alike(self, login_client: Client) -> None:
        for name in ("a b", "<b>", "x" * 254, "é" * 20):
            page = login_client.post(LOGIN, {"name": name, "password": "x"}).content.decode()
            assert WRONG in page
            assert "<b>" not in page

    def test_logging_out_requires_a_post(self, login_client: Client) -> None:
        enrol(login_client)

        assert login_client.get("/admin/logout/").status_code == 405
        assert login_client.get("/admin/").status_code == 200


class TestChangingThePassword:
    def form(self, staff_id: StaffId, **values: str) -> dict[str, str]:
        forget_codes()
        good = {"password": PASSWORD, "new_password": NEW, "repeated": NEW}
        return {**good, "code": code(staff_id), **values}

    def test_ends_every_other_session(self, login_client: Client) -> None:
        staff_id = enrol(login_client)
        other = Client()
        knock(other, code(staff_id, ahead=1))
        assert other.get("/admin/").status_code == 200

        changed = login_client.post(CHANGE, self.form(staff_id))

        assert changed.headers["Location"] == "/admin/password_change/done/"
        assert login_client.get("/admin/password_change/done/").status_code == 200
        assert other.get("/admin/").status_code == 302
        forget_codes()
        assert knock(Client(), code(staff_id)) == 200
        assert knock(Client(), code(staff_id), password=NEW) == "/admin/"
        assert "staff.password_changed" in actions()

    @pytest.mark.parametrize(
        ("values", "message"),
        [
            ({"password": "x"}, "Wrong password or code."),
            ({"code": "000000"}, "Wrong password or code."),
            ({"new_password": "short", "repeated": "short"}, "A password has 15 to 1,024"),
            ({"repeated": "another"}, "The passwords do not match."),
            ({"code": ""}, "This field is required"),
        ],
    )
    def test_reports_what_is_wrong(
        self, login_client: Client, values: dict[str, str], message: str
    ) -> None:
        staff_id = enrol(login_client)
        before = StaffUser.objects.get().password

        page = login_client.post(CHANGE, self.form(staff_id, **values))

        assert page.status_code == 200
        assert message in page.content.decode()
        assert StaffUser.objects.get().password == before
        assert NEW not in page.content.decode()


@pytest.mark.parametrize("how", ["disable", "reset"])
def test_commands_end_sessions_at_once(login_client: Client, how: str) -> None:
    enrol(login_client)
    assert login_client.get("/admin/").status_code == 200

    if how == "disable":
        async_to_sync(container.operator.use(DisableStaff))(name="grace")
    else:
        async_to_sync(container.operator.use(ResetStaff))(name="grace", password=NEW)

    assert login_client.get("/admin/").status_code == 302
    assert knock(login_client, password=PASSWORD) == 200
    assert knock(login_client, password=NEW) == (200 if how == "disable" else ENROL)


def test_pages_have_no_inline_script_or_style(login_client: Client) -> None:
    """A strict policy for content would leave them out."""
    hire()
    pages = [login_client.get(LOGIN).content.decode()]
    knock(login_client, password=FIRST)
    pages += [
        login_client.get(ENROL).content.decode(),
        login_client.post(ENROL, {}).content.decode(),
    ]
    factor = enrolled_secret(login_client)
    login_client.post(ENROL, choice(factor))
    pages += [login_client.get(page).content.decode() for page in ("/admin/", CHANGE)]

    for page in pages:
        assert not re.search(r"\son\w+=|\sstyle=|<style|javascript:", page)
        scripts = re.findall(r"<script\b([^>]*)>(.*?)</script>", page, re.DOTALL)
        assert all("src=" in head and not body.strip() for head, body in scripts)
