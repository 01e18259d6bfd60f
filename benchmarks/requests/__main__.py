"""Compare what a request costs here and in two rivals. The argument is how many rounds.

The servers have one core, and the client and PostgreSQL another, where there are two.
"""

import asyncio
import hashlib
import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from statistics import median
from typing import TypeAlias
from uuid import UUID

import psycopg
from rich.console import Console
from rich.table import Table

from benchmarks import environment
from benchmarks.live import ask, dashtam, free_port, running, until_ready
from benchmarks.people import PASSWORD, add_users
from benchmarks.requests.client import Cost, Meter, head_of
from benchmarks.server import migrated_database
from benchmarks.synthetic import ofx

ROUNDS = 3
ROWS = 10_000
EMAIL = "someone@dashtam.example"
TOKEN = "a token for measuring"
#: How many requests of each kind one measurement sends.
REQUESTS = {"live": 2000, "profile": 500, "page": 300, "changes": 150}
RIVAL_TABLES = """
CREATE SCHEMA rival;
CREATE TABLE rival.token (
    digest bytea PRIMARY KEY,
    user_id uuid NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    ip_address text
);
CREATE TABLE rival.bucket (key text PRIMARY KEY, full_at timestamptz NOT NULL);
CREATE TABLE rival.audit_entry (
    id uuid PRIMARY KEY,
    action text NOT NULL,
    user_id uuid NOT NULL,
    occurred_at timestamptz NOT NULL,
    trace_id text NOT NULL,
    ip_address text,
    user_agent text NOT NULL,
    details jsonb NOT NULL
);
"""
RIVAL_TOKEN = "INSERT INTO rival.token VALUES (%s, %s, now() + interval '1 day')"

#: What each kind of request cost each server, in each round.
Costs: TypeAlias = "defaultdict[tuple[str, str], list[Cost]]"
Process: TypeAlias = "AbstractContextManager[subprocess.Popen[bytes]]"


@dataclass(frozen=True, slots=True)
class Ledger:
    """A user with one account."""

    user_id: UUID
    account_id: UUID

    def heads(self, *headers: tuple[str, str]) -> dict[str, bytes]:
        """Return the requests of each kind, with additional headers."""
        return {
            "live": head_of("/health/live"),
            "profile": head_of("/api/v1/users/me", headers),
            "page": head_of(f"/api/v1/accounts/{self.account_id}/transactions?limit=50", headers),
            "changes": head_of("/api/v1/changes?limit=100", headers),
        }


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs, and the requests that it is sent."""

    pid: int
    port: int
    heads: dict[str, bytes]


def main(rounds: int) -> dict[str, float]:
    with migrated_database() as superuser:
        ledger = asyncio.run(_fill())
        with psycopg.connect(superuser, autocommit=True) as observer:
            observer.execute(RIVAL_TABLES)
            observer.execute(RIVAL_TOKEN, (hashlib.sha256(TOKEN.encode()).digest(), ledger.user_id))
            observer.execute("VACUUM (ANALYZE)")
            with _servers(superuser, ledger) as servers:
                costs = asyncio.run(_measure(Meter(observer), servers, rounds))
    _print(costs)
    return _figures(costs)


async def _fill() -> Ledger:
    from dashtam.application.ledger.import_pipeline import ImportPipeline
    from dashtam.container import container
    from domain.identity.values import Email
    from domain.ledger.imports import ImportRequest
    from domain.shared.result import Success

    await add_users(EMAIL)
    user = await container.ports.users.get_by_email(Email(EMAIL))
    assert isinstance(user, Success)
    request = ImportRequest(user_id=user.value.id, file_name="bench.ofx", content=ofx(ROWS))
    done = await container.use(ImportPipeline)(request)
    assert isinstance(done, Success)
    await container.drain()
    container.database.close()
    return Ledger(user.value.id, done.value.statements[0].account_id)


@contextmanager
def _servers(superuser: str, ledger: Ledger) -> Iterator[dict[str, Server]]:
    """Start Dashtam and the rivals, on the last core."""
    others, last = _cores()
    ports = {name: free_port() for name in ("ours", "bare", "promises")}
    rival = [str(environment.python()), "-m", "benchmarks.requests.rival", superuser]
    with ExitStack() as stack:
        os.sched_setaffinity(0, last)
        started = {
            "ours": stack.enter_context(
                dashtam(superuser, ports["ours"], 1, RELAY_IN_SERVER="false")
            ),
            "bare": stack.enter_context(running([*rival, str(ports["bare"])])),
            "promises": stack.enter_context(
                running([*rival, str(ports["promises"]), "--promises"])
            ),
        }
        os.sched_setaffinity(0, others)
        for port in ports.values():
            asyncio.run(until_ready(port))
        heads = {
            "ours": ledger.heads(_bearer(asyncio.run(_log_in(ports["ours"])))),
            "bare": ledger.heads(("X-User", str(ledger.user_id))),
            "promises": ledger.heads(_bearer(TOKEN)),
        }
        yield {name: Server(started[name].pid, ports[name], heads[name]) for name in ports}


def _cores() -> tuple[set[int], set[int]]:
    *others, last = sorted(os.sched_getaffinity(0))
    return set(others) or {last}, {last}


def _bearer(token: str) -> tuple[str, str]:
    return "Authorization", f"Bearer {token}"


async def _log_in(port: int) -> str:
    credentials = json.dumps({"email": EMAIL, "password": PASSWORD}).encode()
    head = "POST /api/v1/sessions HTTP/1.1\r\nContent-Type: application/json"
    status, body = await ask(port, head, credentials)
    assert status == 201
    return str(json.loads(body)["access_token"])


async def _measure(meter: Meter, servers: dict[str, Server], rounds: int) -> Costs:
    """Take turns, so that a slow moment of the machine is slow for all."""
    costs: Costs = defaultdict(list)
    for _ in range(rounds):
        for kind, requests in REQUESTS.items():
            for name, server in servers.items():
                cost = await meter.measure(server.pid, server.port, server.heads[kind], requests)
                costs[name, kind].append(cost)
    return costs


def _figures(costs: Costs) -> dict[str, float]:
    """Return medians in milliseconds, and how they compare with the rivals'."""
    figures = {}
    for (name, kind), each in costs.items():
        figures[f"{name}_{kind}_ms"] = median(cost.server for cost in each)
        figures[f"{name}_{kind}_database_ms"] = median(cost.database for cost in each)
    figures["live_ratio"] = figures["ours_live_ms"] / figures["bare_live_ms"]
    figures["page_ratio"] = figures["ours_page_ms"] / figures["promises_page_ms"]
    databases = figures["ours_page_database_ms"], figures["promises_page_database_ms"]
    figures["page_database_ratio"] = databases[0] / databases[1]
    return {name: round(value, 3) for name, value in figures.items()}


def _print(costs: Costs) -> None:
    table = Table("Milliseconds of CPU per request: server + PostgreSQL")
    names = {"ours": "Dashtam", "bare": "FastAPI, bare", "promises": "FastAPI, same promises"}
    for heading in names.values():
        table.add_column(heading, justify="right")
    for kind in REQUESTS:
        row = [kind]
        for name in names:
            each = costs[name, kind]
            server, database = (cost.server for cost in each), (cost.database for cost in each)
            row.append(f"{median(server):.2f} + {median(database):.2f}")
        table.add_row(*row)
    Console(stderr=True).print(table)


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)))
