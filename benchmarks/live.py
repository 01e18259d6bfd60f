"""A server as in production, for requests over the network."""

import asyncio
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def serving(superuser: str, **more: str) -> Iterator[int]:
    """Serve as `manage.py serve` does, with additional settings; yield the port."""
    from django.conf import settings

    from adapters.embedded_postgres import SUPERUSER
    from adapters.persistence.roles import Role
    from dashtam import server as process

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    # Each log-in comes from an IP address of its own, so that no limit is reached.
    url = superuser.replace(f"//{SUPERUSER}:", f"//{Role.APPLICATION}:", 1)
    environment = {**os.environ, "DATABASE_URL": url, "TRUSTED_PROXIES": "127.0.0.1/32", **more}
    command = process.command("127.0.0.1", port, 1)
    server = subprocess.Popen(command, cwd=settings.ROOT, env=environment)
    try:
        yield port
    finally:
        server.terminate()
        server.wait(30)


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
