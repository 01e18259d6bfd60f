"""How much a second server process adds. The argument is how many rounds.

One process and two take turns. Processes, PostgreSQL and client share the cores of this machine, so
two processes may be unable to do twice as much here. Beside the ratio that was measured stand the
one that the cores allow, by the CPU time that requests cost and without what others use meanwhile;
the part of it that was reached, which waiting for anything else would lower; and the ratio to be
expected where there are cores enough, because a request costs two processes as much as one.
"""

import asyncio
import itertools
import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TypeAlias

import psycopg
from rich.console import Console
from rich.table import Table

from benchmarks.live import ask, dashtam, free_port, until_ready
from benchmarks.people import PASSWORD, add_users
from benchmarks.requests.client import HEAD_END, Meter
from benchmarks.server import migrated_database
from benchmarks.synthetic import ofx

ROUNDS = 3
ROWS = 1000
IMPORTED = 100
SECONDS = 3.0
#: How many users send requests of a kind at once; more imports than these are refused.
AT_ONCE = {"page": 32, "profile": 32, "feed": 32, "import": 12}
BOUNDARY = "benchmark"
PART = 'Content-Disposition: form-data; name="file"; filename="bench.ofx"'


@dataclass(frozen=True, slots=True)
class Rate:
    """Requests a second, and the milliseconds of CPU of one: processes, PostgreSQL, client.

    `cores` are those that others left.
    """

    a_second: float
    processes: float
    database: float
    client: float
    cores: float

    def allowed(self, count: int) -> float:
        """Return the rate that so many processes could reach."""
        together = self.processes + self.database + self.client
        return 1000 * min(count / self.processes, self.cores / together)


#: Of each kind of request and number of processes, a rate for each round.
Rates: TypeAlias = "defaultdict[tuple[str, int], list[Rate]]"


@dataclass(frozen=True, slots=True)
class Server:
    """A server with one or several processes."""

    port: int
    pids: list[int]

    def cpu(self, meter: Meter) -> float:
        return sum(meter.server(each) for pid in self.pids for each in _family(pid))


@dataclass(slots=True)
class User:
    """A user with one account, who sends one request after the other."""

    number: int
    account: str = ""
    token: str = ""
    imports: "itertools.count[int]" = field(default_factory=itertools.count)

    def request(self, kind: str) -> bytes:
        if kind == "page":
            return self._head(f"GET /api/v1/accounts/{self.account}/transactions?limit=50")
        if kind == "profile":
            return self._head("GET /api/v1/users/me")
        if kind == "feed":
            return self._head("GET /api/v1/changes?limit=100")
        content = ofx(IMPORTED, first=ROWS + IMPORTED * next(self.imports))
        head, end = f"--{BOUNDARY}\r\n{PART}\r\n\r\n", f"\r\n--{BOUNDARY}--\r\n"
        body = head.encode() + content + end.encode()
        lines = (
            f"Content-Type: multipart/form-data; boundary={BOUNDARY}",
            f"Content-Length: {len(body)}",
        )
        return self._head("POST /api/v1/imports", *lines) + body

    def _head(self, first: str, *more: str) -> bytes:
        lines = (
            f"{first} HTTP/1.1",
            "Host: localhost",
            f"Authorization: Bearer {self.token}",
            # Limits are for a network.
            f"X-Forwarded-For: 10.1.0.{self.number + 1}",
            *more,
        )
        return "\r\n".join(lines).encode() + HEAD_END


def main(rounds: int) -> dict[str, float]:
    rates: Rates = defaultdict(list)
    with migrated_database() as superuser:
        users = asyncio.run(_fill())
        with (
            psycopg.connect(superuser, autocommit=True) as observer,
            _servers(superuser, users) as servers,
        ):
            observer.execute("VACUUM (ANALYZE)")
            meter = Meter(observer)
            for _, kind, count in itertools.product(range(rounds), AT_ONCE, servers):
                rate = asyncio.run(_rate(meter, servers[count], users, kind))
                rates[kind, count].append(rate)
    _print(rates)
    return _figures(rates)


async def _fill() -> list[User]:
    from dashtam.application.ledger.import_pipeline import ImportPipeline
    from dashtam.container import container
    from domain.identity.values import Email
    from domain.ledger.imports import ImportRequest
    from domain.shared.result import Success

    users = [User(number) for number in range(max(AT_ONCE.values()))]
    await add_users(*map(_email, users))
    for user in users:
        found = await container.ports.users.get_by_email(Email(_email(user)))
        assert isinstance(found, Success)
        request = ImportRequest(user_id=found.value.id, file_name="bench.ofx", content=ofx(ROWS))
        done = await container.use(ImportPipeline)(request)
        assert isinstance(done, Success)
        user.account = str(done.value.statements[0].account_id)
    await container.drain()
    container.database.close()
    return users


def _email(user: User) -> str:
    return f"number-{user.number}@dashtam.example"


@contextmanager
def _servers(superuser: str, users: list[User]) -> Iterator[dict[int, Server]]:
    """Start a server of one process and a server of two, and log everybody in."""
    with ExitStack() as stack:
        servers = {}
        for count in (1, 2):
            port = free_port()
            process = stack.enter_context(
                dashtam(superuser, port, workers=count, RELAY_IN_SERVER="false")
            )
            asyncio.run(until_ready(port))
            while len(pids := _processes(process.pid, count)) < count:
                time.sleep(0.1)
            servers[count] = Server(port, pids)
        for user in users:
            user.token = asyncio.run(_log_in(servers[1].port, user))
        yield servers


def _processes(pid: int, count: int) -> list[int]:
    """Return the processes that serve: of several, a supervisor is the parent."""
    return [pid] if count == 1 else _children(pid)


def _children(pid: int) -> list[int]:
    with suppress(OSError):
        files = list(Path(f"/proc/{pid}/task").glob("*/children"))
        return [int(child) for file in files for child in file.read_text().split()]
    return []


def _family(pid: int) -> list[int]:
    """Return a process with all its descendants: files are read in processes of their own."""
    return [pid, *(each for child in _children(pid) for each in _family(child))]


async def _log_in(port: int, user: User) -> str:
    credentials = json.dumps({"email": _email(user), "password": PASSWORD}).encode()
    lines = ("Content-Type: application/json", f"X-Forwarded-For: 10.1.0.{user.number + 1}")
    head = "\r\n".join(("POST /api/v1/sessions HTTP/1.1", *lines))
    status, body = await ask(port, head, credentials)
    assert status == 201, body
    return str(json.loads(body)["access_token"])


async def _rate(meter: Meter, server: Server, users: list[User], kind: str) -> Rate:
    """Have all users send requests for a while, and return how many were answered."""
    sending = users[: AT_ONCE[kind]]
    links = [await asyncio.open_connection("127.0.0.1", server.port) for _ in sending]
    pairs = list(zip(sending, links, strict=True))
    await asyncio.gather(*(_send(*pair, kind, time.monotonic() + SECONDS / 4) for pair in pairs))
    before, began = _used(meter, server), time.monotonic()
    counts = await asyncio.gather(*(_send(*pair, kind, began + SECONDS) for pair in pairs))
    took, done, now = time.monotonic() - began, sum(counts), _used(meter, server)
    for _, writer in links:
        writer.close()
    everybody, processes, database, client = (
        after - since for after, since in zip(now, before, strict=True)
    )
    others = max(0.0, everybody - processes - database - client)
    return Rate(
        a_second=done / took,
        processes=1000 * processes / done,
        database=1000 * database / done,
        client=1000 * client / done,
        cores=(os.cpu_count() or 1) - others / took,
    )


def _used(meter: Meter, server: Server) -> tuple[float, float, float, float]:
    """Return the CPU seconds of everybody, of the server, of PostgreSQL and of this client."""
    user, nice, system = Path("/proc/stat").read_text().split()[1:4]
    everybody = (int(user) + int(nice) + int(system)) / os.sysconf("SC_CLK_TCK")
    database = sum(meter.database().values())
    return everybody, server.cpu(meter), database, time.process_time()


async def _send(
    user: User, link: tuple[asyncio.StreamReader, asyncio.StreamWriter], kind: str, end: float
) -> int:
    reader, writer = link
    done = 0
    while time.monotonic() < end:
        writer.write(user.request(kind))
        head = await reader.readuntil(HEAD_END)
        if not head.startswith((b"HTTP/1.1 200 ", b"HTTP/1.1 201 ")):
            raise RuntimeError(head.decode())
        length = next(line for line in head.lower().split(b"\r\n") if b"content-length" in line)
        await reader.readexactly(int(length.partition(b":")[2]))
        done += 1
    return done


def _figures(rates: Rates) -> dict[str, float]:
    """Return medians of the ratios that the module's text names."""
    figures = {}
    for kind in AT_ONCE:
        pairs = list(zip(rates[kind, 1], rates[kind, 2], strict=True))
        figures[f"{kind}_ratio"] = median(two.a_second / one.a_second for one, two in pairs)
        figures[f"{kind}_allowed"] = median(two.allowed(2) / one.allowed(1) for one, two in pairs)
        figures[f"{kind}_reached"] = median(two.a_second / two.allowed(2) for _, two in pairs)
        figures[f"{kind}_expected"] = median(
            2 * one.processes / two.processes for one, two in pairs
        )
    return {name: round(value, 2) for name, value in figures.items()}


def _print(rates: Rates) -> None:
    table = Table("Requests a second (CPU ms: processes + PostgreSQL + client; cores)")
    for heading in ("1 process", "2 processes"):
        table.add_column(heading, justify="right")
    for kind in AT_ONCE:
        row = [kind]
        for count in (1, 2):
            rate = max(rates[kind, count], key=lambda rate: rate.a_second)
            costs = f"{rate.processes:.1f} + {rate.database:.1f} + {rate.client:.1f}"
            row.append(f"{rate.a_second:,.0f} ({costs}; {rate.cores:.1f})")
        table.add_row(*row)
    Console(stderr=True).print(table)


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)))
