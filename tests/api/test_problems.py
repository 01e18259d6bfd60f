"""Every error of the API is a problem document, whatever raised it."""

import json

import pytest
from django.conf import LazySettings
from django.test import RequestFactory

from dashtam.api.problems import AddressNotFound, problem
from dashtam.application.identity.users import RegisterUser
from dashtam.container import container
from domain.identity.errors import ApiTokenNotFound
from domain.ledger.errors import InvalidCsvProfile
from tests.api.client import PASSWORD, Api, problem_of

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.mark.parametrize(
    "path", ["/nothing", "/api/v1/nothing", "/api/v1/accounts/7", "/api/v1/users/"]
)
async def test_an_unknown_url_is_not_found(api: Api, path: str) -> None:
    assert problem_of(await api.get(path)) == (404, "address-not-found")


async def test_a_url_is_never_echoed_as_html(api: Api) -> None:
    response = await api.get("/<script>alert(1)</script>")

    assert problem_of(response) == (404, "address-not-found")
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
async def test_a_method_is_not_allowed(api: Api, method: str) -> None:
    response = await api.call(method, "users")

    assert problem_of(response) == (405, "method-not-allowed")
    assert response.headers["Allow"] == "POST, OPTIONS"


async def test_options_lists_the_methods(api: Api) -> None:
    response = await api.call("options", "users")

    assert (response.status_code, response.headers["Allow"]) == (204, "POST, OPTIONS")


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_another_media_type_is_refused(api: Api, content_type: str) -> None:
    response = await api.send_bytes("users", b"{}", content_type)

    assert problem_of(response) == (415, "unsupported-media-type")


@pytest.mark.parametrize(
    "body",
    [
        b'{"email": "a", "email": "b"}',
        b"{",
        b"{'a': 1}",
        b"\xff",
        b'{"email": NaN}',
        b"[" * 60_000,
        b" ",
    ],
)
async def test_malformed_json_is_refused(api: Api, body: bytes) -> None:
    response = await api.send_bytes("users", body)

    assert problem_of(response) == (400, "malformed-request")


async def test_a_body_that_is_too_large_is_refused(api: Api) -> None:
    response = await api.send_bytes("users", b'{"email": "' + b"x" * 65_536 + b'"}')

    assert problem_of(response) == (413, "body-too-large")


async def test_a_fault_is_located_and_not_repeated(api: Api) -> None:
    response = await api.post("users", {"email": "ada@example.org", "password": ["secret word"]})

    (fault,) = response.json()["errors"]
    assert fault["pointer"] == "/password"
    assert "secret word" not in response.text


async def test_a_problem_has_its_trace(api: Api) -> None:
    response = await api.get("/nothing", traceparent=f"00-{TRACE}-00f067aa0ba902b7-01")

    assert response.json()["trace_id"] == TRACE
    assert response.headers["traceparent"].startswith(f"00-{TRACE}-")


async def test_a_defect_reveals_nothing(
    api: Api, monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> None:
    settings.DEBUG = True
    object.__setattr__(container.use(RegisterUser), "hasher", None)
    try:
        response = await api.post("users", {"email": "a@example.org", "password": PASSWORD})
    finally:
        object.__setattr__(container.use(RegisterUser), "hasher", container.ports.hasher)

    assert problem_of(response) == (500, "internal-error")
    assert "NoneType" not in response.text


def test_titles_are_plain_english() -> None:
    titles = [
        json.loads(problem(error("x"), RequestFactory().get("/")).content)["title"]
        for error in (AddressNotFound, ApiTokenNotFound, InvalidCsvProfile)
    ]

    assert titles == ["Address not found", "API token not found", "Invalid CSV profile"]


async def test_unprintable_text_is_refused(api: Api) -> None:
    body = {"email": "ada\0@example.org", "password": PASSWORD}

    errors = (await api.post("sessions", body)).json()["errors"]

    sentence = "This contains a NUL or half a surrogate pair"
    assert errors == [{"pointer": "/email", "code": "broken_text", "detail": sentence}]


@pytest.mark.parametrize("method", ["get", "post", "patch", "delete"])
async def test_too_many_parameters_are_refused(api: Api, method: str) -> None:
    await api.enter()
    query = "&".join(f"a{n}=1" for n in range(1001))

    reply = await api.call(method, f"users/me?{query}")

    assert reply.status_code in (400, 405)
    assert reply.headers["Content-Type"] == "application/problem+json"
