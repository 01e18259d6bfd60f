"""Measures how slow clients of one network affect the requests of another network."""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from faults.cluster import ROOT
from faults.live import enter_another, live, temporary_bytes
from faults.outcome import Outcome
from tests.e2e.server import FORM, Server, form_of
from tests.statements import days, ofx, statement

SPOOL_BYTES = 256 * 1024 * 1024
MEBIBYTE = 1024 * 1024
PREVIEW = "/api/v1/imports/preview"


def slow_clients(rounds: int, seed: int) -> Outcome:
    """Measure requests of another network at rest, and as many during the attack."""
    outcome = Outcome()
    with live(UPLOAD_SPOOL_BYTES=str(SPOOL_BYTES)) as (server, _):
        token = enter_another(server)
        # The first requests load modules and open connections.
        _Others(server).request(3)
        _measure(outcome, "idle", _Others(server), rounds)
        memory = psutil.Process(server.pid).memory_info().rss
        with _attack(server, token, outcome):
            others = _Others(server)
            _measure(outcome, "attacked", others, rounds)
            grown = psutil.Process(server.pid).memory_info().rss - memory
        outcome.counts["temporary_MiB"] = others.temporary // MEBIBYTE
        outcome.counts["memory_grown_MiB"] = grown // MEBIBYTE
    outcome.expect(others.temporary > 0, "nothing was uploaded to temporary space")
    outcome.expect(others.temporary <= SPOOL_BYTES, f"{others.temporary:,} temporary bytes")
    return outcome


class _Others:
    """Requests from another network, their duration, and the server's memory and files."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._form = form_of(ofx(statement(*days(30))))
        self.taken: dict[str, list[float]] = {"upload": [], "read": [], "health": []}
        self.statuses: set[int] = set()
        self.temporary = 0

    def request(self, rounds: int) -> None:
        for _ in range(rounds):
            self._time("upload", "POST", PREVIEW, self._form, FORM)
            self._time("read", "GET", "/api/v1/accounts")
            self._time("health", "GET", "/health/live")
            self.temporary = max(self.temporary, temporary_bytes(self._server.pid))

    def _time(self, what: str, method: str, path: str, body: bytes = b"", kind: str = "") -> None:
        began = time.perf_counter()
        status, _ = self._server.call(method, path, body or None, kind)
        self.taken[what].append(time.perf_counter() - began)
        self.statuses.add(status)


@contextmanager
def _attack(server: Server, token: str, outcome: Outcome) -> Iterator[None]:
    arguments = [sys.executable, "-m", "faults.slow_network", str(server.port)]
    with subprocess.Popen(  # noqa: S603
        arguments, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as network:
        assert network.stdin
        assert network.stdout
        network.stdin.write(f"{token}\n")
        network.stdin.flush()
        network.stdout.readline()
        yield
        network.stdin.close()
        statuses = json.loads(network.stdout.read())
    outcome.counts.update({f"attackers_told_{each}": statuses[each] for each in sorted(statuses)})


def _measure(outcome: Outcome, when: str, others: _Others, rounds: int) -> None:
    process, began = psutil.Process(others._server.pid), time.perf_counter()
    before = sum(process.cpu_times()[:2])
    others.request(rounds)
    worked = sum(process.cpu_times()[:2]) - before
    outcome.counts[f"cpu_{when}_percent"] = round(100 * worked / (time.perf_counter() - began))
    for what, seconds in others.taken.items():
        outcome.counts[f"{what}_{when}_median_ms"] = round(statistics.median(seconds) * 1000)
        outcome.counts[f"{what}_{when}_slowest_ms"] = round(max(seconds) * 1000)
    outcome.expect(others.statuses == {200}, f"others were answered {sorted(others.statuses)}")
