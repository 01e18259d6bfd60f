"""At every address of the API: whose body is not wanted, or too large, is not listened to."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from dashtam.api.bodies import SMALL_BYTES
from dashtam.asgi import application
from domain.identity.values import Scope
from tests.api.client import Api
from tests.api.endpoints import routes
from tests.api.test_lifespan import Message

FILE_ENDPOINTS = {
    *("imports", "imports/preview", "csv-profiles/detect", "exchange-rates/import"),
}
ANY_ID = "01890000-0000-7000-8000-000000000000"
ADDRESSES = sorted((route, verb) for route, verbs in routes() for verb in {*verbs, "put", "brew"})


@contextmanager
def one_connection() -> Iterator[None]:
    """Leave the test's connection open after a request, as Django's own test client does."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in signals:
            signal.connect(close_old_connections)


async def ask(
    api: Api, verb: str, route: str, size: int, kind: str = "application/json"
) -> tuple[int, bool]:
    """Announce a body; return the status, and whether the body was requested."""
    listened = False
    answered: list[Message] = []
    path = f"/api/v1/{route}"
    for name in ("import", "account", "csv_profile", "transaction", "transfer", "match", "session"):
        path = path.replace(f"<uuid:{name}_id>", ANY_ID)
    path = path.replace("<uuid:second_factor_id>", ANY_ID).replace("<uuid:api_token_id>", ANY_ID)

    async def receive() -> Message:
        nonlocal listened
        listened = True
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        answered.append(message)

    headers = {"host": "localhost", "authorization": f"Bearer {api.token}"}
    headers |= {"content-type": kind, "content-length": str(size)}
    scope: dict[str, Any] = {
        "type": "http",
        "method": verb.upper(),
        "path": path,
        "query_string": b"",
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "scheme": "http",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    with one_connection():
        await application(scope, receive, send)
    status = answered[0]["status"] if answered else 0
    return status, listened


async def test_a_body_without_file_is_small(api: Api) -> None:
    await api.enter()

    received_at = {
        (route, verb)
        for route, verb in ADDRESSES
        if (await ask(api, verb, route, SMALL_BYTES + 1))[1]
    }

    assert received_at == set()


async def test_a_body_with_a_file_may_be_larger(api: Api) -> None:
    await api.enter()
    form = "multipart/form-data; boundary=b"

    received_at = {
        (route, verb)
        for route, verb in ADDRESSES
        if (await ask(api, verb, route, SMALL_BYTES + 1, form))[1]
    }

    assert received_at == {(route, "post") for route in FILE_ENDPOINTS}


async def test_unauthenticated_bodies_are_received_only_at_public_urls(api: Api) -> None:
    api.token = "nonsense"

    received_at = {route for route, verb in ADDRESSES if (await ask(api, verb, route, 100))[1]}

    assert received_at == {
        *("users", "sessions", "tokens", "account-recoveries"),
        *("email-verifications", "password-resets"),
    }


@pytest.mark.parametrize("route", sorted(FILE_ENDPOINTS))
async def test_a_body_without_the_scope_is_not_received(api: Api, route: str) -> None:
    await api.enter()
    program = await api.program(Scope.READ_ACCOUNTS)

    answer = await ask(program, "post", route, 100, "multipart/form-data; boundary=b")

    assert answer == (403, False)
