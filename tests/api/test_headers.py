"""Security headers of every answer, and which proxies are trusted."""

from collections.abc import Mapping
from ipaddress import ip_network
from typing import Any

import pytest
from django.conf import LazySettings, settings
from django.http.request import HttpHeaders
from django.test import Client, RequestFactory

from dashtam.proxies import strip_untrusted_headers
from dashtam.server import OPTIONS
from tests.api.client import Api, Elsewhere, problem_of
from tests.api.test_request_bodies import asked

POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox"
TRANSPORT = "max-age=31536000; includeSubDomains; preload"
PROXY, STRANGER = "10.0.0.1", "192.0.2.7"
HTTPS = {"X-Forwarded-Proto": "https"}


def tells_browsers(headers: Mapping[str, str]) -> bool:
    """Return whether an answer has every header for data."""
    said = {
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    return {name: headers.get(name) for name in said} == said


@pytest.mark.parametrize("path", ["accounts", "/health/live", "/metrics", "/nothing", "users"])
async def test_every_answer_has_security_headers(api: Api, path: str) -> None:
    headers = (await (await api.enter()).get(path)).headers

    assert tells_browsers(headers)
    assert headers["Cache-Control"] == "no-store"
    # In development there is no https to insist on.
    assert "Strict-Transport-Security" not in headers


async def test_downloads_have_security_headers(api: Api) -> None:
    await api.enter()

    assert tells_browsers((await api.get("export?format=csv")).headers)


async def test_early_refusals_have_security_headers() -> None:
    start, _ = await asked((b"content-length", b"9" * 5001))

    headers = {name.decode(): words.decode() for name, words in start["headers"]}
    assert tells_browsers(
        HttpHeaders({f"HTTP_{name.upper().replace('-', '_')}": headers[name] for name in headers})
    )
    assert headers["content-type"] == "application/problem+json"


def test_stylesheets_are_not_treated_as_data(database: None, client: Client) -> None:
    headers = client.get("/static/admin/css/base.css").headers

    assert headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert headers["Cache-Control"] == "public, max-age=86400"


class TestProduction:
    @pytest.fixture(autouse=True)
    def production(self, settings: LazySettings, database: None) -> None:
        settings.PRODUCTION = True
        settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        settings.SECURE_SSL_REDIRECT = True
        settings.TRUSTED_PROXIES = [ip_network("10.0.0.0/8")]

    async def ask(self, address: str, path: str, **headers: str) -> Any:
        return await Elsewhere(address).get(path, headers=headers)

    async def test_the_api_requires_https(self) -> None:
        reply = await self.ask(PROXY, "/api/v1/accounts")

        assert (reply.status_code, reply.json()["type"]) == (403, "/problems/https-required")
        assert "Location" not in reply.headers
        assert tells_browsers(reply.headers)
        # Not in unencrypted answers (RFC 6797).
        assert "Strict-Transport-Security" not in reply.headers

    async def test_headers_of_a_trusted_proxy_are_used(self) -> None:
        reply = await self.ask(PROXY, "/api/v1/accounts", **HTTPS)

        assert reply.status_code == 401
        assert reply.headers["Strict-Transport-Security"] == TRANSPORT

    async def test_pages_require_https_too(self) -> None:
        for path in ("/admin/login/", "/static/admin/css/base.css", "/nothing"):
            reply = await self.ask(PROXY, path, **HTTPS)
            assert reply.headers["Strict-Transport-Security"] == TRANSPORT

    async def test_a_proxy_is_recognised_on_an_ipv6_socket(self) -> None:
        reply = await self.ask(f"::ffff:{PROXY}", "/api/v1/accounts", **HTTPS)

        assert reply.status_code == 401

    async def test_headers_of_other_clients_are_ignored(self) -> None:
        for headers in ({}, HTTPS, {**HTTPS, "X-Forwarded-For": PROXY}):
            reply = await self.ask(STRANGER, "/api/v1/accounts", **headers)
            assert reply.json()["type"] == "/problems/https-required"

    async def test_other_forwarding_headers_are_ignored(self) -> None:
        for headers in (
            {"Forwarded": "proto=https"},
            {"X-Forwarded-Protocol": "https"},
            {"X-Forwarded-Ssl": "on"},
            {"Front-End-Https": "on"},
        ):
            assert (await self.ask(PROXY, "/api/v1/accounts", **headers)).status_code == 403

    async def test_http_from_a_proxy_is_insecure(self) -> None:
        reply = await self.ask(PROXY, "/api/v1/accounts", **{"X-Forwarded-Proto": "http"})

        assert reply.status_code == 403

    @pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/metrics"])
    async def test_health_is_available_from_inside(self, path: str) -> None:
        assert (await self.ask(STRANGER, path)).status_code == 200

    async def test_the_admin_redirects_to_https(self) -> None:
        for address, headers in ((PROXY, {}), (STRANGER, HTTPS)):
            reply = await self.ask(address, "/admin/login/", **headers)
            assert reply.status_code == 301
            assert reply.headers["Location"] == "https://testserver/admin/login/"

        assert (await self.ask(PROXY, "/admin/login/", **HTTPS)).status_code == 200

    async def test_a_host_from_a_proxy_is_ignored(self) -> None:
        headers = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Port": "8443"}

        reply = await self.ask(PROXY, "/admin/login/", **headers)

        assert reply.headers["Location"] == "https://testserver/admin/login/"

    async def test_an_unknown_host_is_refused(self, settings: LazySettings) -> None:
        settings.ALLOWED_HOSTS = ["dashtam.example"]

        reply = await self.ask(PROXY, "/admin/login/", **HTTPS)

        assert reply.status_code == 400
        assert tells_browsers(reply.headers) is False
        assert reply.headers["X-Content-Type-Options"] == "nosniff"


def test_the_server_itself_trusts_no_proxy() -> None:
    assert OPTIONS["proxy_headers"] is False
    assert OPTIONS["server_header"] is False


def test_the_image_starts_the_same_server() -> None:
    assert 'CMD ["python", "-m", "dashtam.server",' in (settings.ROOT / "Dockerfile").read_text()


async def test_a_refusal_is_a_problem_document(api: Api, settings: LazySettings) -> None:
    settings.PRODUCTION = True

    assert problem_of(await api.get("accounts")) == (403, "https-required")


def test_a_request_without_client_address_is_not_trusted() -> None:
    for address in ("", "testclient"):
        request = RequestFactory().get("/", REMOTE_ADDR=address, headers=HTTPS)
        strip_untrusted_headers(request, [ip_network("0.0.0.0/0")])
        assert "X-Forwarded-Proto" not in request.headers
