"""One worker as the server sees it: how it is started, asked, and found to have died."""

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
# Without the environment, which holds secrets, and without the directory it is started in.
_START = "import sys; sys.path.insert(0, sys.argv.pop()); from adapters.reading import worker"
#: Bytes of an answer in all: a worker may not fill the server's memory either.
MAX_ANSWER = 512 * 1024 * 1024
_PIECE = 1024 * 1024
# Seconds that a busy machine may take to start a process.
_STARTING = 60.0
# Who ends a process from outside ends it by one of these; a file cannot.
_OUTSIDE = {-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP, 0}


class Worker:
    """A process that reads files, one at a time."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        given = {
            "seconds": limits.seconds,
            "memory": limits.memory,
            "max_rows": limits.max_rows,
            "nice": limits.nice,
        }
        self._process = _started(json.dumps(given))
        assert self._process.stdin
        assert self._process.stdout
        self._sink, self._source = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._sink, False)
        self._buffer = bytearray()
        self._read_in_all = 0
        self.usable = False
        try:
            self._begin()
        except BaseException:
            self.end()
            raise

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, task: dict[str, Any], hints: ReadingHints, content: bytes) -> Iterator[bytes]:
        """Send a file, and yield the parts of the answer; after anything else it is not usable."""
        self.usable, self._read_in_all = False, 0
        told: list[Any] = []
        write_value(ReadingHints, hints, told.append)
        said = {**task, "frames": frames_needed(content), "hints": told}
        request = bytearray()
        send_frame(request.extend, DATA, json.dumps(said).encode())
        small = len(content) <= _PIECE
        if small:
            send_content(request.extend, content)
        self._send(request)
        if not small:
            send_content(self._send, content)
        while (part := self._part()) is not None:
            yield part

    def end(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        self._process.wait()

    def _begin(self) -> None:
        """Wait until it is there. No file was given to it: none is to blame if it never is."""
        self._patience = max(_STARTING, self._limits.deadline)
        try:
            told = json.loads(read_frame(self._take)[1])
        except (Refused, ValueError) as error:
            raise Killed("It did not start.") from error
        self._patience = self._limits.deadline
        self.usable = True
        if not told["limits_memory"]:
            logger.warning("reading.memory_unlimited")

    def _part(self) -> bytes | None:
        """Return a part of the answer, or nothing at its end."""
        try:
            tag, payload = read_frame(self._take)
        except ValueError as error:
            raise Garbled(str(error)) from None
        if tag == DATA:
            return payload
        if tag == END:
            self.usable = not payload
            return None
        raise self._trouble(tag, payload)

    def _trouble(self, tag: bytes, payload: bytes) -> Exception:
        if tag == MEMORY:
            return Refused(too_costly(f"{self._limits.memory // 2**20:,} MB of memory"))
        if tag == REFUSED:
            self.usable = self._part() is None and self.usable
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

    def _take(self, count: int) -> bytes:
        while len(self._buffer) < count:
            self._wait(self._source, select.POLLIN)
            piece = os.read(self._source, _PIECE)
            if not piece:
                raise self._death()
            self._buffer += piece
            self._read_in_all += len(piece)
            if self._read_in_all > MAX_ANSWER:
                raise Refused(too_costly(f"{MAX_ANSWER // 2**20:,} MB of memory"))
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken

    def _wait(self, descriptor: int, event: int) -> None:
        ready = select.poll()
        ready.register(descriptor, event)
        if not ready.poll(self._patience * 1000):
            raise Killed("The worker stopped responding.")

    def _death(self) -> Exception:
        """Return what its end means: a limit, somebody from outside, or a crash."""
        code = self._process.wait()
        if code == -signal.SIGXCPU:
            return Refused(too_costly(f"{self._limits.seconds} seconds of computing"))
        if code in _OUTSIDE:
            return Killed("It was ended from outside.")
        logger.error("reading.crashed", code=code)
        told = "The file could not be read: the reader crashed. Nothing was imported."
        return Refused(UnreadableStatement(told))


def _started(given: str) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(  # noqa: S603
            [sys.executable, "-I", "-c", f"{_START}; worker.main()", given, str(ROOT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            # Interrupts of the terminal are the server's: a worker ends when its pipe does.
            start_new_session=True,
        )
    except OSError as error:
        # There is no memory for it, or there may be no more processes.
        raise Killed(f"It could not be started: {type(error).__name__}.") from error
