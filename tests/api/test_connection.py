"""Connections as clients make them: real sockets, to an application that answers when it may."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

import pytest
from django.conf import LazySettings
from uvicorn import Config
from uvicorn.server import ServerState

from dashtam.http_server import lingering
from dashtam.http_server.connection import CONNECTIONS, Connection
from dashtam.server import OPTIONS
from tests.api.test_lifespan import Message

LOOPBACK = ("127.0.0.1", 0)
#: The buffers of the system are small, so that the server has to buffer the rest.
LITTLE = 4096
HOST = b"Host: localhost\r\n"
BROKEN = b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n"


def request(path: str = "/", *fields: bytes) -> bytes:
    return b"".join([f"GET {path} HTTP/1.1\r\n".encode(), HOST, *fields, b"\r\n"])


class Application:
    """Answers with as many bytes as the path says, as soon as possible."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def __call__(self, scope: Message, receive: Any, send: Any) -> None:
        self.asked.append(scope["method"])
        await self.may_answer.wait()
        body = b"x" * int(scope["path"][1:] or 2)
        headers = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def serving(application: Any, **options: Any) -> AsyncIterator[int]:
    """Serve this application; yield the port."""
    config = Config(application, **{**OPTIONS, **options, "lifespan": "off"})
    state, listening = ServerState(), socket.create_server(LOOPBACK)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, LITTLE)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(config, state, {}), sock=listening)
    try:
        yield listening.getsockname()[1]
    finally:
        server.close()
        await until(lambda: not state.connections)


async def until(is_so: Any) -> None:
    """Wait for a condition; the test is that it occurs at all."""
    async with asyncio.timeout(60):
        while not is_so():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


@pytest.fixture
def mute() -> Iterator[socket.socket]:
    """A client that sends, and never reads."""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, LITTLE)
        yield client


async def test_no_request_begins_in_the_context_of_another() -> None:
    async def application(scope: Message, receive: Any, send: Any) -> None:
        found.append(visitor.get())
        visitor.set(scope["path"])
        await receive()
        await Application()(scope, receive, send)

    visitor, found = ContextVar("visitor", default="nobody"), list[str]()
    async with serving(application) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        # They are pipelined, so that the response to one starts the next.
        writer.write(request("/1") + request("/2") + request("/3", b"Connection: close\r\n"))
        answers = await reader.read()
        writer.close()

    assert answers.count(b"HTTP/1.1 200 OK") == 3
    assert found == ["nobody"] * 3


async def test_an_invalid_request_does_not_end_the_previous_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    application = Application()
    application.may_answer.clear()
    async with serving(application) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request() + request() + BROKEN)
        await until(lambda: application.asked)
        application.may_answer.set()
        answers = await reader.read()
        writer.close()

    assert answers.count(b"HTTP/1.1 200 OK") == answers.count(b"HTTP/1.1 ") == 2
    assert application.asked == ["GET", "GET"]
    assert not [each for each in caplog.records if each.levelno >= logging.WARNING]


async def test_a_request_that_breaks_off_is_answered_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    application = Application()
    application.may_answer.clear()
    async with serving(application) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(BROKEN)
        answers = await reader.read()
        application.may_answer.set()
        writer.close()

    assert answers.startswith(b"HTTP/1.1 400 ")
    assert answers.count(b"HTTP/1.1 ") == 1
    assert not [each for each in caplog.records if each.levelno >= logging.WARNING]


async def test_data_that_arrives_when_nobody_reads_is_discarded(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An application that waits for its client to go away has reading resumed."""
    application = Application()
    application.may_answer.clear()

    async def watching(scope: Message, receive: Any, send: Any) -> None:
        await receive()
        watch = asyncio.create_task(receive())
        await application(scope, receive, send)
        watch.cancel()

    async with serving(watching) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request() + b"\0")
        await until(lambda: application.asked)
        writer.write(b"\0" * 1_000_000 + request())
        await asyncio.sleep(0)
        application.may_answer.set()
        answers = await reader.read()
        writer.close()

    assert answers.count(b"HTTP/1.1 200 OK") == answers.count(b"HTTP/1.1 ") == 1
    assert application.asked == ["GET"]
    assert not [each for each in caplog.records if each.levelno >= logging.WARNING]


#: Below the system's buffer, at which the server waits for its client, and above.
SIZES = [2, 40_000, 4_000_000]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("fields", "after"),
    [
        ([], b""),
        ([b"Connection: close\r\n"], b""),
        ([], b"\0"),
        ([], request()),
        ([], b"GET / HTTP/1.1\r\nHo"),
        ([], BROKEN),
    ],
    ids=["kept", "closed", "refused", "two", "begun", "broken"],
)
async def test_a_client_that_never_reads_is_disconnected(
    monkeypatch: pytest.MonkeyPatch,
    settings: LazySettings,
    mute: socket.socket,
    size: int,
    fields: list[bytes],
    after: bytes,
) -> None:
    monkeypatch.setattr(lingering, "WRITE_SECONDS", 0.2)
    monkeypatch.setattr(lingering, "SECONDS", 0.2)
    settings.HEADER_SECONDS = 0.2
    application, before = Application(), CONNECTIONS.used
    async with serving(application, timeout_keep_alive=0.2) as port:
        mute.connect(("127.0.0.1", port))
        mute.sendall(request(f"/{size}", *fields) + after)
        await until(lambda: application.asked)
        await until(lambda: CONNECTIONS.used == before)


async def test_a_client_that_reads_late_receives_everything(mute: socket.socket) -> None:
    application = Application()
    async with serving(application) as port:
        mute.connect(("127.0.0.1", port))
        mute.sendall(request("/40000", b"Connection: close\r\n"))
        await until(lambda: application.asked)
        mute.setblocking(False)
        reader, writer = await asyncio.open_connection(sock=mute)
        answer = await reader.read()
        writer.close()

    assert answer.endswith(b"\r\n\r\n" + b"x" * 40_000)
