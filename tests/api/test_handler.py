"""The handler of the API: what Django's does for a request, without a thread for each."""

import asyncio
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from io import BytesIO
from typing import Any

import pytest
import uvicorn
from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from asgiref.testing import ApplicationCommunicator
from django.core.exceptions import SuspiciousOperation
from django.core.signals import request_finished, request_started
from django.db import connection, connections
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, path
from pytest_django import Settings

from adapters.persistence.database import Database
from adapters.persistence.roles import Role
from dashtam import asgi
from dashtam.api.bodies import UPLOADS, body_of
from dashtam.api.http import UnlimitedView
from dashtam.api.problems import not_found
from dashtam.container import container
from dashtam.http_server import handler
from dashtam.http_server.application import ServerApplication
from dashtam.http_server.handler import ApiApplication, Router
from dashtam.server import OPTIONS
from domain.shared.errors import TooLarge
from tests.api.test_connection import serving, until

here = pytest.mark.urls(__name__)

#: Its library has no types.
Communicator: Any = ApplicationCommunicator
Message = MutableMapping[str, Any]

REQUESTS = 400
#: How long a test waits for what comes at once; on a busy machine, at once takes longer.
PATIENCE = 60
#: Seconds until the transaction of a client that has disconnected is free.
FREED_WITHIN = 0.1
#: What an upload arrives in.
PIECES = [bytes([number]) * 70_000 for number in range(5)]
LENGTH = sum(map(len, PIECES))
#: A lock that ends with its transaction, and how many there are.
LOCK = "SELECT pg_advisory_xact_lock(62)"
LOCKS = """
SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 62
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


class Seen:
    """What the views below saw of the last request."""

    def __init__(self) -> None:
        self.began, self.cancelled, self.closed = (asyncio.Event() for _ in range(3))
        self.may_end = asyncio.Event()
        self.threads: list[threading.Thread] = []
        self.connections: list[Any] = []


seen = Seen()
#: What the view `in_database` works in.
database = container.database


@pytest.fixture(autouse=True)
def _nothing_seen() -> None:
    vars(seen).update(vars(Seen()))


async def plain(request: HttpRequest) -> HttpResponse:
    seen.threads.append(threading.current_thread())
    return HttpResponse("plain", headers={"X-Custom": "yes"})


async def with_cookie(request: HttpRequest) -> HttpResponse:
    response = HttpResponse("sweet")
    response.set_cookie("flavour", "vanilla")
    return response


async def waiting(request: HttpRequest) -> HttpResponse:
    seen.began.set()
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        seen.cancelled.set()
        raise
    return HttpResponse()


async def patient(request: HttpRequest) -> HttpResponse:
    seen.began.set()
    await seen.may_end.wait()
    return HttpResponse("patient")


async def between_statements(request: HttpRequest) -> HttpResponse:
    async with container.database.transaction():
        await container.database.run(_value, LOCK)
        seen.began.set()
        await asyncio.Event().wait()
    return HttpResponse()


async def in_transaction(request: HttpRequest) -> HttpResponse:
    began = asyncio.get_running_loop().call_soon_threadsafe
    async with container.database.transaction():
        await container.database.run(_sleep, began)
    return HttpResponse()


def _sleep(began: Any) -> None:
    began(seen.began.set)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(3600)")


async def in_database(request: HttpRequest) -> HttpResponse:
    return HttpResponse(await database.run(_value, "SELECT 1"))


def synchronous(request: HttpRequest) -> HttpResponse:
    seen.threads.append(threading.current_thread())
    answer = _value("SELECT 1")
    seen.connections.append(connections["default"].connection)
    return HttpResponse(answer)


def _value(statement: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return str(cursor.fetchone()[0])


async def failing(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a bug")


async def missing(request: HttpRequest) -> HttpResponse:
    raise Http404


async def suspicious(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation


class Uploading(UnlimitedView):
    """Returns what was sent, if it is no longer than all pieces together."""

    async def post(self, request: HttpRequest) -> HttpResponse:
        async with body_of(request, LENGTH, TooLarge("Too large."), UPLOADS) as file:
            return HttpResponse(file.read())


async def streaming(request: HttpRequest) -> StreamingHttpResponse:
    return _stream(_pieces())


async def endless(request: HttpRequest) -> StreamingHttpResponse:
    return _stream(_pieces(endless=True))


async def breaking(request: HttpRequest) -> StreamingHttpResponse:
    return _stream(_broken())


def _stream(pieces: AsyncIterator[bytes]) -> StreamingHttpResponse:
    response = StreamingHttpResponse(pieces)
    file = BytesIO()
    file.close = seen.closed.set  # type: ignore[method-assign]
    response._resource_closers.append(file.close)  # type: ignore[attr-defined]  # Django has it
    return response


async def _pieces(*, endless: bool = False) -> AsyncIterator[bytes]:
    yield b"first"
    seen.began.set()
    while endless:
        await asyncio.sleep(0)
        yield b"more"
    yield b"last"


async def _broken() -> AsyncIterator[bytes]:
    yield b"first"
    raise RuntimeError("a bug")


VIEWS = (
    *(plain, with_cookie, waiting, patient, in_transaction, between_statements, in_database),
    *(synchronous, failing, missing, suspicious, streaming, endless, breaking),
)
urlpatterns: list[Any] = [
    *(path(view.__name__, view) for view in VIEWS),
    path("uploading", Uploading.as_view()),
]
handler404 = not_found


class Broken:
    """Middleware with a bug, in front of the view or behind it."""

    async_capable, sync_capable = True, False

    def __init__(self, get_response: Any) -> None:
        self._get_response = get_response
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/waiting":
            raise RuntimeError("a bug")
        await self._get_response(request)
        raise RuntimeError("a bug")


def application() -> Any:
    return ServerApplication(ApiApplication())


def scope_of(url: str, *headers: tuple[bytes, bytes], method: str = "GET") -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "path": f"/{url}",
        "query_string": b"",
        "headers": [(b"host", b"localhost"), *headers],
    }


async def sent(url: str) -> Any:
    """Send a request; its client waits for the response."""
    request = Communicator(application(), scope_of(url))
    await request.send_input({"type": "http.request", "body": b""})
    return request


async def disconnect(request: Any) -> None:
    await request.send_input({"type": "http.disconnect"})
    await request.wait(PATIENCE)


async def response_to(request: Any) -> tuple[int, dict[bytes, bytes], bytes]:
    """Receive a whole response: its status, headers and body."""
    start = await request.receive_output(PATIENCE)
    body, more = b"", True
    while more:
        message = await request.receive_output(PATIENCE)
        body, more = body + message.get("body", b""), message.get("more_body", False)
    await request.wait(PATIENCE)
    headers = {name.lower(): value for name, value in start["headers"]}
    return start["status"], headers, body


@here
class TestResponding:
    async def test_sends_status_headers_and_body(self) -> None:
        status, headers, body = await response_to(await sent("plain"))

        assert (status, body) == (200, b"plain")
        assert headers[b"x-custom"] == b"yes"
        assert headers[b"content-length"] == b"5"
        assert headers[b"x-content-type-options"] == b"nosniff"
        assert headers[b"traceparent"].startswith(b"00-")

    async def test_sends_cookies(self) -> None:
        status, headers, body = await response_to(await sent("with_cookie"))

        assert (status, body) == (200, b"sweet")
        assert headers[b"set-cookie"].startswith(b"flavour=vanilla")

    async def test_uses_the_thread_of_the_event_loop_and_starts_no_other(self) -> None:
        before = set(threading.enumerate())

        await response_to(await sent("plain"))

        assert seen.threads == [threading.current_thread()]
        # Those of earlier tests may end meanwhile.
        assert set(threading.enumerate()) <= before

    async def test_needs_no_signals(self) -> None:
        heard: list[object] = []
        signals = (request_started, request_finished)

        def hear(**about: object) -> None:
            heard.append(about)

        for signal in signals:
            signal.connect(hear)
        try:
            await response_to(await sent("plain"))
        finally:
            for signal in signals:
                signal.disconnect(hear)
        assert heard == []

    async def test_responds_to_unknown_urls(self) -> None:
        status, headers, _ = await response_to(await sent("nothing"))

        assert status == 404
        assert headers[b"content-type"] == b"application/problem+json"

    async def test_responds_to_head_with_headers_alone_and_goes_on(self) -> None:
        async with serving(application()) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            for url in ("plain", "streaming"):
                writer.write(f"HEAD /{url} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
                head = await reader.readuntil(b"\r\n\r\n")
                assert head.startswith(b"HTTP/1.1 200 ")
            writer.write(b"GET /plain HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            answer = await reader.read()
            writer.close()

        assert answer.startswith(b"HTTP/1.1 200 ")
        assert answer.endswith(b"\r\n\r\nplain")

    async def test_runs_many_requests_at_once(
        self, committing_database: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # However long the last of them wait on a busy machine.
        patient = Database(size=8, timeout=3600.0, role=Role.APPLICATION)
        monkeypatch.setattr(sys.modules[__name__], "database", patient)
        before = set(threading.enumerate())
        requests = [await sent("in_database") for _ in range(REQUESTS)]

        responses = await asyncio.gather(*map(response_to, requests))

        assert [(status, body) for status, _, body in responses] == [(200, b"1")] * REQUESTS
        assert patient.state.leased == 0
        assert len(set(threading.enumerate()) - before) <= patient.state.size
        patient.close()


@here
class TestDisconnecting:
    async def test_cancels_the_view(self) -> None:
        request = await sent("waiting")
        await asyncio.wait_for(seen.began.wait(), PATIENCE)

        await disconnect(request)

        assert seen.cancelled.is_set()
        assert request.output_queue.empty()

    async def test_is_noticed_when_it_came_before_the_view(self) -> None:
        request = await sent("waiting")

        await disconnect(request)

        assert seen.cancelled.is_set()

    async def test_is_not_listened_for_by_short_requests(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(handler, "LISTEN_AFTER_SECONDS", PATIENCE)
        request = await sent("plain")
        await request.send_input({"type": "http.disconnect"})

        assert (await response_to(request))[0] == 200
        assert request.input_queue.qsize() == 2

    async def test_frees_the_transaction(self, committing_database: str) -> None:
        # On a busy machine, most may take longer for other reasons.
        for _ in range(100):
            if await self.seconds_until_free() < FREED_WITHIN:
                return
        pytest.fail(f"not once within {FREED_WITHIN} s")

    async def seconds_until_free(self) -> float:
        seen.began.clear()
        request = await sent("in_transaction")
        await asyncio.wait_for(seen.began.wait(), PATIENCE)
        assert container.database.state.leased == 1
        began = time.perf_counter()
        await disconnect(request)
        assert container.database.state.leased == 0
        return time.perf_counter() - began

    async def test_between_two_statements_rolls_back(self, committing_database: str) -> None:
        request = await sent("between_statements")
        await asyncio.wait_for(seen.began.wait(), PATIENCE)
        assert await container.database.run(_value, LOCKS) == "1"

        await disconnect(request)

        assert container.database.state.leased == 0
        assert await container.database.run(_value, LOCKS) == "0"

    async def test_ends_a_stream_and_closes_what_it_reads(self) -> None:
        request = await sent("endless")
        await asyncio.wait_for(seen.began.wait(), PATIENCE)

        await disconnect(request)

        assert seen.closed.is_set()

    async def test_while_a_body_is_missing_frees_its_place(self) -> None:
        length = (b"content-length", b"350000")
        scope = scope_of("uploading", length, method="POST")
        request = Communicator(application(), scope)
        await request.send_input({"type": "http.request", "body": PIECES[0], "more_body": True})

        await disconnect(request)

        assert UPLOADS.places.used == 0


@here
class TestExceptions:
    @pytest.mark.parametrize(
        ("url", "status"), [("failing", 500), ("missing", 404), ("suspicious", 400)]
    )
    async def test_of_views_are_responses(self, url: str, status: int) -> None:
        assert (await response_to(await sent(url)))[0] == status

    @pytest.mark.parametrize("url", ["waiting", "plain"])
    async def test_of_middleware_are_responses(self, settings: Settings, url: str) -> None:
        settings.API_MIDDLEWARE = [*settings.API_MIDDLEWARE, f"{__name__}.Broken"]

        status, headers, _ = await response_to(await sent(url))

        assert status == 500
        assert headers[b"traceparent"].startswith(b"00-")

    async def test_in_a_stream_cut_it_off(self) -> None:
        request = await sent("breaking")

        await request.wait(PATIENCE)

        messages = [await request.receive_output() for _ in range(request.output_queue.qsize())]
        assert [message.get("body") for message in messages] == [None, b"first"]
        assert messages[-1]["more_body"]
        assert seen.closed.is_set()

    async def test_of_a_server_that_stops_are_not_ignored(self, committing_database: str) -> None:
        async def never() -> Message:
            await asyncio.Event().wait()
            raise AssertionError

        async def nowhere(message: Message) -> None:
            raise AssertionError

        respond = application()(scope_of("in_transaction"), never, nowhere)
        running = asyncio.create_task(respond)
        await asyncio.wait_for(seen.began.wait(), PATIENCE)

        running.cancel()

        with pytest.raises(asyncio.CancelledError):
            await running
        assert container.database.state.leased == 0


@here
class TestStreaming:
    async def test_sends_each_piece_and_closes_the_response(self) -> None:
        request = await sent("streaming")

        status, _, body = await response_to(request)

        assert (status, body) == (200, b"firstlast")
        assert seen.closed.is_set()


@here
class TestSynchronousViews:
    async def test_run_in_another_thread_and_leave_no_connection(
        self, committing_database: str
    ) -> None:
        status, _, body = await response_to(await sent("synchronous"))

        assert (status, body) == (200, b"1")
        assert seen.threads[0] is not threading.current_thread()
        assert seen.connections[0].closed

    def test_are_not_in_the_api(self) -> None:
        assert iscoroutinefunction(plain)
        assert not iscoroutinefunction(synchronous)


@here
class TestUploads:
    async def test_are_read_piece_by_piece(self) -> None:
        status, headers, body = await self.response_to_pieces(str(LENGTH))

        assert status == 200
        assert body == b"".join(PIECES)
        assert b"connection" not in headers

    async def test_are_refused_if_they_are_announced_as_too_large(self) -> None:
        status, headers, _ = await self.response_to_pieces(str(LENGTH + 1), PIECES[:0])

        assert status == 413
        assert headers[b"connection"] == b"close"
        assert UPLOADS.places.used == 0

    async def test_are_refused_if_they_become_too_large(self) -> None:
        status, headers, _ = await self.response_to_pieces(None, [*PIECES, b"more"])

        assert status == 413
        assert headers[b"connection"] == b"close"
        assert UPLOADS.places.used == UPLOADS.space.used == 0

    async def response_to_pieces(
        self, length: str | None, pieces: list[bytes] = PIECES
    ) -> tuple[int, dict[bytes, bytes], bytes]:
        said = (
            (b"content-length", length.encode()) if length else (b"transfer-encoding", b"chunked")
        )
        request = Communicator(application(), scope_of("uploading", said, method="POST"))
        for number, piece in enumerate(pieces, start=1):
            more = length is None or number < len(pieces)
            await request.send_input({"type": "http.request", "body": piece, "more_body": more})
        return await response_to(request)


@here
class TestShuttingDown:
    async def test_lets_requests_end(self) -> None:
        async with stopping("patient") as reader:
            seen.may_end.set()
            answer = await reader.read()

        assert answer.startswith(b"HTTP/1.1 200 ")
        assert b"\r\nconnection: close\r\n" in answer
        assert answer.endswith(b"\r\n\r\npatient")

    async def test_cancels_those_that_take_too_long(self, committing_database: str) -> None:
        async with stopping("in_transaction", timeout_graceful_shutdown=0) as reader:
            answer = await reader.read()

        assert answer.startswith(b"HTTP/1.1 500 ")
        assert container.database.state.leased == 0


@asynccontextmanager
async def stopping(url: str, **options: Any) -> AsyncIterator[asyncio.StreamReader]:
    """Send a request to a server, stop the server meanwhile, and wait for its end."""
    config = uvicorn.Config(application(), **{**OPTIONS, **options, "lifespan": "off"})
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        running = asyncio.create_task(server.serve(sockets=[listener]))
        await until(lambda: server.started)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET /{url} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        await asyncio.wait_for(seen.began.wait(), PATIENCE)
        server.should_exit = True
        await until(lambda: not server.servers[0].is_serving())
        yield reader
        writer.close()
        await asyncio.wait_for(running, PATIENCE)


class TestRouting:
    @pytest.mark.parametrize(
        ("url", "kind"),
        [
            ("admin/", "page"),
            ("admin/login/", "page"),
            ("static/admin/css/base.css", "page"),
            ("api/v1/users", "api"),
            ("health/live", "api"),
            ("administration", "api"),
            ("", "api"),
        ],
    )
    async def test_sends_pages_to_the_stock_handler(self, url: str, kind: str) -> None:
        async def page(*_: Any) -> None:
            reached.append("page")

        async def api(*_: Any) -> None:
            reached.append("api")

        async def nothing(*_: Any) -> Any:
            raise AssertionError

        reached: list[str] = []

        await Router(pages=page, api=api)(scope_of(url), nothing, nothing)

        assert reached == [kind]

    async def test_the_server_has_both(self) -> None:
        request = Communicator(asgi.application, scope_of("health/live"))

        assert (await response_to(request))[2] == b'{"status":"live"}'

    def test_all_views_but_pages_are_asynchronous(self) -> None:
        patterns = list(_patterns(get_resolver()))

        assert len(patterns) > 40
        assert [
            str(each.pattern) for each in patterns if not iscoroutinefunction(each.callback)
        ] == []


def _patterns(resolver: URLResolver) -> Any:
    for each in resolver.url_patterns:
        if isinstance(each, URLPattern):
            yield each
        elif not str(each.pattern).startswith("admin/"):
            yield from _patterns(each)
