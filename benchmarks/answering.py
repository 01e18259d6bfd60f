"""Many log-ins at once on a live server: how long /health/live takes meanwhile.

The server is started as `manage.py serve` starts it, and asked from this process.
"""

import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.people import PASSWORD, add_users
from benchmarks.server import migrated_database

EVERY_SECONDS = 0.02


@contextmanager
def serving(superuser: str, **more: str) -> Iterator[int]:
    """Serve as `manage.py serve` does, with these settings besides; yield the port."""
    from django.conf import settings

    from adapters.embedded_postgres import SUPERUSER
    from adapters.persistence.roles import Role
    from dashtam.management.commands.serve import _uvicorn

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    # Each log-in comes from an address of its own, so that no limit is met.
    url = superuser.replace(f"//{SUPERUSER}:", f"//{Role.APPLICATION}:", 1)
    environment = {**os.environ, "DATABASE_URL": url, "TRUSTED_PROXIES": "127.0.0.1/32", **more}
    command = _uvicorn("127.0.0.1", port, 1)
    server = subprocess.Popen(command, cwd=settings.ROOT, env=environment)
    try:
        yield port
    finally:
        server.terminate()
        server.wait(30)


async def _ask(port: int, head: str, body: bytes = b"") -> int:
    """Send a request on a connection of its own; return the status of the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = (head, "Host: localhost", "Connection: close", f"Content-Length: {len(body)}", "", "")
    writer.write("\r\n".join(lines).encode() + body)
    answer = await reader.read()
    writer.close()
    return int(answer.split(b" ", 2)[1])


async def _log_in(port: int, number: int) -> None:
    head = (
        "POST /api/v1/sessions HTTP/1.1\r\nContent-Type: application/json\r\n"
        f"X-Forwarded-For: 10.0.{number // 250}.{number % 250 + 1}"
    )
    credentials = {"email": _email(number), "password": PASSWORD}
    assert await _ask(port, head, json.dumps(credentials).encode()) == 201


async def _probe(port: int, taken: list[float]) -> None:
    """Ask every 20 ms, whether or not the question before was answered."""

    async def ask() -> None:
        began = time.perf_counter()
        assert await _ask(port, "GET /health/live HTTP/1.1") == 200
        taken.append(time.perf_counter() - began)

    async with asyncio.TaskGroup() as group:
        while True:
            group.create_task(ask())
            await asyncio.sleep(EVERY_SECONDS)


async def until_ready(port: int) -> None:
    for _ in range(600):
        try:
            if await _ask(port, "GET /health/ready HTTP/1.1") == 200:
                return
        except OSError:
            pass
        await asyncio.sleep(0.05)
    raise TimeoutError("the server did not become ready")


def _email(number: int) -> str:
    return f"number-{number}@dashtam.example"


async def _storm(port: int, log_ins: int) -> dict[str, float]:
    await until_ready(port)
    # Whoever comes first waits for modules and connections.
    await _log_in(port, 0)
    taken: list[float] = []
    probing = asyncio.create_task(_probe(port, taken))
    await asyncio.sleep(EVERY_SECONDS * 5)
    began = time.perf_counter()
    await asyncio.gather(*(_log_in(port, number) for number in range(log_ins)))
    seconds = time.perf_counter() - began
    probing.cancel()
    await asyncio.gather(probing, return_exceptions=True)
    cuts = statistics.quantiles(taken, n=100)
    return {
        "slowest": max(taken) * 1000,
        "p99": cuts[98] * 1000,
        "p50": cuts[49] * 1000,
        "asked": len(taken),
        "log_ins_per_second": log_ins / seconds,
    }


async def _fill(log_ins: int) -> None:
    from dashtam.container import container

    await add_users(*(_email(number) for number in range(log_ins)))
    container.database.close()


def main(log_ins: int) -> dict[str, float]:
    with migrated_database() as superuser:
        asyncio.run(_fill(log_ins))
        with serving(superuser) as port:
            return asyncio.run(_storm(port, log_ins))


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
