"""A web server on this machine that plays a provider: a function answers each request."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from adapters.providers.http import HttpClient
from domain.connections.providers import AuthorisationContext, ProviderTrouble
from domain.shared.result import Failure, Result, Success

NOW = datetime(2026, 3, 31, 9, tzinfo=UTC)
REDIRECT_URI = "https://dashtam.example/api/v1/connections/callback"


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it arrived; the names of its headers are in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    content: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.content.decode()))


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered: an object as JSON, or bytes as they are."""

    content: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Play = Callable[[Request], Answer]


@asynccontextmanager
async def playing(play: Play) -> AsyncIterator[str]:
    """Serve on a free port as long as the block runs; yield the address without a path."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answer = play(await _request(reader))
        content = answer.content
        content = content if isinstance(content, bytes) else json.dumps(content).encode()
        headers = {"Content-Length": str(len(content)), **answer.headers}
        head = [f"HTTP/1.1 {answer.status} Answer", *(f"{n}: {v}" for n, v in headers.items())]
        writer.write("\r\n".join([*head, "", ""]).encode() + content)
        await writer.drain()
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    finally:
        listening.close()
        await listening.wait_closed()


async def _request(reader: asyncio.StreamReader) -> Request:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").strip().split("\r\n")
    method, target, _ = first.split(" ")
    named = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in named}
    content = await reader.readexactly(int(headers.get("content-length", "0")))
    url = urlsplit(target)
    return Request(method, url.path, dict(parse_qsl(url.query)), headers, content)


class CountingMeter:
    """A `RequestMeter` that allows so many requests of each account."""

    def __init__(self, most: int = 1_000, refusal: ProviderTrouble | None = None) -> None:
        self._most, self._refusal = most, refusal or ProviderTrouble("The quota is used up.")
        self.counted: dict[str, int] = {}

    async def __call__(self, account_key: str = "") -> Result[None, ProviderTrouble]:
        if self.counted.get(account_key, 0) >= self._most:
            return Failure(self._refusal)
        self.counted[account_key] = self.counted.get(account_key, 0) + 1
        return Success(None)


def local_client() -> HttpClient:
    """Return the client of providers, which may ask this machine."""
    return HttpClient(may_be_private=True)


def context_of(state: str = "state-1", **changes: Any) -> AuthorisationContext:
    values = {
        "state": state,
        "redirect_uri": REDIRECT_URI,
        "now": NOW,
        "meter": CountingMeter(),
        **changes,
    }
    return AuthorisationContext(**values)
