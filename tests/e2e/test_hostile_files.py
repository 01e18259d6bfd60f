"""Hostile files, sent to a live server: it refuses them quickly and with little memory."""

import gzip
import os
import random
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import psutil
import pytest

from faults.hostile import hostile
from tests import camt
from tests.e2e.server import Server, running
from tests.e2e.test_journey import CREDENTIALS
from tests.lanes import many
from tests.postgres import as_login
from tests.statements import days, ofx, statement

pytestmark = pytest.mark.slow

OFX = ofx(statement(*days(5)))
CAMT = camt.message(camt.statement(camt.entry()))

LAUGHS = b"<!DOCTYPE l [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>]>"
NOISE = random.Random(7).randbytes(3_000_000)
BOMB = gzip.compress(bytes(100_000_000))

#: Files without a statement, and files above a limit.
REFUSED = {
    "truncated OFX": OFX[:-20],
    "truncated camt": CAMT[:-20],
    "truncated gzip": gzip.compress(OFX)[:-9],
    "broken gzip": gzip.compress(OFX)[:20] + NOISE[:100],
    "broken zip": b"PK\x03\x04" + NOISE,
    "noise": NOISE,
    "noise in OFX": OFX[:300] + NOISE + OFX[300:],
    "noise in camt": CAMT[:400] + NOISE + CAMT[400:],
    "NUL": OFX[:300] + b"\0" + OFX[300:],
    "picture": b"\x89PNG\r\n\x1a\n" + NOISE[:1000],
    "bomb": BOMB,
    "bomb in a bomb": gzip.compress(BOMB),
    "raw deflate": zlib.compress(OFX),
    "entities": LAUGHS + CAMT,
    "doctype": b'<!DOCTYPE x [<!ENTITY a "b">]>' + OFX,
    "nested OFX": b"<OFX>" + b"<STMTRS>" * 200_000,
    "nested rows": b"<OFX><STMTRS>" + b"<STMTTRN>" * 200_000,
    "nested camt": b"<BkToCstmrStmt>" * 200_000,
    "open brackets": b"<OFX>" + b"<" * 1_000_000,
    "open sections": b"<OFX>" + b"<![CDATA[" * 200_000,
    "open comments": b"<OFX>" + b"<!--" * 300_000,
    "long attribute": b"<OFX>" + b"<a b='" * 200_000,
    "empty lines": b"<OFX>" + b"\n" * 3_000_000,
    "one long line": b"!Type:Bank\nD" + b"9" * 3_000_000,
}
#: These once blocked the server for seconds or minutes.
COSTLY = (
    "QIF dates of blanks",
    "QIF splits",
    "CSV columns of dates",
    "CSV columns of amounts",
    "MT940 information",
    "QIF letters",
)
CPU_SECONDS = 5
MEMORY = 512 * 1024 * 1024


@pytest.fixture
def server(committing_database: str) -> Iterator[Server]:
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{committing_database}")
    with running(as_login(url.geturl(), "dashtam_app")) as server:
        server.enter(CREDENTIALS)
        yield server


def _peak(process: psutil.Process) -> int:
    """Return the most memory that the process ever had."""
    with Path(f"/proc/{process.pid}/status").open(encoding="ascii") as status:
        (line,) = [line for line in status if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


def _worked(process: psutil.Process) -> float:
    spent = process.cpu_times()
    return float(spent.user + spent.system)


def _settled(server: Server, queued: Any) -> Any:
    for _ in range(600):
        answer = server.get(f"/api/v1/imports/{queued['id']}")
        if answer["status"] not in ("waiting", "running"):
            return answer
        time.sleep(0.05)
    raise AssertionError("the import goes on for ever")


def test_hostile_files_are_refused_at_once_and_in_the_background(server: Server) -> None:
    process = psutil.Process(server.pid)
    for name, content in REFUSED.items():
        began = _worked(process)
        refused, problem = server.upload(content, background="false")
        if len(content) <= 1024 * 1024:
            assert 400 <= refused < 500, (name, refused, problem)
            assert problem["type"] in (
                "/problems/unreadable-statement",
                "/problems/hint-needed",
                "/problems/statement-too-large",
                "/problems/statement-too-costly",
            ), name
        accepted, queued = server.upload(content, background="true")
        # A large file waits already since it was sent first.
        assert accepted == (202 if len(content) <= 1024 * 1024 else 200), (name, queued)
        settled = _settled(server, queued)
        assert settled["status"] in ("failed", "asked"), (name, settled)
        assert settled["statements"] == [], (name, settled)
        assert settled["error"]["code"], name
        assert _worked(process) - began < 2 * CPU_SECONDS, name
    assert _peak(process) < MEMORY
    assert server.get("/api/v1/accounts")["items"] == []
    # A refusal does not prevent the next request.
    assert server.upload(OFX)[0] == 201


class Heartbeat:
    """Checks the health of a server repeatedly, and records its answers."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._ask)
        self.answers: list[int] = []
        self.slowest = 0.0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _ask(self) -> None:
        while not self._done.is_set():
            began = time.monotonic()
            self.answers.append(self._server.call("GET", "/health/live")[0])
            self.slowest = max(self.slowest, time.monotonic() - began)


def test_other_requests_are_answered_while_a_file_is_read(server: Server) -> None:
    """The server does nothing of the work: its CPU and memory are those of workers."""
    process = psutil.Process(server.pid)
    for name in COSTLY[: many(3, len(COSTLY))]:
        content = hostile(name, many(500_000, 10_000_000))
        for background in ("false", "true"):
            before = _worked(process)
            with Heartbeat(server) as pulse:
                status, queued = server.upload(content, background=background, currency="EUR")
                if status == 202:
                    _settled(server, queued)
            # The second time, what was imported is the import that there is.
            assert status in (200, 201, 202, 413, 422), queued
            assert set(pulse.answers) == {200}
            cost = f"{pulse.slowest:.3f} s, and {_worked(process) - before:.2f} s of its CPU"
            sys.stderr.write(f"{name}: the slowest answer took {cost}\n")
    assert server.upload(OFX)[0] == 201
