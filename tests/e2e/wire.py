"""HTTP as bytes: one connection to a server, from a network of its own where that matters."""

import http.client
import json
import socket
from contextlib import closing
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from tests.e2e.server import FORM, Server

SECONDS = 60


@dataclass(frozen=True)
class Answer:
    """What came back for a request."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def problem(self) -> tuple[int, str]:
        """Return status and kind of a problem document that ends the connection."""
        assert self.headers["content-type"] == "application/problem+json", self
        assert self.headers["connection"] == "close", self
        assert self.headers["x-content-type-options"] == "nosniff", self
        parsed = json.loads(self.body)
        assert parsed["status"] == self.status
        assert len(parsed["trace_id"]) == 32
        return self.status, parsed["type"].removeprefix("/problems/")


class Wire:
    """One connection."""

    def __init__(self, port: int, source: str = "127.0.0.1") -> None:
        self._socket = socket.create_connection(
            ("127.0.0.1", port), timeout=SECONDS, source_address=(source, 0)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    def send(self, *parts: bytes) -> Self:
        self._socket.sendall(b"".join(parts))
        return self

    def answer(self, method: str = "GET") -> Answer:
        with closing(http.client.HTTPResponse(self._socket, method=method)) as response:
            response.begin()
            return Answer(response.status, response.headers, response.read())

    def rest(self) -> bytes:
        """Return all that comes until the server ends the connection."""
        pieces = []
        try:
            while piece := self._socket.recv(65536):
                pieces.append(piece)
        except ConnectionResetError:
            pieces.append(b"")
        return b"".join(pieces)

    def try_to_send(self, data: bytes) -> int:
        """Send as much as possible without blocking, if the connection is open; return how much."""
        self._socket.setblocking(False)
        try:
            return self._socket.send(data)
        except (BlockingIOError, ConnectionError):
            return 0
        finally:
            self._socket.settimeout(SECONDS)

    def try_to_send_all(self, data: bytes) -> None:
        """Send it all, unless the server has ended the connection."""
        try:
            self._socket.sendall(data)
        except ConnectionError:
            return

    @property
    def received_meanwhile(self) -> bytes | None:
        """Return what the server has sent so far, without blocking."""
        self._socket.setblocking(False)
        try:
            return self._socket.recv(65536)
        except BlockingIOError:
            return None
        except ConnectionError:
            return b""
        finally:
            self._socket.settimeout(SECONDS)


def head(line: str, *fields: str, token: str = "") -> bytes:
    """Return the head of a request: its line, a host, and other fields."""
    known = ["Host: localhost", *([f"Authorization: Bearer {token}"] if token else [])]
    return "\r\n".join([f"{line} HTTP/1.1", *known, *fields, "", ""]).encode()


def upload_head(token: str, length: int, *fields: str, path: str = "/api/v1/imports") -> bytes:
    """Return the head of a form with a file."""
    headers = (f"Content-Type: {FORM}", f"Content-Length: {length}", *fields)
    return head(f"POST {path}", *headers, token=token)


def get(server: Server, path: str, source: str = "127.0.0.1", token: str = "") -> Answer:
    with Wire(server.port, source) as wire:
        return wire.send(head(f"GET {path}", token=token)).answer()
