"""A client of the API, as programs write them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpRequest, HttpResponseBase
from django.test import AsyncClient
from django.test.client import AsyncClientHandler

from dashtam.container import container
from dashtam.headers import PAGE_ROOTS
from dashtam.http_server.handler import ApiApplication
from domain.identity.entities import Session, User
from domain.identity.events import SessionOpened
from domain.identity.values import Scope
from domain.shared.ids import SessionId, new_id
from domain.shared.result import Success
from tests.canaries import PASSWORD
from tests.factories import make_user
from tests.mailbox import mailed

__all__ = ["PASSWORD", "Api", "Client", "Reply", "problem_of"]

_WAITING = """
SELECT EXISTS (SELECT FROM outbox_event WHERE delivered_at IS NULL AND dead_at IS NULL)
"""


@dataclass(frozen=True)
class Reply:
    """An answer as a client sees it."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def text(self) -> str:
        # Binary content, such as a ZIP, is searched for canaries.
        return self.content.decode(errors="replace")

    def json(self) -> Any:
        return json.loads(self.text)


class _InProcess(AsyncClientHandler):
    """Django's handler for tests, with the middleware that the server has for each path."""

    def __init__(self) -> None:
        super().__init__(enforce_csrf_checks=False)
        self._api = ApiApplication()

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith(PAGE_ROOTS):
            return await super().get_response_async(request)
        return await self._api.get_response_async(request)


class Client(AsyncClient):
    """Django's client, which gets the responses that the server sends."""

    def __init__(self) -> None:
        super().__init__(raise_request_exception=False)
        self.handler = _InProcess()


class Api:
    """Sends requests; once it has entered, with a token."""

    def __init__(self, *, delivers: bool = False) -> None:
        self._client = Client()
        self.token = ""
        self.user: User
        self.session: Session
        #: Whether facts are delivered after each request, as a relay does.
        self.delivers = delivers

    async def enter(self, email: str = "ada@example.org") -> "Api":
        """Register and log in without the slow steps."""
        user = make_user(email)
        async with container.ports.unit_of_work(owner=user.id) as uow:
            assert await container.ports.users.add(user) == Success(None)
            session, self.token, opened = await _open(user)
            await uow.commit(opened)
        # The notification to relays uses the same connection as the test.
        await container.publisher.drain()
        self.user, self.session = user, session
        return self

    async def reconnected(self) -> "Api":
        """Be the same user in another session: as on another device."""
        other = Api(delivers=self.delivers)
        async with container.ports.unit_of_work(owner=self.user.id) as uow:
            other.session, other.token, opened = await _open(self.user)
            await uow.commit(opened)
        await container.publisher.drain()
        other.user = self.user
        return other

    async def program(self, *scopes: Scope) -> "Api":
        """Be a program of this user's with a token for some scopes."""
        issued = await self.post("api-tokens", {"name": "Spreadsheet", "scopes": list(scopes)})
        assert issued.status_code == 201
        other = Api(delivers=self.delivers)
        other.user, other.token = self.user, issued.json()["token"]
        return other

    async def log_in(self, email: str = "ada@example.org") -> "Api":
        """Register and log in, step by step."""
        credentials = {"email": email, "password": PASSWORD}
        assert (await self.post("users", credentials)).status_code == 202
        await container.drain()
        assert (
            await self.put("email-verifications", {"token": mailed(), "password": PASSWORD})
        ).status_code == 204
        session = await self.post("sessions", credentials)
        assert session.status_code == 201
        self.token = session.json()["access_token"]
        return self

    async def get(self, path: str, **headers: str) -> Reply:
        return await self._send("get", path, headers=headers)

    async def delete(self, path: str) -> Reply:
        return await self._send("delete", path)

    async def post(self, path: str, body: Any, **headers: str) -> Reply:
        """Send JSON."""
        return await self.send_bytes(path, json.dumps(body).encode(), **headers)

    async def put(self, path: str, body: Any) -> Reply:
        return await self._send("put", path, data=json.dumps(body), content_type="application/json")

    async def send_bytes(
        self, path: str, body: bytes, content_type: str = "application/json", **headers: str
    ) -> Reply:
        return await self._send("post", path, data=body, content_type=content_type, headers=headers)

    async def upload(
        self,
        content: bytes,
        *,
        name: str = "march.ofx",
        path: str = "imports",
        fields: Mapping[str, str] | None = None,
        **parts: Any,
    ) -> Reply:
        """Send a file as the part `file`, unless other parts are given."""
        data = {**(fields or {}), **(parts or {"file": SimpleUploadedFile(name, content)})}
        return await self._send("post", path, data=data)

    async def patch(self, path: str, body: Any) -> Reply:
        return await self._send(
            "patch", path, data=json.dumps(body), content_type="application/json"
        )

    async def call(self, method: str, path: str, **more: Any) -> Reply:
        return await self._send(method, path, **more)

    async def _send(
        self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any
    ) -> Reply:
        sent = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        address = path if path.startswith("/") else f"/api/v1/{path}"
        call = getattr(self._client, method)
        response = await call(address, headers={**sent, **(headers or {})}, **more)
        await container.publisher.drain()
        if self.delivers and await container.database.run(_is_waiting):
            await container.drain()
        # Django's client removes the body of an answer to HEAD, as a server does.
        whole = method == "head" or not response.streaming
        content = b"".join(response) if whole else await _streamed(response)
        return Reply(response.status_code, response.headers, content)


class Elsewhere(Client):
    """A client at an address of its own, with or without a proxy's headers."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self._address = address

    def _base_scope(self, **request: Any) -> Any:
        scope = super()._base_scope(**request)  # type: ignore[misc]  # Django has it
        return {**scope, "client": [self._address, 0]}


async def _open(user: User) -> tuple[Session, str, SessionOpened]:
    token = container.ports.tokens.issue()
    session, opened = Session.open(
        id=SessionId(new_id()),
        user_id=user.id,
        token_digest=token.digest,
        at=container.ports.clock.now(),
    )
    assert await container.ports.sessions.add(session) == Success(None)
    return session, token.text, opened


def _is_waiting() -> bool:
    """Return whether an event waits: to look costs a fraction of what a relay without work does."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING)
        return bool(cursor.fetchone() == (True,))


async def _streamed(response: Any) -> bytes:
    """Read a streamed answer to its end, and close it as a server does."""
    content = b"".join([piece async for piece in response])
    response.close()
    return content


def problem_of(response: Reply) -> tuple[int, str]:
    """Return status and kind of a problem document, after a look at its form (RFC 9457)."""
    assert response.headers["Content-Type"] == "application/problem+json"
    body = response.json()
    assert {"type", "title", "status", "detail", "instance", "trace_id"} <= body.keys()
    assert body["status"] == response.status_code
    return response.status_code, body["type"].removeprefix("/problems/")
