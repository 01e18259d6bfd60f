"""Compare one unit of work: BEGIN, 3 INSERTs, 1 SELECT, COMMIT. The argument is how many rounds."""

import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any, TypeAlias

import psycopg

from adapters.embedded_postgres import EmbeddedPostgres
from benchmarks import environment
from benchmarks.unit_of_work.rows import AMOUNTS, CREATE_TABLE

ROUNDS = 15
UNITS = 320
# One process is a little faster than the next, by where things happen to lie in its memory.
SITTINGS = 3
AT_ONCE = (1, 16)
CONTENDERS = {"ours": "ours", "rival": "sqlalchemy_asyncpg", "raw": "psycopg_raw"}

Process: TypeAlias = "subprocess.Popen[str]"
#: Milliseconds per unit, of CPU or of time, in each round of a contender at so many at once.
Measured: TypeAlias = defaultdict[tuple[str, int, str], list[float]]


def main(rounds: int) -> dict[str, Any]:
    core = _keep_a_core_free()
    measured: Measured = defaultdict(list)
    with _database() as url:
        for _ in range(SITTINGS):
            with ExitStack() as stack:
                started = {
                    name: stack.enter_context(_start(name, url, core)) for name in CONTENDERS
                }
                _measure(started, -(-rounds // SITTINGS), measured)
        _check_rows(url, measured)
    taken = len(measured["ours", 1, "cpu"])
    return {"rounds": taken, "units": UNITS, "event_loop": "uvloop", **_figures(measured)}


def _keep_a_core_free() -> int:
    """Return the core for the contenders, who take turns; the server has the others, if any."""
    if not hasattr(os, "sched_setaffinity"):
        return 0
    *others, last = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, others or {last})
    return last


@contextmanager
def _database() -> Iterator[str]:
    """Yield the URL of a new database on a durable server."""
    with (
        tempfile.TemporaryDirectory(prefix="dashtam-bench-") as directory,
        EmbeddedPostgres.start(Path(directory) / "postgres") as server,
    ):
        url = server.ensure_database("bench")
        with psycopg.connect(url) as connection:
            connection.execute(CREATE_TABLE)
        yield url


def _start(name: str, url: str, core: int) -> Process:
    """Start a contender in a process of its own, which ends when its stdin closes."""
    python = sys.executable if name == "ours" else str(environment.python())
    command = [python, "-m", f"{__package__}.{CONTENDERS[name]}", url, str(core)]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )


def _measure(processes: dict[str, Process], rounds: int, measured: Measured) -> None:
    """Take turns, so that a slow moment of the machine is slow for all."""
    # The first round opens connections and fills caches: it does not count.
    for number in range(rounds + 1):
        for at_once in AT_ONCE:
            for name, process in processes.items():
                figures = _ask(process, units=UNITS, at_once=at_once)
                for kind, value in figures.items() if number else ():
                    measured[name, at_once, kind].append(value)


def _ask(process: Process, **wanted: int) -> dict[str, float]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(wanted) + "\n")
    answer = process.stdout.readline()
    if not answer:
        raise RuntimeError(f"a contender ended: {process.args!r}")
    figures: dict[str, float] = json.loads(answer)
    return figures


def _check_rows(url: str, measured: Measured) -> None:
    """Raise unless everything that was measured was also committed."""
    uncounted = SITTINGS * len(AT_ONCE) * len(CONTENDERS)
    counted = sum(len(values) for (_, _, kind), values in measured.items() if kind == "cpu")
    expected = (uncounted + counted) * UNITS * len(AMOUNTS)
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT count(*) FROM entry").fetchone()
    if found != (expected,):
        raise RuntimeError(f"{expected} rows were written, and these are there: {found}")


def _figures(measured: Measured) -> dict[str, float]:
    medians = {key: median(values) for key, values in measured.items()}
    figures = {}
    for at_once in AT_ONCE:
        ours, rival = medians["ours", at_once, "cpu"], medians["rival", at_once, "cpu"]
        figures[f"ratio_{at_once}"] = round(ours / rival, 3)
    for (name, at_once, kind), value in medians.items():
        suffix = "ms" if kind == "cpu" else "wall_ms"
        figures[f"{name}_{at_once}_{suffix}"] = round(value, 3)
    return figures


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)))
