"""How a server process starts and stops."""

import os
from collections.abc import MutableMapping
from typing import Any

from dashtam.asgi import application
from dashtam.container import container

Message = MutableMapping[str, Any]


class Wire:
    """Both directions of one connection."""

    def __init__(self, *messages: Message) -> None:
        self.left = list(messages)
        self.sent: list[Message] = []

    async def receive(self) -> Message:
        return self.left.pop(0)

    async def send(self, message: Message) -> None:
        self.sent.append(message)


async def test_starts_and_stops() -> None:
    wire = Wire({"type": "lifespan.startup"}, {"type": "lifespan.shutdown"})
    allowed = os.sched_getaffinity(0)
    try:
        await application({"type": "lifespan"}, wire.receive, wire.send)
    finally:
        os.sched_setaffinity(0, allowed)

    assert [message["type"] for message in wire.sent] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]
    assert container.database.state.leased == 0
