"""Kills a primary that has a synchronous standby: no acknowledged import may be lost."""

import itertools
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from adapters.persistence.guard.bootstrap import bootstrap
from adapters.persistence.roles import Role
from faults.api_client import NO_ANSWER, ApiClient
from faults.cluster import ROOT
from faults.files import HEAD, TAIL
from faults.follower import Follower
from faults.outcome import Outcome
from faults.pair import Pair, pair, wait_until
from tests.e2e.server import free_port

IMPORTERS, ROWS_A_FILE = 4, 20
#: How long it takes to notice that a primary is gone, here and in the limit of the pause.
DETECTION_SECONDS = 0.5
PAUSE_SECONDS = 3.0
#: How many imports must be acknowledged before each kill, and how many in total for each kill.
IMPORTS_BEFORE, IMPORTS_A_ROUND = 60, 210
#: Requests that must be answered with 503 while there is only a standby.
EVERYTHING_NEEDING_IT = (
    *("/health/ready", "/api/v1/users/me", "/api/v1/accounts", "/api/v1/changes"),
    *("/api/v1/imports", "/api/v1/net-worth", "/api/v1/export", "/admin/login/", "/admin/"),
)
ROW = """<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>202601{day:02}
<TRNAMT>-{row}.{day:02}<FITID>F{number}R{row}<NAME>Shop {row}</STMTTRN>
"""


def failover(kills: int, seed: int) -> Outcome:
    """Kill the primary at random moments, and promote the standby."""
    chance, outcome = random.Random(seed), Outcome()  # noqa: S311
    with pair() as servers, Dashtam(servers) as dashtam:
        dashtam.begin()
        servers.add_standby()
        pauses = [_round(dashtam, number, chance, outcome) for number in range(kills)]
        dashtam.await_acknowledged(kills * IMPORTS_A_ROUND - len(dashtam.acknowledged))
        dashtam.finish()
        _judge(dashtam, outcome, pauses)
    outcome.counts["kills"] = kills
    return outcome


def _round(dashtam: "Dashtam", number: int, chance: random.Random, outcome: Outcome) -> float:
    """Wait for imports, kill the primary, and return how long nothing was acknowledged."""
    servers = dashtam.servers
    dashtam.await_acknowledged(IMPORTS_BEFORE)
    time.sleep(chance.random())
    killed = time.monotonic()
    servers.primary.kill()
    if number == 0:
        _ask_everything(dashtam, outcome)
    time.sleep(DETECTION_SECONDS)
    servers.promote()
    dashtam.await_acknowledged(IMPORTERS)
    pause = dashtam.pause_around(killed)
    servers.add_standby()
    if servers.primary is servers.nodes[1]:
        _judge_second(dashtam, outcome)
    return pause


class Importer(threading.Thread):
    """Imports one file after another; a file that was not acknowledged is sent again."""

    def __init__(self, client: ApiClient, account: int, statuses: Counter[int]) -> None:
        super().__init__(daemon=True)
        self._client = client
        self._account = account
        self._statuses = statuses
        self.stop = threading.Event()
        self.acknowledged: list[tuple[float, str, int]] = []
        self.retried = 0

    def run(self) -> None:
        for number in itertools.count():
            while not self._import(number):
                self.retried += 1
                time.sleep(0.1)
            if self.stop.is_set():
                return

    def _import(self, number: int) -> bool:
        status, body = self._client.upload(content(self._account, number))
        self._statuses[status] += 1
        if status in (200, 201):
            self.acknowledged.append((time.monotonic(), body["id"], number))
        return status in (200, 201)


def content(account: int, number: int) -> bytes:
    rows = (
        ROW.format(day=1 + number % 28, number=number, row=row) for row in range(1, ROWS_A_FILE + 1)
    )
    return (HEAD.format(account=account) + "".join(rows) + TAIL).encode()


class Dashtam:
    """Everything that runs: a server, a relay, a sealer with a witness, importers, a follower."""

    def __init__(self, servers: Pair) -> None:
        self.servers = servers
        self.statuses: Counter[int] = Counter()
        self.importers: list[Importer] = []
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> "Dashtam":
        self._directory = tempfile.TemporaryDirectory(prefix="dashtam-failover-")
        self._data = Path(self._directory.name)
        (self._data / "letters").mkdir()
        return self

    def __exit__(self, *exc: object) -> None:
        for importer in self.importers:
            importer.stop.set()
        for process in self._processes:
            process.kill()
            process.wait()
        self._directory.cleanup()

    def begin(self) -> None:
        """Create the database, start every process, and log a user in."""
        bootstrap(self.servers.url("postgres"))
        self.run("manage.py", "migrate", "--verbosity", "0", login=Role.OWNER).wait()
        self.client = self.serve(self.servers.url(Role.APPLICATION))
        self._processes += [
            self.run("manage.py", "relay", "--follow"),
            self.run("manage.py", "audit", "seal", "--every", "0.5", login=Role.SEALER),
        ]
        wait_until(lambda: self.client.get("/health/ready")[0] == 200, "the server")
        self.client.enter("ada@example.org")
        self.follower = Follower(self.client, self.statuses)
        accounts = range(100200300, 100200300 + IMPORTERS)
        self.importers = [Importer(self.client, each, self.statuses) for each in accounts]
        for thread in (self.follower, *self.importers):
            thread.start()

    def serve(self, url: str) -> ApiClient:
        """Start a server on a database, without waiting until it responds."""
        port = free_port()
        server = ("-m", "uvicorn", "dashtam.asgi:application", "--log-level", "error")
        self._processes.append(self.run(*server, "--port", str(port), url=url))
        return ApiClient(f"http://127.0.0.1:{port}", self._data / "letters")

    def finish(self) -> None:
        """Stop all processes: importers after a response, the follower after the whole ledger."""
        for importer in self.importers:
            importer.stop.set()
        for importer in self.importers:
            importer.join()
        self.follower.finish()

    def run(
        self, *arguments: str, login: str = Role.APPLICATION, url: str = "", **options: Any
    ) -> "subprocess.Popen[bytes]":
        """Start a process of Dashtam that has the URL of both servers, unless settings differ."""
        environment = {
            **os.environ,
            "DATABASE_URL": url or self.servers.url(login),
            "DATA_DIR": str(self._data),
            "AUDIT_WITNESS": str(self._data / "witness.jsonl"),
            "EMAIL_URL": f"filemail:///{self._data / 'letters'}",
            "LOG_LEVEL": "CRITICAL",
            "RATE_LIMIT_SCALE": "1000000",
            "RELAY_IN_SERVER": "false",
        }
        return subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=environment, **options)  # noqa: S603

    @property
    def acknowledged(self) -> list[tuple[float, str, int]]:
        return sorted(each for importer in self.importers for each in importer.acknowledged)

    def await_acknowledged(self, more: int) -> None:
        wanted = len(self.acknowledged) + more
        wait_until(lambda: len(self.acknowledged) >= wanted, "acknowledged imports")

    def pause_around(self, killed: float) -> float:
        """Return the longest time without an acknowledged import from a kill on."""
        times = [at for at, _, _ in self.acknowledged]
        return max(b - a for a, b in itertools.pairwise(times) if b >= killed)

    def verify(self) -> dict[str, Any]:
        """Run `audit verify`, and return what it found."""
        verifying = self.run(
            *("manage.py", "audit", "verify", "--json"), login=Role.AUDITOR, stdout=subprocess.PIPE
        )
        told, _ = verifying.communicate()
        report: dict[str, Any] = json.loads(told)
        return report


def _ask_everything(dashtam: Dashtam, outcome: Outcome) -> None:
    """Check that requests which need a primary are refused while there is only a standby."""
    answers = {path: dashtam.client.get(path)[0] for path in EVERYTHING_NEEDING_IT}
    wrong = {path: status for path, status in answers.items() if status != 503}
    outcome.expect(not wrong, f"at a standby: {wrong}")
    alive = dashtam.client.get("/health/live")[0]
    outcome.expect(alive == 200, f"/health/live at a standby: {alive}")


def _judge_second(dashtam: Dashtam, outcome: Outcome) -> None:
    """Check that sealer, relay and verifier find a primary that is second in the list."""
    query = dashtam.servers.query
    ((before,),) = query("SELECT count(*) FROM audit_checkpoint")
    wait_until(lambda: query("SELECT count(*) FROM audit_checkpoint") > [(before,)], "a checkpoint")
    listening = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'LISTEN outbox_event%'"
    wait_until(lambda: bool(query(listening)), "a relay that listens")
    report = dashtam.verify()
    outcome.expect(report["clean"], f"audit verify: {report['findings'][:3]}")
    counts = outcome.counts
    counts["verified_with_the_primary_second"] = 1 + counts.get(
        "verified_with_the_primary_second", 0
    )


def _judge(dashtam: Dashtam, outcome: Outcome, pauses: list[float]) -> None:
    longest, median = max(pauses), statistics.median(pauses)
    outcome.counts.update(
        acknowledged=len(dashtam.acknowledged),
        sent_again=sum(importer.retried for importer in dashtam.importers),
        pause_median_ms=round(median * 1000),
        pause_longest_ms=round(longest * 1000),
        **{f"answered_{status or 'nothing'}": n for status, n in dashtam.statuses.items()},
    )
    limit = PAUSE_SECONDS + DETECTION_SECONDS
    outcome.expect(longest <= limit, f"a pause of {longest:.1f} s is longer than {limit} s")
    strange = set(dashtam.statuses) - {200, 201, 503, NO_ANSWER}
    outcome.expect(not strange, f"answers with {strange}")
    _judge_imports(dashtam, outcome)
    _judge_follower(dashtam, outcome)
    _judge_events(dashtam, outcome)
    report = dashtam.verify()
    outcome.expect(report["clean"], f"audit verify: {report['findings'][:3]}")
    outcome.counts["checkpoints"] = report["checkpoints"]


def _judge_imports(dashtam: Dashtam, outcome: Outcome) -> None:
    """Check that each acknowledged import exists once and completely, and is consistent."""
    query = dashtam.servers.query
    imports = {str(row[0]) for row in query("SELECT id FROM ledger_import")}
    told = {import_id for _, import_id, _ in dashtam.acknowledged}
    rows = {
        (number, provider_id): count
        for number, provider_id, count in query(
            "SELECT number, provider_id, count(*) FROM ledger_transaction"
            " JOIN ledger_account ON ledger_account.id = account_id GROUP BY 1, 2"
        )
    }
    wanted = {
        (str(importer._account), f"F{number}R{row}")
        for importer in dashtam.importers
        for _, _, number in importer.acknowledged
        for row in range(1, ROWS_A_FILE + 1)
    }
    torn = query(
        "SELECT ledger_import.id, entry.id, event.id FROM ledger_import"
        " FULL JOIN (SELECT * FROM audit_entry WHERE action = 'statement.imported'"
        " AND result = 'success') AS entry ON entry.resource_id = ledger_import.id"
        " FULL JOIN (SELECT * FROM outbox_event WHERE type = 'statement.imported') AS event"
        " ON event.id = entry.id"
        " WHERE ledger_import.id IS NULL OR entry.id IS NULL OR event.id IS NULL"
    )
    lost = len(told - imports) + len(wanted - rows.keys())
    doubled = sum(count > 1 for count in rows.values()) + len(rows.keys() - wanted)
    outcome.counts.update(lost=lost, doubled=doubled, torn=len(torn), rows=len(rows))
    outcome.expect(lost == doubled == len(torn) == 0, "imports are lost, doubled or torn")


def _judge_follower(dashtam: Dashtam, outcome: Outcome) -> None:
    follower = dashtam.follower
    ledger = {
        str(row[0]): row[1:]
        for row in dashtam.servers.query(
            "SELECT id, 'account', NULL, 0.0 FROM ledger_account UNION ALL"
            " SELECT id, 'transaction', provider_id, amount FROM ledger_transaction"
            " WHERE removal IS NULL UNION ALL"
            " SELECT id, 'balance', NULL, 0.0 FROM ledger_balance UNION ALL"
            " SELECT id, 'holding', NULL, 0.0 FROM ledger_holding"
        )
    }
    outcome.counts["followed"] = len(follower.things)
    outcome.problems += follower.problems[:3]
    outcome.expect(
        follower.things == ledger, f"{len(follower.things)} followed, {len(ledger)} in the ledger"
    )


def _judge_events(dashtam: Dashtam, outcome: Outcome) -> None:
    waiting = "SELECT 1 FROM outbox_event WHERE delivered_at IS NULL"
    wait_until(lambda: not dashtam.servers.query(waiting), "the relay")
    dead = dashtam.servers.query("SELECT 1 FROM outbox_event WHERE dead_at IS NOT NULL")
    outcome.expect(not dead, f"{len(dead)} events are dead")
