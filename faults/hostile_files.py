"""Hostile files are read by workers: each is refused or read within limits, and the next is read.

`python -m faults hostile_files` reads files of 10 MB of every kind. What each costs its worker is
printed: seconds of CPU, and memory above that of an idle one.
"""

import resource
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from adapters.reading import IsolatedReader, IsolatedUnpack, Limits, WorkerPool
from adapters.statements.readers import statement_readers
from dashtam.application.ledger.read_statement import ReadStatement
from domain.shared.result import Failure
from faults.hostile import HINTS, HostileFile, hostile_files
from faults.outcome import Outcome

SIZE = 10_000_000
LIMITS = Limits()
WELL = b"!Type:Bank\nD13/03/2026\nT-12.50\nPCoffee house\n^\n"


@dataclass(frozen=True)
class Cost:
    """The cost of a file for its workers, and the result."""

    name: str
    size: int
    seconds: float
    memory: int
    result: str


def hostile_files_lane(times: int, seed: int) -> Outcome:
    """Read every kind of file. Nothing is random, so the seed is not used."""
    outcome, console = Outcome(), Console()
    for _ in range(times):
        costs = [measured(each, LIMITS) for each in hostile_files(SIZE)]
        console.print(_table(costs))
        _judge(outcome, costs)
    return outcome


def reading(pool: WorkerPool) -> ReadStatement:
    """Return the server's reader of files, over these workers."""
    readers = [IsolatedReader(reader, pool) for reader in statement_readers()]
    return ReadStatement(
        statement_readers=readers, unpack=IsolatedUnpack(pool), max_file_bytes=50 * 1024 * 1024
    )


def measured(file: HostileFile, limits: Limits) -> Cost:
    """Read a file with a worker of its own."""
    pool = WorkerPool(limits, size=1)
    read = reading(pool)
    assert not isinstance(read(WELL, HINTS), Failure)
    (pid,) = pool.pids
    idle, before = _peak(pid), _children() + _worked(pid)
    watch = _Watch()
    with watch:
        result = read(file.content, HINTS)
    name = type(result.error).__name__ if isinstance(result, Failure) else "read"
    after = read(WELL, HINTS)
    assert not isinstance(after, Failure), (file.name, after)
    pool.close()
    memory = max(0, watch.peak - idle)
    return Cost(file.name, len(file.content), _children() - before, memory, name)


class _Watch:
    """Samples the memory of all child processes."""

    def __init__(self) -> None:
        self.peak = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        me = psutil.Process()
        while not self._done.is_set():
            self.peak = max([self.peak, *(_peak(child.pid) for child in me.children())])
            time.sleep(0.01)


def _peak(pid: int) -> int:
    """Return the peak memory of a process, or 0 if it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    lines = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(lines[0].split()[1]) * 1024 if lines else 0


def _worked(pid: int) -> float:
    spent = psutil.Process(pid).cpu_times()
    return float(spent.user + spent.system)


def _children() -> float:
    """Return the seconds of CPU of all workers that have ended."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def _judge(outcome: Outcome, costs: list[Cost]) -> None:
    outcome.counts["files"] = len(costs)
    outcome.counts["read"] = sum(cost.result == "read" for cost in costs)
    outcome.counts["most_milliseconds_of_CPU"] = max(round(cost.seconds * 1000) for cost in costs)
    outcome.counts["most_bytes_above_idle"] = max(cost.memory for cost in costs)
    for cost in costs:
        # A replaced worker has to start, too.
        slow = cost.seconds > LIMITS.seconds + 1
        outcome.expect(not slow, f"{cost.name}: {cost.seconds:.1f} s of CPU")
        outcome.expect(cost.memory <= LIMITS.memory, f"{cost.name}: {cost.memory:,} bytes")


def _table(costs: list[Cost]) -> Table:
    table = Table("file", "outcome")
    for title in ("MB", "CPU s", "MB above idle"):
        table.add_column(title, justify="right")
    for cost in sorted(costs, key=lambda each: -each.seconds):
        figures = (f"{cost.size / 1e6:.1f}", f"{cost.seconds:.2f}", f"{cost.memory / 1e6:.0f}")
        table.add_row(cost.name, cost.result, *figures)
    return table
