"""Several server processes on one port: connections spread, and a process that dies is replaced."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from django.conf import settings

from dashtam import server, workers
from tests.e2e.server import free_port
from tests.waiting import until

pytestmark = pytest.mark.slow

#: Without a database, the server starts and answers `/health/live`.
NOWHERE = "postgresql://ada@127.0.0.1:1/dashtam"
REQUEST = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"


@contextmanager
def running(
    port: int, count: int, ended_by: signal.Signals | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    with tempfile.TemporaryDirectory() as directory:
        more = {"DATABASE_URL": NOWHERE, "DATA_DIR": directory, "RELAY_IN_SERVER": "false"}
        command = server.command("127.0.0.1", port, count)
        process = subprocess.Popen(command, cwd=settings.ROOT, env={**os.environ, **more})
        try:
            yield process
        finally:
            process.terminate()
            assert process.wait(60) == -(ended_by or 0)


def connected(port: int) -> socket.socket:
    """Return a connection on which a request was answered."""
    for _ in range(600):
        link = socket.socket()
        try:
            link.settimeout(10)
            link.connect(("127.0.0.1", port))
            link.sendall(REQUEST)
            if link.recv(65536).startswith(b"HTTP/1.1 200"):
                return link
        except OSError:
            pass
        link.close()
        time.sleep(0.1)
    raise TimeoutError("the server did not answer")


def children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def connections_of(pids: list[int], port: int) -> Counter[int]:
    """Count the connections that each process has on this port."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    inodes = {row[9] for row in rows if row[1].endswith(f":{port:04X}") and row[3] == "01"}
    counted = Counter[int]()
    for pid in pids:
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            target = str(descriptor.readlink())
            counted[pid] += target.removeprefix("socket:[").removesuffix("]") in inodes
    return counted


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it reads /proc, which Linux has")
class TestWorkers:
    def test_connections_spread_and_the_dead_are_replaced(self) -> None:
        port = free_port()
        with running(port, 2) as supervisor, ExitStack() as stack:
            stack.enter_context(connected(port))
            first = children(supervisor.pid)
            assert len(first) == 2
            until_listening(2, port)
            for _ in range(32):
                stack.enter_context(connected(port))
            counted = connections_of(first, port)
            # By chance, fewer than four of 32 come about once in half a million tries.
            assert min(counted[pid] for pid in first) >= 4

            os.kill(first[0], signal.SIGKILL)
            until_listening(2, port, without=first[0], pid=supervisor.pid)
            assert first[1] in children(supervisor.pid)
            stack.enter_context(connected(port))

    def test_end_with_their_supervisor_however_it_ends(self) -> None:
        port = free_port()
        with running(port, 2, signal.SIGKILL) as supervisor, connected(port):
            until_listening(2, port)
            supervisor.kill()
            until_listening(0, port)

    def test_none_is_bound_to_a_core(self) -> None:
        port = free_port()
        with running(port, 2) as supervisor, connected(port):
            allowed = os.sched_getaffinity(0)
            assert {frozenset(os.sched_getaffinity(pid)) for pid in children(supervisor.pid)} == {
                frozenset(allowed)
            }

    def test_a_port_that_is_used_is_refused(self) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            command = server.command("127.0.0.1", taken.getsockname()[1], 2)
            ended = subprocess.run(
                command, cwd=settings.ROOT, capture_output=True, text=True, timeout=60, check=False
            )

        assert ended.returncode == 1
        assert "cannot be used" in ended.stderr


#: What a process does that a supervisor starts, with READY and a folder for its process id.
READY = "import os, sys, time; os.write(int(sys.argv[-1]), b'1');"
RECORD = "import os, sys, time; open(os.path.join(sys.argv[1], str(os.getpid())), 'w').close();"
SERVE = "time.sleep(600)"
#: The first two serve, and later ones fail while there is a file `broken`.
UNTIL_BROKEN = (
    "import os, sys; broken = os.path.exists(os.path.join(sys.argv[1], 'broken'));"
    f"broken or os.write(int(sys.argv[-1]), b'1'); {RECORD}"
    f"sys.exit({workers.STARTUP_FAILURE}) if broken else {SERVE}"
)


@contextmanager
def supervised(
    script: str, directory: Path, count: int = 2, **constants: float
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a supervisor over processes that execute a script; it leaves none of them behind."""
    changed = "".join(f"workers.{name} = {value};" for name, value in constants.items())
    worker = [sys.executable, "-S", "-c", script, str(directory)]
    code = (
        f"import sys; from dashtam import workers; {changed}"
        f"sys.exit(workers.supervise({worker!r}, '127.0.0.1', {free_port()}, {count}))"
    )
    with (directory / "log").open("w") as log:
        supervisor = subprocess.Popen([sys.executable, "-c", code], cwd=settings.ROOT, stdout=log)
    try:
        yield supervisor
    finally:
        supervisor.terminate()
        supervisor.wait(60)
        left = [pid for pid in recorded(directory) if is_running(pid)]
        for pid in left:
            os.kill(pid, signal.SIGKILL)
    assert not left


def recorded(directory: Path) -> list[int]:
    """Return the process ids of all processes that were started, oldest first."""
    found = [path for path in directory.iterdir() if path.name.isdigit()]
    return [int(path.name) for path in sorted(found, key=lambda path: path.stat().st_mtime_ns)]


def is_running(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it reads /proc, which Linux has")
class TestSupervisor:
    @pytest.mark.parametrize("code", [1, workers.STARTUP_FAILURE])
    def test_gives_up_if_no_process_becomes_ready(self, tmp_path: Path, code: int) -> None:
        with supervised(f"{RECORD} sys.exit({code})", tmp_path) as supervisor:
            assert supervisor.wait(120) == code

        assert (
            "Each of 2 server processes failed 3 times in a row." in (tmp_path / "log").read_text()
        )
        assert 6 <= len(recorded(tmp_path)) <= 8

    def test_gives_up_on_settings_that_are_wrong(self) -> None:
        command = server.command("127.0.0.1", free_port(), 2)
        environment = {**os.environ, "DB_POOL_SIZE": "many"}

        ended = subprocess.run(
            command,
            cwd=settings.ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

        assert ended.returncode == 1
        assert "DB_POOL_SIZE cannot be read" in ended.stderr
        assert "Each of 2 server processes failed 3 times in a row." in ended.stderr

    def test_gives_up_on_processes_that_hang(self, tmp_path: Path) -> None:
        with supervised(f"{RECORD} {SERVE}", tmp_path, START_SECONDS=0.5) as supervisor:
            assert supervisor.wait(120) == 1

    def test_gives_up_on_processes_that_end_as_soon_as_they_are_ready(self, tmp_path: Path) -> None:
        with supervised(f"{RECORD} {READY} sys.exit(7)", tmp_path) as supervisor:
            assert supervisor.wait(120) == 7

    def test_failed_replacements_leave_those_that_serve_alone(self, tmp_path: Path) -> None:
        with supervised(UNTIL_BROKEN, tmp_path) as supervisor:
            until(lambda: len(recorded(tmp_path)) == 2)
            first, second = recorded(tmp_path)
            (tmp_path / "broken").touch()
            os.kill(first, signal.SIGKILL)
            # It fails more often than any process may that nobody stands in for.
            until(lambda: len(recorded(tmp_path)) > 2 + workers.MOST_FAILURES)

            assert is_running(second)
            assert supervisor.poll() is None

            (tmp_path / "broken").unlink()
            until(lambda: len(children(supervisor.pid)) == 2)
            assert second in children(supervisor.pid)
            supervisor.terminate()
            assert supervisor.wait(60) == 0

    def test_a_signal_while_processes_are_started_leaves_none_behind(self, tmp_path: Path) -> None:
        stop_it = f"{RECORD} os.kill(os.getppid(), 15); {SERVE}"
        with supervised(stop_it, tmp_path, count=60) as supervisor:
            assert supervisor.wait(120) == 0

        assert recorded(tmp_path)


def until_listening(count: int, port: int, without: int = 0, pid: int = 0) -> None:
    """Wait until so many sockets listen on a port, and a process was replaced."""
    for _ in range(600):
        rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        open_ = sum(row[1].endswith(f":{port:04X}") and row[3] == "0A" for row in rows)
        if open_ == count and (not pid or without not in children(pid)):
            return
        time.sleep(0.1)
    raise TimeoutError("not all processes listen")
