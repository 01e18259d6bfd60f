"""The application in front of Django: bodies that wait, and an answer whatever happens."""

import asyncio
import errno
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import IO, Any

import pytest
from django.conf import LazySettings
from django.core.handlers.asgi import ASGIRequest

from dashtam.api.bodies import SCOPE_KEY, UPLOADS, Incoming, Pool, body_of, seconds_for
from dashtam.api.http import BodyTooLarge
from dashtam.api.ledger.imports import read_import
from dashtam.api.problems import Rejected, StorageFull
from dashtam.capacity import Capacity
from dashtam.http_server.application import ServerApplication
from dashtam.http_server.handler import Application
from domain.audit.origin import Origin, origin
from domain.shared.errors import DomainError
from domain.shared.ids import UserId, new_id
from tests.api.client import Api, problem_of
from tests.api.test_lifespan import Message, Wire
from tests.e2e.server import FORM, form_of

ADA = UserId(new_id())
TOO_LARGE = BodyTooLarge("A body has at most 10 bytes.")


async def read_all(scope: Message, receive: Any, send: Any) -> None:
    """An application that reads the body, as a view does, and answers with it."""
    await receive()
    request = ASGIRequest({"method": "POST", **scope}, None)  # type: ignore[arg-type]  # no body
    async with body_of(request, 10, TOO_LARGE) as file:
        content = file.read()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": content})


async def read_nothing(scope: Message, receive: Any, send: Any) -> None:
    assert (await receive())["body"] == b""
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def body(text: bytes, *, more: bool) -> Message:
    return {"type": "http.request", "body": text, "more_body": more}


async def asked(
    *headers: tuple[bytes, bytes], by: Application = read_all, comes: tuple[Message, ...] = ()
) -> list[Message]:
    """Send a request with these headers, and return the answer."""
    scope = {"type": "http", "path": "/api/v1/imports", "headers": list(headers)}
    wire = Wire(*comes)
    await ServerApplication(by)(scope, wire.receive, wire.send)
    return wire.sent


def status_and_problem(sent: list[Message]) -> tuple[int, str]:
    start, answer = sent
    assert (b"content-type", b"application/problem+json") in start["headers"]
    assert (b"connection", b"close") in start["headers"]
    problem = json.loads(answer["body"])
    assert problem["status"] == start["status"]
    return start["status"], problem["type"].removeprefix("/problems/")


LENGTH = (b"content-length", b"6")
CHUNKED = (b"transfer-encoding", b"chunked")


@pytest.mark.parametrize("header", [LENGTH, CHUNKED])
async def test_a_body_reaches_the_view(header: tuple[bytes, bytes]) -> None:
    comes = (body(b"abc", more=True), body(b"def", more=False))

    start, answer = await asked(header, comes=comes)

    assert (start["headers"], answer["body"]) == ([], b"abcdef")


async def test_a_body_that_no_view_reads_is_not_received() -> None:
    start, _ = await asked(LENGTH, by=read_nothing)

    assert start["headers"] == [(b"connection", b"close")]


async def test_without_a_body_the_connection_is_reused() -> None:
    start, _ = await asked(
        (b"content-length", b"0"), by=read_nothing, comes=(body(b"", more=False),)
    )

    assert start["headers"] == []


@pytest.mark.parametrize(
    "headers",
    [
        [(b"content-length", b"9" * 5001)],
        [(b"content-length", b"-1")],
        [(b"content-length", b"1"), (b"content-length", b"1")],
        [(b"content-length", b"")],
    ],
)
async def test_an_invalid_length_is_refused(headers: list[tuple[bytes, bytes]]) -> None:
    assert status_and_problem(await asked(*headers)) == (400, "malformed-request")


async def test_an_undecodable_query_is_refused() -> None:
    wire = Wire()
    scope = {"type": "http", "path": "/", "headers": [], "query_string": b"a=\xff"}

    await ServerApplication(read_nothing)(scope, wire.receive, wire.send)

    assert status_and_problem(wire.sent) == (400, "malformed-request")


async def failing(scope: Message, receive: Any, send: Any) -> None:
    raise ZeroDivisionError


async def full(scope: Message, receive: Any, send: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


async def failing_late(scope: Message, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    raise ZeroDivisionError


async def test_a_defect_is_answered_as_one() -> None:
    assert status_and_problem(await asked(by=failing)) == (500, "internal-error")


async def test_a_full_disk_is_answered_as_one() -> None:
    sent = await asked(by=full)

    assert status_and_problem(sent) == (503, "storage-full")
    assert (b"retry-after", b"5") in sent[0]["headers"]


async def test_a_started_answer_is_not_followed_by_another() -> None:
    (start,) = await asked(by=failing_late)

    assert start["status"] == 200


async def test_a_disconnected_client_ends_the_work() -> None:
    """The listener for a disconnect is notified while another task waits for the body."""
    messages: list[Message] = []

    async def listening(scope: Message, receive: Any, send: Any) -> None:
        await receive()
        listener = asyncio.create_task(receive())
        request = ASGIRequest({"method": "POST", **scope}, None)  # type: ignore[arg-type]
        with pytest.raises(Rejected):
            async with body_of(request, 10, TOO_LARGE):
                pytest.fail("the body is not whole")
        messages.append(await listener)

    await asked(LENGTH, by=listening, comes=(body(b"abc", more=True), {"type": "http.disconnect"}))

    assert messages == [{"type": "http.disconnect"}]


class TestPools:
    """What unfinished bodies use is limited for each, and in all."""

    pool = Pool(places=Capacity(2, 3), space=Capacity(10, 15), step=2)

    @asynccontextmanager
    async def unfinished(self, network: str, *comes: bytes, announced: int) -> AsyncIterator[None]:
        """Have a body on its way, of which so much has come."""
        origin.set(Origin(ip_address=network))
        scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
        wire = Wire(*(body(each, more=True) for each in comes))
        arrived, forever = asyncio.Event(), asyncio.Event()

        async def receive() -> Message:
            if not wire.left:
                arrived.set()
                await forever.wait()
            return await wire.receive()

        task = asyncio.create_task(self.read(scope, receive, announced))
        waiting = asyncio.create_task(arrived.wait())
        await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if task.done():
            task.result()
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def read(self, scope: Message, receive: Any, announced: int) -> None:
        known = {**scope, SCOPE_KEY: Incoming(receive, announced or None)}
        request = ASGIRequest(known, None)  # type: ignore[arg-type]
        async with body_of(request, 100, TOO_LARGE, self.pool):
            pass

    async def refused(self, network: str, *comes: bytes, announced: int = 1) -> DomainError:
        with pytest.raises(Rejected) as rejected:
            async with self.unfinished(network, *comes, announced=announced):
                pass
        return rejected.value.error

    async def test_slots_are_limited(self) -> None:
        async with (
            self.unfinished("192.0.2.1", announced=1),
            self.unfinished("192.0.2.1", announced=1),
        ):
            assert (await self.refused("192.0.2.1")).code == "too-many-uploads"
            async with self.unfinished("192.0.2.2", announced=1):
                assert (await self.refused("192.0.2.3")).code == "server-busy"
        assert (self.pool.places.used, len(self.pool.places)) == (0, 0)

    async def test_announced_sizes_block_nobody(self) -> None:
        async with (
            self.unfinished("192.0.2.1", announced=100),
            self.unfinished("192.0.2.2", b"x", announced=100),
        ):
            assert self.pool.space.used == 6
            async with self.unfinished("192.0.2.3", b"x" * 4, b"x" * 4, announced=8):
                assert self.pool.space.used == 14
        assert (self.pool.space.used, len(self.pool.space)) == (0, 0)

    @pytest.mark.parametrize("announced", [0, 100])
    async def test_space_per_user_is_limited(self, announced: int) -> None:
        async with self.unfinished("192.0.2.1", b"x" * 4, b"x" * 3, announced=announced):
            assert self.pool.space.used == 9
            error = await self.refused("192.0.2.1", announced=announced)
            assert error.code == "too-many-uploads"
            assert self.pool.space.used == 9
        assert (self.pool.space.used, len(self.pool.space)) == (0, 0)

    @pytest.mark.parametrize("announced", [0, 100])
    async def test_total_space_is_limited(self, announced: int) -> None:
        async with self.unfinished("192.0.2.1", b"x" * 8, announced=announced):
            error = await self.refused("192.0.2.2", b"x", b"x" * 3, announced=announced)
            assert error.code == "server-busy"
            assert self.pool.space.used == 10
        assert (self.pool.space.used, len(self.pool.space)) == (0, 0)

    async def test_the_user_who_has_all_the_space_may_use_it(self) -> None:
        async with self.unfinished("192.0.2.1", *[b"x"] * 10, announced=10):
            assert self.pool.space.used == 10


def form_request(form: bytes, *, announced: bool) -> ASGIRequest:
    """A form that waits outside, and comes in two pieces."""
    wire = Wire(body(form[:70], more=True), body(form[70:], more=False))
    headers = [(b"content-type", FORM.encode())]
    scope = {"type": "http", "method": "POST", "path": "/", "headers": headers}
    incoming = Incoming(wire.receive, len(form) if announced else None)
    return ASGIRequest({**scope, SCOPE_KEY: incoming}, None)  # type: ignore[arg-type]


class TestUploadsAreHeld:
    """The content of an upload counts for as long as its view has it."""

    @pytest.mark.parametrize("announced", [True, False])
    async def test_until_the_view_returns(self, announced: bool) -> None:
        form = form_of(b"x" * 3_000_000, currency="EUR")
        async with read_import(form_request(form, announced=announced), ADA) as submitted:
            assert (submitted.content, submitted.hints.currency) == (b"x" * 3_000_000, "EUR")
            assert UPLOADS.places.used == 1
            assert len(form) <= UPLOADS.space.used <= len(form) + UPLOADS.step
        assert (UPLOADS.places.used, UPLOADS.space.used, len(UPLOADS.space)) == (0, 0, 0)

    async def test_until_the_view_fails(self) -> None:
        with pytest.raises(ZeroDivisionError):
            async with read_import(form_request(form_of(b"x"), announced=True), ADA):
                raise ZeroDivisionError
        assert (UPLOADS.places.used, UPLOADS.space.used, len(UPLOADS.space)) == (0, 0, 0)

    async def test_until_the_view_is_cancelled(self) -> None:
        stalled = asyncio.Event()

        async def view() -> None:
            async with read_import(form_request(form_of(b"x"), announced=True), ADA):
                stalled.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(view())
        await stalled.wait()
        assert UPLOADS.places.used == 1
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert (UPLOADS.places.used, UPLOADS.space.used, len(UPLOADS.space)) == (0, 0, 0)


def test_time_for_a_body_grows_with_it_up_to_a_limit(settings: LazySettings) -> None:
    settings.BODY_GRACE_SECONDS, settings.BODY_MAX_SECONDS = 10, 120
    settings.BODY_BYTES_PER_SECOND = 20_000

    assert [seconds_for(size) for size in (0, 20_000, 10**9)] == [10, 11, 120]


async def test_without_space_an_upload_is_refused(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_space(*args: object) -> IO[bytes]:
        raise OSError(errno.ENOSPC, "No space left on device")

    await api.enter()
    monkeypatch.setattr("dashtam.api.bodies._at_hand", no_space)

    reply = await api.upload(b"content")

    assert problem_of(reply) == (503, StorageFull.code)
    assert reply.headers["Retry-After"] == "5"
    assert UPLOADS.places.used == 0
