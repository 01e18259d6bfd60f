"""Servers as in production, for requests over the network."""

import asyncio
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def serving(superuser: str, **more: str) -> Iterator[int]:
    """Serve as `manage.py serve` does, with additional settings; yield the port."""
    port = free_port()
    with dashtam(superuser, port, 1, **more):
        yield port


def dashtam(
    superuser: str, port: int, workers: int, **more: str
) -> AbstractContextManager["subprocess.Popen[bytes]"]:
    """Run the server of `manage.py serve` on a port."""
    from adapters.embedded_postgres import SUPERUSER
    from adapters.persistence.roles import Role
    from dashtam import server

    # Each log-in comes from an IP address of its own, so that no limit is reached.
    url = superuser.replace(f"//{SUPERUSER}:", f"//{Role.APPLICATION}:", 1)
    environment = {"DATABASE_URL": url, "TRUSTED_PROXIES": "127.0.0.1/32", **more}
    return running(server.command("127.0.0.1", port, workers), **environment)


@contextmanager
def running(command: list[str], **environment: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a process until the block ends."""
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment})
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def ask(port: int, head: str, body: bytes = b"") -> tuple[int, bytes]:
    """Send a request on a new connection; return status and body of the response."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = (head, "Host: localhost", "Connection: close", f"Content-Length: {len(body)}", "", "")
    writer.write("\r\n".join(lines).encode() + body)
    answer = await reader.read()
    writer.close()
    first, _, told = answer.partition(b"\r\n\r\n")
    return int(first.split(b" ", 2)[1]), told


async def until_ready(port: int) -> None:
    """Wait until the server is ready."""
    for _ in range(600):
        try:
            status, _ = await ask(port, "GET /health/ready HTTP/1.1")
            if status == 200:
                return
        except OSError:
            pass
        await asyncio.sleep(0.05)
    raise TimeoutError("the server did not become ready")
