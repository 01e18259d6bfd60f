"""Kills processes that sync and import: the ledger must be what is true at the bank."""

import asyncio
import random
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from adapters.providers.sandbox.bank import Bank, Trouble
from adapters.providers.sandbox.server import Sandbox, served
from faults.cluster import Cluster, cluster
from faults.outcome import Outcome

SYNCING = 2
OPENED = timedelta(days=100)
TROUBLES = (Trouble.NONE, Trouble.NONE, Trouble.OUTAGE, Trouble.CUT, Trouble.ACCOUNT_FAILS)
#: A process has begun to work before this.
LONGEST_LIFE = 4.0
SETTLE_SECONDS, DUE_SECONDS = 240, 30
_SETTINGS = {"PROVIDERS_MAY_BE_PRIVATE": "true"}
# As when the lease of a killed process has ended, and a person has asked for a sync.
_DUE = """
UPDATE connections_schedule SET due_at = now(), reason = 'requested', leased_until = NULL;
UPDATE outbox_event SET available_at = now(), leased_until = NULL WHERE delivered_at IS NULL;
UPDATE connections_request_count SET requests = 0;
NOTIFY connections_due
"""
_WAITING = """
SELECT (SELECT count(*) FROM connections_schedule
        WHERE reason IN ('requested', 'backfill', 'outage', 'answered') OR due_at <= now()),
       (SELECT count(*) FROM outbox_event WHERE delivered_at IS NULL AND dead_at IS NULL),
       (SELECT count(*) FROM connections_link WHERE problem IS NOT NULL)
"""
_ROWS = """
SELECT a.name, t.booking_date, t.amount, t.status = 'pending' FROM ledger_transaction t
JOIN ledger_account a ON a.id = t.account_id AND a.user_id = t.user_id WHERE t.removal IS NULL
"""
Row = tuple[str, date, Decimal, bool]


@dataclass(slots=True)
class _Syncing:
    """The processes: some sync, and one imports."""

    database: Cluster
    processes: "list[subprocess.Popen[str]]"

    @classmethod
    def started(cls, database: Cluster) -> "_Syncing":
        syncing = cls(database, [])
        for command in (*["sync"] * SYNCING, "relay"):
            syncing.start(command)
        return syncing

    def start(self, command: str) -> None:
        started = self.database.run("manage.py", command, "--follow", settings=_SETTINGS)
        self.processes.append(started)

    def kill(self, place: int) -> None:
        """Kill a process and start another one of its kind."""
        command = "sync" if "sync" in self.processes[place].args else "relay"  # type: ignore[operator]  # it is a list
        killed = self.processes.pop(place)
        killed.kill()
        killed.wait()
        self.start(command)

    def end(self) -> None:
        for each in self.processes:
            each.kill()
            each.wait()


def kill_syncs(kills: int, seed: int) -> Outcome:
    """Kill processes at random moments, while the bank fails, and issues ids again."""
    chance, outcome = random.Random(seed), Outcome()  # noqa: S311
    bank = Bank(seed=str(seed), opened=(datetime.now(UTC) - OPENED).date())
    sandbox = Sandbox(clock=lambda: datetime.now(UTC), banks={"ada": bank})
    with cluster() as database, _serving(sandbox) as url:
        token = sandbox.setup_token("ada", url)
        connecting = database.run("-m", "faults.connector", token, settings=_SETTINGS)
        outcome.expect(connecting.wait() == 0, "nobody was connected")
        syncing = _Syncing.started(database)
        try:
            for _ in range(kills):
                bank.troubles = {chance.choice(TROUBLES)}
                bank.generation += chance.randrange(3) == 0
                database.query(_DUE)
                time.sleep(chance.random() * LONGEST_LIFE)
                syncing.kill(chance.randrange(len(syncing.processes)))
            bank.troubles = set()
            database.query(_DUE)
            outcome.expect(_settles(database), "syncs or imports are waiting")
        finally:
            syncing.end()
        _judge(database, bank, outcome)
    outcome.counts.update(kills=kills, requests=sandbox.requests)
    return outcome


def _settles(database: Cluster) -> bool:
    """Wait until nothing is due and nothing waits; accounts that failed are asked for again."""
    for number in range(SETTLE_SECONDS):
        ((syncs, events, problems),) = database.query(_WAITING)
        if not (syncs or events or problems):
            return True
        if number % DUE_SECONDS == DUE_SECONDS - 1:
            database.query(_DUE)
        time.sleep(1)
    return False


def _judge(database: Cluster, bank: Bank, outcome: Outcome) -> None:
    """Compare the ledger with the truth: nothing twice, nothing lost."""
    found = Counter[Row](tuple(row) for row in database.query(_ROWS))
    facts = bank.truth(datetime.now(UTC))
    true = Counter[Row](
        (name, each.day, each.amount, each.is_pending) for name, of in facts.items() for each in of
    )
    outcome.counts.update(rows=found.total())
    outcome.expect(not found - true, f"{(found - true).total()} transactions are too many")
    outcome.expect(not true - found, f"{(true - found).total()} transactions are missing")


@contextmanager
def _serving(sandbox: Sandbox) -> Iterator[str]:
    """Serve the bank from a thread of its own."""
    loop, ready, urls = asyncio.new_event_loop(), threading.Event(), list[str]()
    ending = asyncio.Event()

    async def serve() -> None:
        async with served(sandbox) as url:
            urls.append(url)
            ready.set()
            await ending.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        ready.wait()
        yield urls[0]
    finally:
        loop.call_soon_threadsafe(ending.set)
        thread.join()
        loop.close()
