"""The server's side of a worker: starts the process, sends it files, and detects its death."""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import structlog

from adapters.reading.columns import Garbled, write_value
from adapters.reading.frames import (
    DATA,
    DEFECT,
    END,
    MEMORY,
    REFUSED,
    frames_needed,
    read_frame,
    send_content,
    send_frame,
)
from adapters.reading.limits import Limits
from adapters.reading.trouble import Killed, ReaderDefect, Refused, refusal, too_costly
from domain.ledger.errors import UnreadableStatement
from domain.ledger.hints import ReadingHints

logger = structlog.get_logger(__name__)

ROOT = Path(__file__).resolve().parents[2]
# The worker gets neither the environment, which contains secrets, nor the working directory.
_START = "import sys; sys.path.insert(0, sys.argv.pop()); from adapters.reading import worker"
#: Largest response in bytes, so that a worker cannot exhaust the server's memory either.
MAX_ANSWER = 512 * 1024 * 1024
_PIECE = 1024 * 1024
# Seconds within which even a busy machine starts a process.
_STARTING = 60.0
# Exit codes of a process that used up the CPU time of a file, or of its lifetime.
_CPU_LIMIT = {-signal.SIGPROF, -signal.SIGXCPU}
# Exit codes of a process that was ended from outside; a file cannot cause them.
_OUTSIDE = {-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP, 0}


class Worker:
    """A process that reads files, one at a time."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        settings = {
            "seconds": limits.seconds,
            "memory": limits.memory,
            "max_rows": limits.max_rows,
            "nice": limits.nice,
        }
        self._process = _started(json.dumps(settings))
        assert self._process.stdin
        assert self._process.stdout
        self._sink, self._source = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._sink, False)
        self._buffer = bytearray()
        self._read_in_all = 0
        self.is_usable = False
        try:
            self._begin()
        except BaseException:
            self.end()
            raise

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def run(self, task: dict[str, Any], hints: ReadingHints, content: bytes) -> Iterator[bytes]:
        """Send a file and yield the parts of the response.

        Unless the response is read to its end, the worker is not usable afterwards.
        """
        self.is_usable, self._read_in_all = False, 0
        documents: list[Any] = []
        write_value(ReadingHints, hints, documents.append)
        header = {**task, "frames": frames_needed(content), "hints": documents}
        request = bytearray()
        send_frame(request.extend, DATA, json.dumps(header).encode())
        is_small = len(content) <= _PIECE
        if is_small:
            send_content(request.extend, content)
        self._send(request)
        if not is_small:
            send_content(self._send, content)
        while (part := self._part()) is not None:
            yield part

    def end(self) -> None:
        """Kill the process."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        self._process.wait()

    def _begin(self) -> None:
        """Wait until the process has started. If it does not, no file is to blame."""
        self._patience = max(_STARTING, self._limits.deadline)
        try:
            started = json.loads(read_frame(self._read)[1])
        except (Refused, ValueError) as error:
            raise Killed("The worker did not start.") from error
        self._patience = self._limits.deadline
        self.is_usable = True
        if not started["limits_memory"]:
            logger.warning("reading.memory_unlimited")

    def _part(self) -> bytes | None:
        """Return the next part of the response, or None at its end."""
        try:
            tag, payload = read_frame(self._read)
        except ValueError as error:
            raise Garbled(str(error)) from None
        if tag == DATA:
            return payload
        if tag == END:
            self.is_usable = not payload
            return None
        raise self._trouble(tag, payload)

    def _trouble(self, tag: bytes, payload: bytes) -> Exception:
        if tag == MEMORY:
            return Refused(too_costly(f"{self._limits.memory // 2**20:,} MB of memory"))
        if tag == REFUSED:
            self.is_usable = self._part() is None and self.is_usable
            return refusal(payload)
        return ReaderDefect(payload.decode()) if tag == DEFECT else Garbled("an unknown tag")

    def _send(self, content: bytes | bytearray | memoryview) -> None:
        left = memoryview(content)
        while left:
            self._wait(self._sink, select.POLLOUT)
            try:
                left = left[os.write(self._sink, left[:_PIECE]) :]
            except BrokenPipeError:
                raise self._death() from None

    def _read(self, count: int) -> bytes:
        while len(self._buffer) < count:
            self._wait(self._source, select.POLLIN)
            piece = os.read(self._source, _PIECE)
            if not piece:
                raise self._death()
            self._buffer += piece
            self._read_in_all += len(piece)
            if self._read_in_all > MAX_ANSWER:
                raise Refused(too_costly(f"{MAX_ANSWER // 2**20:,} MB of memory"))
        content = bytes(self._buffer[:count])
        del self._buffer[:count]
        return content

    def _wait(self, descriptor: int, event: int) -> None:
        ready = select.poll()
        ready.register(descriptor, event)
        if not ready.poll(self._patience * 1000):
            raise Killed("The worker stopped responding.")

    def _death(self) -> Exception:
        """Return what the end of the process means: a limit, a kill from outside, or a crash."""
        code = self._process.wait()
        if code in _CPU_LIMIT:
            return Refused(too_costly(f"{self._limits.seconds} seconds of computing"))
        if code in _OUTSIDE:
            return Killed("The worker was ended from outside.")
        logger.error("reading.crashed", code=code)
        detail = "The file could not be read: the reader crashed. Nothing was imported."
        return Refused(UnreadableStatement(detail))


def _started(settings: str) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(  # noqa: S603
            [sys.executable, "-I", "-c", f"{_START}; worker.main()", settings, str(ROOT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            # Interrupts from the terminal go to the server; a worker ends with its pipe.
            start_new_session=True,
        )
    except OSError as error:
        # The machine has no memory left, or the user may start no more processes.
        raise Killed(f"The worker could not be started: {type(error).__name__}.") from error
