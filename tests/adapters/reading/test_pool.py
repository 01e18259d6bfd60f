"""Workers read, are reused, and harm nobody when they fail."""

import gzip
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import psutil
import pytest

from adapters.reading import IsolatedReader, IsolatedSampler, IsolatedUnpack, Limits, WorkerPool
from adapters.reading.columns import read_value
from adapters.reading.pool import GARBLED
from adapters.reading.process import Worker
from adapters.reading.trouble import ReaderDefect
from adapters.statements.csv.reader import sample
from adapters.statements.limits import MAX_ACCOUNTS, MAX_STATEMENTS
from adapters.statements.packed import unpack
from adapters.statements.readers import statement_readers
from domain.ledger.errors import (
    ReadingUnavailable,
    StatementTooCostly,
    StatementTooLarge,
    UnreadableStatement,
)
from domain.ledger.hints import NO_HINTS
from domain.ledger.ports import StatementReader
from domain.ledger.values import StatementFile
from domain.shared.result import Failure, Success
from faults.hostile import HINTS, MAKERS, hostile
from tests.adapters.statements.examples import EXAMPLES
from tests.lanes import many

pytestmark = pytest.mark.slow

READERS = {reader.format: reader for reader in statement_readers()}
#: Takes seconds, and little memory.
SLOW, MANY = "camt rows", 10_000_000
#: Little enough that a test need not work for seconds.
TIGHT = Limits(seconds=1, memory=48 * 1024 * 1024)


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    made = WorkerPool(TIGHT)
    yield made
    made.close()


def reader(format: str, pool: WorkerPool) -> IsolatedReader:
    return IsolatedReader(READERS[format], pool)


@pytest.mark.parametrize("format", EXAMPLES)
def test_reads_like_a_reader_in_this_process(format: str, pool: WorkerPool) -> None:
    content = EXAMPLES[format]

    for hints in (HINTS, NO_HINTS):
        isolated = reader(format, pool).read(content, hints)
        assert isolated == READERS[format].read(content, hints)


def test_a_file_with_long_texts_is_read() -> None:
    """The answer fits into frames: each value is within limits, and all together are large."""
    pool = WorkerPool(Limits())
    row = "D13/03/2026\nT-12.50\nPCoffee\nM" + "ж" * 2_500 + "\n^\n"
    content = ("!Type:Bank\n" + row * 5_000).encode()
    try:
        read = reader("qif", pool).read(content, HINTS)
    finally:
        pool.close()

    assert isinstance(read, Success)
    assert len(read.value.statements[0].rows) == 5_000


def test_an_invalid_answer_is_final(pool: WorkerPool) -> None:
    """A second worker would answer the same, so it makes no sense to try twelve times."""
    read = pool.run({"do": "sample"}, EXAMPLES["csv"], partial(read_value, StatementFile), HINTS)

    assert read == Failure(UnreadableStatement(GARBLED))


def test_samples_and_unpacks_like_this_process(pool: WorkerPool) -> None:
    content = EXAMPLES["csv"]
    packed = gzip.compress(content)

    assert IsolatedSampler(pool)(content, HINTS) == sample(content, HINTS)
    assert IsolatedSampler(pool)(b"<", HINTS) == sample(b"<", HINTS)
    for each in (content, packed, packed[:-4], b"PK\x03\x04"):
        assert IsolatedUnpack(pool)(each, 10_000) == unpack(each, 10_000)
    assert IsolatedUnpack(pool)(packed, 10) == unpack(packed, 10)


def test_a_worker_is_reused(pool: WorkerPool) -> None:
    reader("ofx", pool).read(EXAMPLES["ofx"])
    before = pool.pids
    for _ in range(20):
        assert isinstance(reader("ofx", pool).read(EXAMPLES["ofx"]), Success)

    assert pool.pids == before


def test_too_much_memory_is_a_refusal_and_the_next_file_is_read(pool: WorkerPool) -> None:
    reader("ofx", pool).read(EXAMPLES["ofx"])
    (before,) = pool.pids

    refused = reader("camt", pool).read(hostile("camt attributes", MANY), HINTS)

    assert isinstance(refused, Failure)
    assert isinstance(refused.error, StatementTooCostly)
    assert "48 MB of memory" in refused.error.detail
    assert isinstance(reader("ofx", pool).read(EXAMPLES["ofx"]), Success)
    assert pool.pids != [before]
    assert not psutil.pid_exists(before)


def test_too_much_computing_is_a_refusal_and_the_next_file_is_read() -> None:
    pool = WorkerPool(Limits(seconds=1))
    try:
        # A second for the rows of a decade.
        refused = reader("camt", pool).read(hostile(SLOW, MANY), HINTS)

        assert isinstance(refused, Failure)
        assert isinstance(refused.error, StatementTooCostly)
        assert "1 seconds of computing" in refused.error.detail
        assert pool.pids == []
        assert isinstance(reader("ofx", pool).read(EXAMPLES["ofx"]), Success)
    finally:
        pool.close()


def test_limits_are_per_file() -> None:
    """Each has a whole second of its own, however much its worker has used before."""
    pool = WorkerPool(Limits(seconds=1))
    try:
        content = hostile("camt rows", 600_000)
        assert isinstance(reader("camt", pool).read(content, HINTS), Success)
        (pid,) = pool.pids
        worker = psutil.Process(pid)
        while sum(worker.cpu_times()[:2]) < 3:
            assert isinstance(reader("camt", pool).read(content, HINTS), Success)
            assert pool.pids == [pid]
    finally:
        pool.close()


def test_a_worker_that_is_killed_is_replaced(pool: WorkerPool) -> None:
    reader("ofx", pool).read(EXAMPLES["ofx"])
    for pid in pool.pids:
        os.kill(pid, signal.SIGKILL)

    assert isinstance(reader("ofx", pool).read(EXAMPLES["ofx"]), Success)


def test_a_worker_without_progress_is_stopped() -> None:
    pool = WorkerPool(Limits(deadline=2))
    try:
        reader("ofx", pool).read(EXAMPLES["ofx"])
        (stopped,) = pool.pids
        os.kill(stopped, signal.SIGSTOP)

        # The file is read by the next.
        assert isinstance(reader("ofx", pool).read(EXAMPLES["ofx"]), Success)
        assert not psutil.pid_exists(stopped)
    finally:
        pool.close()


def test_a_file_whose_workers_were_all_killed_may_be_retried() -> None:
    pool = WorkerPool(Limits())
    done = threading.Event()

    def kill() -> None:
        me = psutil.Process()
        while not done.is_set():
            for child in me.children():
                # It may have ended by itself meanwhile.
                with suppress(psutil.Error):
                    if any("adapters.reading" in word for word in child.cmdline()):
                        child.kill()

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        read = reader("camt", pool).read(hostile(SLOW, MANY), HINTS)
    finally:
        done.set()
        killer.join()
        pool.close()
    assert isinstance(read, Failure)
    assert isinstance(read.error, ReadingUnavailable)


@pytest.mark.parametrize(
    ("where", "instead"),
    [
        ("adapters.reading.process._START", "raise SystemExit(3)"),
        ("adapters.reading.process._START", "import os; os.write(1, b'E' + bytes(4)); worker = 0"),
        ("adapters.reading.process._START", "import os; os.abort()"),
        ("sys.executable", "/nowhere"),
    ],
)
def test_a_worker_that_cannot_start_does_not_blame_the_file(
    where: str, instead: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine lacks something: what waits in the background must be tried again."""
    pool = WorkerPool(Limits())
    with monkeypatch.context() as broken:
        broken.setattr(where, instead)
        read = reader("ofx", pool).read(EXAMPLES["ofx"])

    assert isinstance(read, Failure)
    assert isinstance(read.error, ReadingUnavailable)
    assert isinstance(reader("ofx", pool).read(EXAMPLES["ofx"]), Success)
    pool.close()


def test_a_crash_is_blamed_on_the_file_and_not_retried(pool: WorkerPool) -> None:
    worker = Worker(Limits())
    os.kill(worker.pid, signal.SIGSEGV)

    with pytest.raises(Exception, match="UnreadableStatement"):
        list(worker.run({"do": "read", "format": "ofx"}, NO_HINTS, EXAMPLES["ofx"]))
    worker.end()


def test_a_defect_reports_its_place_and_no_content(pool: WorkerPool) -> None:
    with pytest.raises(ReaderDefect) as raised:
        pool.run({"do": "read", "format": "secret"}, b"secret", list)

    assert "KeyError" in str(raised.value)
    assert "worker.py" in str(raised.value)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("MT940 messages", f"A file has at most {MAX_STATEMENTS:,} statements."),
        ("MT940 accounts", f"A file has at most {MAX_ACCOUNTS:,} accounts."),
    ],
)
def test_statements_and_accounts_of_a_file_are_limited(
    name: str, message: str, pool: WorkerPool
) -> None:
    count = MAX_STATEMENTS + 1 if "messages" in name else MAX_ACCOUNTS + 1
    unit = len(":20:R\n:25:1234567\n:60F:C260228EUR1,\n:62F:C260228EUR1,\n")

    read = reader("mt940", pool).read(hostile(name, (count + 10) * unit), HINTS)

    assert read == Failure(StatementTooLarge(message))


def test_a_worker_has_no_secret_and_no_connection(
    pool: WorkerPool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    with (tmp_path / "open").open("w") as held:
        os.set_inheritable(held.fileno(), True)
        worker = Worker(TIGHT)
    try:
        there = Path(f"/proc/{worker.pid}")
        assert b"secret" not in (there / "environ").read_bytes()
        assert b"DATABASE" not in (there / "environ").read_bytes()
        opened = [str(each.readlink()) for each in (there / "fd").iterdir()]
        assert not any(str(tmp_path) in each or "socket" in each for each in opened)
        loaded = (there / "maps").read_text()
        assert "psycopg" not in loaded
    finally:
        worker.end()


def test_a_worker_ends_with_its_server(tmp_path: Path) -> None:
    """It notices by itself: the other end of its pipe is closed."""
    worker = Worker(TIGHT)
    process = psutil.Process(worker.pid)
    assert worker._process.stdin
    worker._process.stdin.close()

    assert process.wait(timeout=60) == 0
    worker.end()


def test_no_more_than_two_read_at_once(pool: WorkerPool) -> None:
    threads = [
        threading.Thread(target=reader("ofx", pool).read, args=(EXAMPLES["ofx"],)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert 1 <= len(pool.pids) <= 2


@pytest.mark.parametrize("name", MAKERS)
def test_a_hostile_file_is_read_or_refused_and_the_next_is_read(
    name: str, pool: WorkerPool
) -> None:
    content, recognised = hostile(name, many(200_000, 2_000_000)), list[StatementReader]()
    unpacked = IsolatedUnpack(pool)(content, 50_000_000)
    if isinstance(unpacked, Success):
        content = unpacked.value
        recognised = [each for each in READERS.values() if each.recognises(content[:4096])]
    else:
        assert isinstance(unpacked.error, StatementTooLarge | UnreadableStatement)
    for each in recognised:
        read = reader(each.format, pool).read(content, HINTS)
        expected = StatementTooLarge | UnreadableStatement
        assert isinstance(read, Success) or isinstance(read.error, expected), read.error
    assert isinstance(reader("ofx", pool).read(EXAMPLES["ofx"]), Success)
