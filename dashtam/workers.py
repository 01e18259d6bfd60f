"""Several server processes on one port, each with a listening socket of its own.

With one socket for all of them, whichever process wakes first accepts all connections that wait. So
the kernel spreads the connections (SO_REUSEPORT). A process that ends is started again, after a
pause that grows while it fails. When all keep failing and none serves, the supervisor gives up.
"""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType
from typing import Final

import structlog

logger = structlog.get_logger(__name__)

#: The exit code of a process that could not start.
STARTUP_FAILURE: Final = 3
#: How many times each process may fail in a row before the supervisor gives up.
MOST_FAILURES: Final = 3
#: A process that ends sooner than this after it became ready has failed too.
STABLE_SECONDS = 10.0
#: A process that is not ready after this time is killed.
START_SECONDS = 120.0
#: The pause before a process is started again doubles with each failure in a row, up to a limit.
PAUSE_SECONDS: Final = 0.5
LONGEST_PAUSE_SECONDS: Final = 30.0
#: Seconds after which a process that should end is killed.
KILL_SECONDS: Final = 30
TICK_SECONDS: Final = 0.1
BACKLOG: Final = 2048


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens on a port beside others of this user."""
    listener = _bound(host, port)
    listener.listen(BACKLOG)
    listener.setblocking(False)
    return listener


def supervise(command: Sequence[str], host: str, port: int, count: int) -> int:
    """Run this many processes until a signal ends them, and return the exit code.

    Each gets `--supervisor-fd N`, a socket to which it writes a byte when it serves. The socket
    ends with the supervisor, and so should the process: others may be started on the same port.
    """
    # A socket that does not listen reserves the port, and receives no connections.
    with _bound(host, port):
        return _Supervisor(command, count).run()


class _Worker:
    """A place for one process, which is started again when it ends."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._link: socket.socket | None = None
        self._start_at = self._started_at = 0.0
        self._ready_at: float | None = None
        self.failures = 0
        self.code = 0

    @property
    def is_ready(self) -> bool:
        return self._ready_at is not None

    def advance(self, now: float) -> None:
        """Start the process if it is time to, or look after the one that runs."""
        if self._process is None:
            if now >= self._start_at:
                self._start(now)
            return
        code = self._process.poll()
        self._look_whether_ready(now)
        if code is not None:
            self._ended(code, now)
        elif self._ready_at is None and now > self._started_at + START_SECONDS:
            logger.error("server.worker_not_ready", seconds=START_SECONDS)
            self._process.kill()
        elif self._ready_at is not None and now > self._ready_at + STABLE_SECONDS:
            self.failures = 0

    def terminate(self) -> None:
        if self._process:
            self._process.terminate()

    def wait(self, deadline: float) -> None:
        """Wait for the end of the process, and kill it at the deadline."""
        if self._process is None:
            return
        try:
            self._process.wait(max(deadline - time.monotonic(), 0))
        except subprocess.TimeoutExpired:
            logger.error("server.worker_killed")
            self._process.kill()
            self._process.wait()

    def _start(self, now: float) -> None:
        self._link, theirs = socket.socketpair()
        self._link.setblocking(False)
        self._started_at, self._ready_at = now, None
        try:
            # A group of its own: a signal from the keyboard comes once, through the supervisor.
            self._process = subprocess.Popen(  # noqa: S603  # our own server
                [*self._command, "--supervisor-fd", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        except OSError as error:
            logger.error("server.worker_not_created", error=error.strerror)
            self._ended(STARTUP_FAILURE, now)
        finally:
            theirs.close()

    def _look_whether_ready(self, now: float) -> None:
        with suppress(BlockingIOError):
            if self._link and self._ready_at is None and self._link.recv(1):
                self._ready_at = now

    def _ended(self, code: int, now: float) -> None:
        was_ready = self.is_ready
        if self._ready_at is not None and now > self._ready_at + STABLE_SECONDS:
            self.failures = 0
        else:
            self.failures += 1
        pause = min(PAUSE_SECONDS * 2 ** max(self.failures - 1, 0), LONGEST_PAUSE_SECONDS)
        logger.error("server.worker_ended", code=code, was_ready=was_ready, restart_after=pause)
        if self._link:
            self._link.close()
        self._process, self._link, self._ready_at = None, None, None
        self._start_at, self.code = now + pause, code


class _Supervisor:
    """Looks after the processes, and passes on the signal to stop."""

    def __init__(self, command: Sequence[str], count: int) -> None:
        self._workers = [_Worker(command) for _ in range(count)]
        self._is_stopping = False

    def run(self) -> int:
        # Before there is any process, or a signal would leave those behind that exist.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        code = 0
        while not (self._is_stopping or code):
            self._advance()
            code = self._failure()
            time.sleep(TICK_SECONDS)
        self._end_all()
        return code

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._is_stopping = True

    def _advance(self) -> None:
        for worker in self._workers:
            if self._is_stopping:
                return
            worker.advance(time.monotonic())

    def _failure(self) -> int:
        """Return the exit code if every process keeps failing and none serves, else 0."""
        if any(each.is_ready or each.failures < MOST_FAILURES for each in self._workers):
            return 0
        # A process that a signal killed has a negative code.
        code = max(1, *(each.code for each in self._workers))
        logger.critical(
            "server.gave_up",
            reason=f"Each of {len(self._workers)} server processes failed {MOST_FAILURES} times in"
            " a row. Their messages are above.",
        )
        return code

    def _end_all(self) -> None:
        for worker in self._workers:
            worker.terminate()
        deadline = time.monotonic() + KILL_SECONDS
        for worker in self._workers:
            worker.wait(deadline)


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        sys.exit(f"Port {port} of {host} cannot be used: {error.strerror}.")
    return bound
