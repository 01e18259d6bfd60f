"""The first log-in: a secret and a password that only the member knows."""

import re
import time
from base64 import b32decode, b32encode, b64encode
from xml.etree import ElementTree

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from adapters.audit.models import AuditEntryModel
from adapters.persistence.staff.models import SecondFactorModel
from domain.identity.values import TotpSecret
from domain.staff.values import StaffRole
from tests.admin.logins import (
    CHANGE,
    ENROL,
    FIRST,
    LOGIN,
    NEW,
    choice,
    enrol,
    enrolled_secret,
    forget_codes,
    hire,
    knock,
)
from tests.staff_fakes import code_of


class TestEnrolment:
    def test_shows_the_secret_as_a_picture_and_as_text(self, login_client: Client) -> None:
        hire()
        knock(login_client, password=FIRST)

        page = login_client.get(ENROL).content.decode()

        (secret,) = re.findall(r"<code>(.*?)</code>", page)
        assert len(b32decode(secret.replace(" ", ""))) == TotpSecret.LENGTH
        (picture,) = re.findall(r"<p>(<svg.*?</svg>)</p>", page, re.DOTALL)
        assert ElementTree.fromstring(picture).find(".//{*}path") is not None

    def test_allows_nothing_else_until_it_is_confirmed(self, login_client: Client) -> None:
        hire(StaffRole.ADMINISTRATOR)
        knock(login_client, password=FIRST)
        for page in ("/admin/", CHANGE, "/admin/identity/usermodel/", "/admin/logout/"):
            assert login_client.get(page).status_code == 302
        assert login_client.get(LOGIN).headers["Location"] == ENROL
        assert (
            login_client.post(
                ENROL, choice(enrolled_secret(login_client), code="000000")
            ).status_code
            == 200
        )
        assert login_client.get("/admin/").status_code == 302

    def test_shows_each_secret_once(self, login_client: Client) -> None:
        hire()
        knock(login_client, password=FIRST)
        before = enrolled_secret(login_client)

        page = login_client.post(ENROL, choice(before, code="000000")).content.decode()

        assert "<code>" not in page
        assert "<p><svg" not in page
        assert "does not match the secret" in page
        assert "start over" in page
        assert enrolled_secret(login_client).secret != before.secret
        assert login_client.post(ENROL, choice(before)).status_code == 200
        assert SecondFactorModel.objects.count() == 0

    @pytest.mark.parametrize(
        ("values", "message"),
        [
            ({"new_password": FIRST, "repeated": FIRST}, "the one you were given"),
            ({"new_password": "short", "repeated": "short"}, "A password has 15 to 1,024"),
            ({"repeated": NEW}, "The passwords do not match."),
            ({"new_password": "", "repeated": ""}, "This field is required"),
        ],
    )
    def test_requires_a_new_password(
        self, login_client: Client, values: dict[str, str], message: str
    ) -> None:
        hire()
        knock(login_client, password=FIRST)

        page = login_client.post(ENROL, choice(enrolled_secret(login_client), **values))

        assert page.status_code == 200
        assert message in page.content.decode()
        assert login_client.get("/admin/").status_code == 302
        assert SecondFactorModel.objects.count() == 0

    def test_requires_the_page_that_showed_the_secret(self, login_client: Client) -> None:
        hire()
        knock(login_client, password=FIRST)

        assert "<code>" in login_client.post(ENROL, {"code": "000000"}).content.decode()

    def test_is_never_cached(self, login_client: Client) -> None:
        hire()
        knock(login_client, password=FIRST)

        assert "no-store" in login_client.get(ENROL).headers["Cache-Control"]

    def test_requires_a_log_in(self, login_client: Client) -> None:
        assert login_client.get(ENROL).headers["Location"] == "/admin/"
        assert login_client.post(ENROL, {"code": "000000"}).status_code == 302

    def test_ends_once_there_is_a_factor(self, login_client: Client) -> None:
        enrol(login_client)

        assert login_client.get(ENROL).headers["Location"] == "/admin/"
        assert login_client.post(ENROL, {"code": "000000"}).headers["Location"] == "/admin/"

    def test_refuses_the_second_of_two_with_the_initial_password(
        self, login_client: Client
    ) -> None:
        colleague, third = Client(), Client()
        hire()
        for client in (colleague, third, login_client):
            assert knock(client, password=FIRST) == ENROL
        known, other, own = (
            enrolled_secret(colleague),
            enrolled_secret(third),
            enrolled_secret(login_client),
        )
        assert len({known.secret, other.secret, own.secret}) == 3
        assert login_client.post(ENROL, choice(own)).headers["Location"] == "/admin/"

        late = colleague.post(ENROL, choice(known, new_password=NEW, repeated=NEW))
        reloaded = third.get(ENROL)

        for page in (late, reloaded):
            assert page.status_code == 409
            assert "Somebody else has set up this account" in page.content.decode()
        assert colleague.get(ENROL).headers["Location"] == "/admin/"
        assert colleague.get("/admin/").status_code == 302
        refused = AuditEntryModel.objects.get(action="staff.confirm_second_factor")
        assert (refused.result, refused.details) == ("failure", {"error": "enrolled-elsewhere"})
        forget_codes()
        for password in (FIRST, NEW):
            assert knock(Client(), code_of(own, int(time.time()) // 30), password) == 200
        assert knock(Client(), code_of(known, int(time.time()) // 30)) == 200
        assert knock(Client(), code_of(own, int(time.time()) // 30)) == "/admin/"

    def test_stores_no_secret_in_the_session(self, login_client: Client) -> None:
        hire()
        knock(login_client, password=FIRST)

        secret = enrolled_secret(login_client).secret.key

        session_data = str([session.get_decoded() for session in Session.objects.all()])
        assert "enrolment" in session_data
        for form in (secret.hex(), b32encode(secret).decode(), b64encode(secret).decode()):
            assert form not in session_data

    def test_expires(self, login_client: Client) -> None:
        hire()
        knock(login_client, password=FIRST)

        assert login_client.session.get_expiry_age() == 600
