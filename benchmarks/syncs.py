"""What syncs cost: a year of an account on disk, a sync without news, and runners that wait.

An account has three or four rows a day, and is synced four times a day for `[days]`, of 14 to 20
days with about 60 rows each time; one of the four has news. Twenty accounts with 60 rows each are
synced without any. Ten runners wait for half a minute: `python -m benchmarks.syncs 365`.
"""

import asyncio
import json
import statistics
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import psycopg

from benchmarks.requests.client import Meter
from benchmarks.server import migrated_database
from benchmarks.size import sizes
from domain.connections.entities import Connection
from domain.shared.result import Success
from tests.simplefin import account, row
from tests.written_bank import SHORT, WrittenBank

if TYPE_CHECKING:
    from adapters.events.sync_runner import SyncRunner
    from dashtam.container.wiring import UseCases

DAYS = 365
TIMES_A_DAY = 4
ROWS, IN_DAYS = 7, 2
MANY, EACH = 20, 60
REPEATED = 10
RUNNERS, SECONDS = 10, 30.0
EMAIL = "bench@dashtam.example"
# What is forgotten in a month is made older, since only its moments would have to pass.
_AGE = """
UPDATE outbox_event SET delivered_at = delivered_at - interval '90 days';
UPDATE outbox_inbox SET received_at = received_at - interval '90 days';
UPDATE outbox_turn SET taken_at = taken_at - interval '90 days'
"""
# An entry has to be of the moment at which it is written; here a year passes in a minute.
_ANY_TIME = "ALTER TABLE audit_entry DROP CONSTRAINT audit_entry_occurred_at_check"
_COMMITS = "SELECT xact_commit FROM pg_stat_database WHERE datname = 'bench'"


@dataclass
class MovedClock:
    """A clock that is moved by hand."""

    at: datetime

    def now(self) -> datetime:
        return self.at


@dataclass
class Syncing:
    """Somebody who is connected to a bank, and whose clock is moved."""

    bank: WrittenBank
    clock: MovedClock
    use_cases: "UseCases"
    connection: Connection

    async def sync(self) -> None:
        """Sync at the moment of the clock; what was fetched is not imported yet."""
        from dashtam.application.connections.sync_connection import LEASE, SyncConnection

        leased = await self.use_cases.ports.sync_schedule.claim_one(
            self.connection.id, owner=self.connection.user_id, lease=LEASE
        )
        assert isinstance(leased, Success), leased
        done = await self.use_cases.use(SyncConnection)(leased.value)
        assert isinstance(done, Success), done


async def _connected(email: str, at: datetime) -> Syncing:
    from adapters.providers.sandbox import sandbox
    from benchmarks.people import add_users
    from dashtam.application.connections.authorise import BeginConnection
    from dashtam.container import container
    from dashtam.container.wiring import UseCases
    from domain.identity.values import Email

    await add_users(email)
    found = await container.ports.users.get_by_email(Email(email))
    assert isinstance(found, Success)
    bank, clock = WrittenBank(), MovedClock(at)
    capabilities = replace(SHORT, interval=timedelta(hours=24 / TIMES_A_DAY))
    provider = replace(sandbox(), capabilities=capabilities, source=bank)
    use_cases = UseCases(replace(container.ports, clock=clock, providers=[provider]))
    begun = await use_cases.use(BeginConnection)(
        user_id=found.value.id, provider=provider.slug, name="", given={}
    )
    assert isinstance(begun, Success), begun
    return Syncing(bank, clock, use_cases, begun.value.connection)


async def _live(days: int) -> None:
    """Sync for so many days, the last of which is today."""
    from dashtam.container import container

    now = container.ports.clock.now().replace(hour=1, minute=0)
    syncing = await _connected(EMAIL, now - timedelta(days=days))
    rows = [
        row(
            f"TRN-{number:08}",
            f"-{number % 97}.{number % 89:02}",
            (syncing.clock.at + timedelta(number * IN_DAYS // ROWS - 20)).date(),
            f"POS 4711 SHOP {number % 211} MAIN STREET",
            payee=f"Shop {number % 211}",
            memo="",
        )
        for number in range((days + 20) * ROWS // IN_DAYS)
    ]
    for _ in range(days):
        listed = [each for each in rows if each["posted"] <= syncing.clock.at.timestamp() + 86_400]
        balance = f"{1000 + len(listed)}.00"
        for _ in range(TIMES_A_DAY):
            moment = int(syncing.clock.at.timestamp())
            syncing.bank.add(account(*listed, balance=balance, balance_date=moment))
            await syncing.sync()
            syncing.clock.at += timedelta(hours=24 / TIMES_A_DAY)
        await container.drain()


async def _year(superuser: str, days: int) -> dict[str, float]:
    from adapters.persistence.outbox import outbox
    from dashtam.container import container

    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("SET event_triggers = off")
        connection.execute(_ANY_TIME)
    before = sizes(superuser)
    await _live(days)
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(_AGE)
    await container.database.run(outbox.forget)
    container.database.close()
    grown = {name: size - before[name] for name, size in sizes(superuser).items()}
    largest = sorted((name for name in grown if grown[name]), key=lambda name: -grown[name])
    with psycopg.connect(superuser) as connection:
        counted = connection.execute(
            "SELECT (SELECT count(*) FROM ledger_transaction),"
            " (SELECT count(*) FROM ledger_import), (SELECT count(*) FROM audit_entry)"
        ).fetchone()
    assert counted
    return {
        "megabytes": sum(grown.values()) / 1e6,
        **dict(zip(("transactions", "imports", "entries"), counted, strict=True)),
        **{name: grown[name] / 1e6 for name in largest[:12]},
    }


async def _without_news(superuser: str) -> dict[str, float]:
    """Return the CPU seconds of a sync of many accounts that have no news."""
    from dashtam.container import container

    syncing = await _connected("many@dashtam.example", container.ports.clock.now())
    today = syncing.clock.at
    for number in range(1, MANY + 1):
        rows = (
            row(f"T-{number}-{n}", f"-{number}.{n:02}", (today - timedelta(n // 6)).date())
            for n in range(EACH)
        )
        syncing.bank.add(account(*rows, id=f"A-{number:02}", name=f"Account {number}"))
    # The second request is for fewer days than the first one, and the others for the same.
    for _ in range(2):
        await syncing.sync()
        await container.drain()
        syncing.clock.at += SHORT.interval
    ours, theirs = list[float](), list[float]()
    with psycopg.connect(superuser, autocommit=True) as observer:
        meter = Meter(observer)
        for _ in range(REPEATED):
            database, used = meter.database(), time.process_time()
            await syncing.sync()
            ours.append(time.process_time() - used)
            now = meter.database()
            theirs.append(sum(now[pid] - database[pid] for pid in now.keys() & database.keys()))
            # Sooner, nothing would be asked.
            syncing.clock.at += timedelta(hours=24 / TIMES_A_DAY)
    assert syncing.bank.requests == REPEATED + 2
    cpu, in_database = statistics.median(ours), statistics.median(theirs)
    return {"cpu": cpu, "database_cpu": in_database, "sync_cpu": cpu + in_database}


async def _waiting(superuser: str) -> dict[str, float]:
    """Return the transactions a second of runners to which nothing is due."""
    from adapters.events.sync_runner import SyncRunner
    from dashtam.application.connections.sync_connection import LEASE, SyncConnection
    from dashtam.container import container

    def runner() -> "SyncRunner":
        return SyncRunner(container.ports.sync_schedule, container.use(SyncConnection), lease=LEASE)

    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("UPDATE connections_schedule SET due_at = NULL, reason = ''")
        running = [asyncio.create_task(runner().run()) for _ in range(RUNNERS)]
        await asyncio.sleep(2)
        before, began = await _commits(connection), time.monotonic()
        await asyncio.sleep(SECONDS)
        commits, seconds = await _commits(connection), time.monotonic() - began
    for each in running:
        each.cancel()
    for each in running:
        with suppress(asyncio.CancelledError):
            await each
    return {"waiting_a_second": (commits - before) / seconds}


async def _commits(connection: psycopg.Connection[tuple[int]]) -> int:
    """Return what was committed so far; a backend reports that after a second without work."""
    await asyncio.sleep(1.5)
    found = connection.execute(_COMMITS).fetchone()
    assert found
    return found[0]


async def _measure(superuser: str, days: int) -> dict[str, float]:
    figures = await _year(superuser, days)
    figures |= await _without_news(superuser)
    figures |= await _waiting(superuser)
    return figures


def main(days: int) -> dict[str, float]:
    with migrated_database() as superuser:
        figures = asyncio.run(_measure(superuser, days))
        from dashtam.container import container

        container.close()
    return figures


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]) if sys.argv[1:] else DAYS)))
