"""What attackers can do at the login page of the admin, and what they cannot."""

from ipaddress import ip_network

import pytest
from django.conf import LazySettings
from django.test import Client

from domain.identity.values import Token, TokenKind
from domain.shared.limits import ATTEMPTS_PER_ACCOUNT
from tests.admin.logins import (
    CHANGE,
    ENROL,
    FIRST,
    LOGIN,
    NEW,
    PASSWORD,
    actions,
    code,
    enrol,
    enrolled_secret,
    forget_codes,
    hire,
    knock,
)


class TestAttackers:
    """Attackers can use up only the attempts of unknown browsers."""

    def attack(self) -> None:
        """Use up the attempts at a name, from many networks without exceeding their limits."""
        for number in range(ATTEMPTS_PER_ACCOUNT):
            stranger = Client(REMOTE_ADDR=f"198.51.100.{number}")
            assert knock(stranger, "000000") == 200
        assert knock(Client(REMOTE_ADDR="198.51.100.99"), "000000") == 429

    def test_do_not_lock_out_a_known_browser(self, login_client: Client) -> None:
        staff_id = enrol(login_client)
        login_client.post("/admin/logout/")
        self.attack()
        forget_codes()

        assert knock(Client(), code(staff_id)) == 429
        assert knock(login_client, code(staff_id)) == "/admin/"

    def test_do_not_prevent_a_password_change(self, login_client: Client) -> None:
        staff_id = enrol(login_client)
        self.attack()
        forget_codes()

        form = {"password": PASSWORD, "code": code(staff_id), "new_password": NEW}
        changed = login_client.post(CHANGE, {**form, "repeated": NEW})

        assert changed.headers["Location"] == "/admin/password_change/done/"
        # The old cookie is no longer valid: there is a new one.
        login_client.post("/admin/logout/")
        forget_codes()
        assert knock(login_client, code(staff_id), NEW) == "/admin/"

    def test_cannot_use_the_browser_cookie_of_another_member(self, login_client: Client) -> None:
        staff_id = enrol(login_client)
        login_client.post("/admin/logout/")
        token = login_client.cookies["device"].value
        self.attack()
        forget_codes()
        for made_up in ("x", token[:-1], token.upper(), Token.of(b"x" * 32, TokenKind.DEVICE).text):
            login_client.cookies["device"] = made_up
            assert knock(login_client, code(staff_id)) == 429

    @pytest.mark.parametrize("name", ["device", "__Host-device"])
    def test_get_no_cookie_that_scripts_or_other_sites_can_use(
        self, login_client: Client, settings: LazySettings, name: str
    ) -> None:
        settings.DEVICE_COOKIE_NAME = name
        settings.SESSION_COOKIE_SECURE = name.startswith("__Host-")
        enrol(login_client)

        cookie = login_client.cookies[name]

        assert cookie["httponly"]
        assert (cookie["samesite"], cookie["path"], cookie["domain"]) == ("Strict", "/", "")
        assert bool(cookie["secure"]) == name.startswith("__Host-")
        assert cookie["max-age"] == 90 * 24 * 60 * 60

    def test_get_no_cookie_before_both_factors(self, login_client: Client) -> None:
        hire()
        knock(login_client, password="wrong")
        knock(login_client, password=FIRST)
        enrolled_secret(login_client)

        assert "device" not in login_client.cookies


class TestRateLimit:
    def test_is_checked_before_anything_else(
        self, login_client: Client, settings: LazySettings
    ) -> None:
        hire()
        # One at once, and one in two minutes.
        settings.RATE_LIMIT_SCALE = 0.05
        form = {"name": "grace", "password": "x", "code": ""}

        judged, *refused = [login_client.post(LOGIN, form) for _ in range(6)]

        assert judged.status_code == 200
        assert {answer.status_code for answer in refused} == {429}
        assert all(1 <= int(answer.headers["Retry-After"]) <= 120 for answer in refused)
        assert all("Too many requests" in answer.content.decode() for answer in refused)
        assert actions() == ["staff.added", "staff.login_failed"]
        # The right password is no better, and another network is not concerned.
        assert knock(login_client, password=FIRST) == 429
        assert knock(Client(REMOTE_ADDR="198.51.100.7"), password=FIRST) == ENROL

    def test_does_not_apply_to_reading(self, login_client: Client, settings: LazySettings) -> None:
        settings.RATE_LIMIT_SCALE = 0.05

        assert {login_client.get(LOGIN).status_code for _ in range(5)} == {200}


class TestNetworks:
    @pytest.fixture(autouse=True)
    def near(self, settings: LazySettings) -> None:
        settings.ADMIN_NETWORKS = [ip_network("192.0.2.0/24"), ip_network("2001:db8::/64")]

    @pytest.mark.parametrize("address", ["192.0.2.7", "2001:db8::7", "::ffff:192.0.2.7"])
    def test_that_are_listed_reach_the_admin(self, login_client: Client, address: str) -> None:
        assert Client(REMOTE_ADDR=address).get(LOGIN).status_code == 200

    @pytest.mark.parametrize("address", ["192.0.3.7", "2001:db8:0:1::7", "", "unix:"])
    def test_that_are_not_listed_find_no_admin(self, login_client: Client, address: str) -> None:
        far = Client(REMOTE_ADDR=address)
        enrolled = {"name": "grace", "password": PASSWORD, "code": ""}
        pages = [far.get("/admin/"), far.get(LOGIN), far.post(LOGIN, enrolled)]
        pages += [far.get("/admin/nowhere/"), far.get("/admin/identity/usermodel/")]

        assert {page.status_code for page in pages} == {404}
        absent = far.get("/nowhere/").json()
        for page in pages:
            same = {**absent, "instance": page.json()["instance"]}
            assert {**page.json(), "trace_id": absent["trace_id"]} == same
        assert actions() == []

    @pytest.mark.parametrize(
        ("forwarded", "status"),
        [
            *(("192.0.2.7", 200), ("192.0.2.7:4433", 200), ("[2001:db8::7]:443", 200)),
            *(("8.8.8.8", 404), ("8.8.8.8:4433", 404), ("[2001:db8:1::7]:443", 404)),
            *(("192.0.2.7, 8.8.8.8:4433", 404), ("192.0.2.7, unknown", 404)),
            *(("", 404), ("unknown", 404), ("192.0.2.7, ", 404), ("192.0.2.1", 404)),
        ],
    )
    def test_are_recognised_behind_a_proxy(
        self, login_client: Client, settings: LazySettings, forwarded: str, status: int
    ) -> None:
        """If a proxy does not name the client, no network is trusted."""
        settings.TRUSTED_PROXIES = [ip_network("192.0.2.1")]
        proxied = Client(REMOTE_ADDR="192.0.2.1", headers={"X-Forwarded-For": forwarded})

        assert proxied.get(LOGIN).status_code == status

    def test_that_are_not_listed_learn_nothing(
        self, login_client: Client, settings: LazySettings
    ) -> None:
        settings.RATE_LIMIT_SCALE = 0.001
        far = Client(REMOTE_ADDR="192.0.3.7")

        assert {far.get(LOGIN).status_code for _ in range(5)} == {404}

    def test_do_not_restrict_the_api(self, login_client: Client) -> None:
        assert Client(REMOTE_ADDR="192.0.3.7").get("/health/live").status_code == 200
