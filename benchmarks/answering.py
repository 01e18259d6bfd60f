"""Many log-ins at once on a live server: how long /health/live takes meanwhile.

The server is started as `manage.py serve` starts it, and asked from this process.
"""

import asyncio
import json
import statistics
import sys
import time

from benchmarks.live import ask, serving, until_ready
from benchmarks.people import PASSWORD, add_users
from benchmarks.server import migrated_database

EVERY_SECONDS = 0.02


async def _log_in(port: int, number: int) -> None:
    head = (
        "POST /api/v1/sessions HTTP/1.1\r\nContent-Type: application/json\r\n"
        f"X-Forwarded-For: 10.0.{number // 250}.{number % 250 + 1}"
    )
    credentials = {"email": _email(number), "password": PASSWORD}
    status, _ = await ask(port, head, json.dumps(credentials).encode())
    assert status == 201


async def _probe(port: int, taken: list[float]) -> None:
    """Send a request every 20 ms, whether or not the previous one was answered."""

    async def ask_once() -> None:
        began = time.perf_counter()
        status, _ = await ask(port, "GET /health/live HTTP/1.1")
        assert status == 200
        taken.append(time.perf_counter() - began)

    async with asyncio.TaskGroup() as group:
        while True:
            group.create_task(ask_once())
            await asyncio.sleep(EVERY_SECONDS)


def _email(number: int) -> str:
    return f"number-{number}@dashtam.example"


async def _storm(port: int, log_ins: int) -> dict[str, float]:
    await until_ready(port)
    # The first requests load modules and open connections.
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
