"""The server's entrance: its beginning, its end, and what it does not let in."""

import json
import os
from collections.abc import MutableMapping
from typing import Any

import pytest
from django.conf import settings as django_settings

from dashtam.api.uploads import ENVELOPE_BYTES
from dashtam.container import container
from dashtam.lifespan import Entrance, pin_to_core

Message = MutableMapping[str, Any]
LIMIT = django_settings.IMPORT_MAX_BYTES + ENVELOPE_BYTES


class Wire:
    """Both directions of one connection."""

    def __init__(self, *messages: Message) -> None:
        self._messages = list(messages)
        self.sent: list[Message] = []

    async def receive(self) -> Message:
        return self._messages.pop(0)

    async def send(self, message: Message) -> None:
        self.sent.append(message)


async def echo(scope: Message, receive: Any, send: Any) -> None:
    """An application that reads its body to the end."""
    while (await receive()).get("more_body"):
        continue
    await send({"type": "http.response.start", "status": 200, "headers": []})


def scope(*headers: tuple[bytes, bytes]) -> Message:
    return {"type": "http", "path": "/api/v1/imports", "headers": list(headers)}


def body(size: int, *, more: bool) -> Message:
    return {"type": "http.request", "body": b"x" * size, "more_body": more}


async def test_lives_and_ends() -> None:
    wire = Wire({"type": "lifespan.startup"}, {"type": "lifespan.shutdown"})
    allowed = os.sched_getaffinity(0)
    try:
        await Entrance(echo)({"type": "lifespan"}, wire.receive, wire.send)
    finally:
        os.sched_setaffinity(0, allowed)

    assert [message["type"] for message in wire.sent] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]
    assert container.database.state.leased == 0


async def test_lets_in_what_is_small_enough() -> None:
    wire = Wire(body(10, more=True), body(10, more=False))

    await Entrance(echo)(scope((b"content-length", b"20")), wire.receive, wire.send)

    assert wire.sent[0]["status"] == 200


@pytest.mark.parametrize(
    "wire_and_scope",
    [
        (Wire(), scope((b"content-length", str(LIMIT + 1).encode()))),
        (Wire(body(LIMIT, more=True), body(1, more=True)), scope()),
        (Wire(body(LIMIT, more=True), body(1, more=False)), scope((b"content-length", b"lies"))),
    ],
)
async def test_refuses_more_than_any_view_takes(wire_and_scope: tuple[Wire, Message]) -> None:
    wire, asked = wire_and_scope

    await Entrance(echo)(asked, wire.receive, wire.send)

    start, answer = wire.sent
    assert start["status"] == 413
    assert (b"content-type", b"application/problem+json") in start["headers"]
    problem = json.loads(answer["body"])
    assert (problem["status"], problem["type"]) == (413, "/problems/file-too-large")
    assert len(problem["trace_id"]) == 32


@pytest.mark.skipif(
    not hasattr(os, "sched_setaffinity"), reason="this platform cannot bind a process to a core"
)
def test_a_process_is_bound_to_one_core() -> None:
    allowed = os.sched_getaffinity(0)
    try:
        pin_to_core()
        assert len(os.sched_getaffinity(0)) == 1
        assert os.sched_getaffinity(0) <= allowed
    finally:
        os.sched_setaffinity(0, allowed)
