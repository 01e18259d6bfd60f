"""Sends log lines to Amazon CloudWatch Logs, in addition to stderr, without delaying callers."""

import logging
import queue
import threading
from collections.abc import Callable
from logging.handlers import QueueHandler
from typing import Any, cast

import boto3
from botocore.config import Config
from watchtower import CloudWatchLogHandler

#: Largest number of lines that wait to be sent. Further ones are dropped, counted and reported.
MAX_WAITING = 10_000
RETRY_SECONDS = 30.0
# Logs of the sending itself must not be sent, because sending them would log more.
_OWN = ("boto3", "botocore", "urllib3", "py.warnings")

Sink = Callable[[], logging.Handler]


class Stream(CloudWatchLogHandler):
    """Sends batches; at its end, a process waits `FLUSH_TIMEOUT` seconds for the last one."""

    FLUSH_TIMEOUT = 5

    @property
    def is_behind(self) -> bool:
        """Whether a line that is handled now could be lost or exceed the limit."""
        waiting = sum(lines.qsize() for lines in self.queues.values())
        return bool(self.creating_log_stream or waiting >= MAX_WAITING)


def stream_to(group: str, **client: Any) -> Stream:
    """Return a stream of this process in a log group, which is created if necessary."""
    patience = Config(connect_timeout=3, read_timeout=5, retries={"max_attempts": 2})
    return Stream(
        log_group_name=group,
        log_stream_name="{machine_name}/{process_id}",
        send_interval=2,
        boto3_client=boto3.client("logs", config=patience, **client),
    )


class CloudWatch(QueueHandler):
    """Queues lines; a thread of its own opens the stream and sends them."""

    def __init__(
        self, make: Sink, *, max_waiting: int = MAX_WAITING, retry: float = RETRY_SECONDS
    ) -> None:
        super().__init__(queue.Queue(max_waiting))
        self._make = make
        self._retry = retry
        self._ended = threading.Event()
        self.dropped = 0
        self.addFilter(lambda record: not record.name.startswith(_OWN))
        self._thread = threading.Thread(target=self._send, name="cloudwatch", daemon=True)
        self._thread.start()

    def enqueue(self, record: logging.LogRecord) -> None:
        try:
            self._lines.put_nowait(record)
        except queue.Full:
            self.dropped += 1

    @property
    def waiting(self) -> int:
        """The number of lines that are still to be sent."""
        return self._lines.qsize()

    def close(self) -> None:
        """End the thread after it has sent the queued lines, or after a timeout."""
        self._ended.set()
        self._thread.join(Stream.FLUSH_TIMEOUT)
        super().close()

    @property
    def _lines(self) -> "queue.Queue[logging.LogRecord]":
        return cast("queue.Queue[logging.LogRecord]", self.queue)

    def _send(self) -> None:
        sink = self._open()
        while sink and not (self._ended.is_set() and self._lines.empty()):
            try:
                record = self._lines.get(timeout=0.2)
            except queue.Empty:
                continue
            while getattr(sink, "is_behind", False) and not self._ended.wait(0.05):
                pass
            self._forward(record, sink)
        if sink:
            sink.close()

    def _open(self) -> logging.Handler | None:
        while not self._ended.is_set():
            try:
                return self._make()
            except Exception as error:  # noqa: BLE001  (whatever is wrong there, stderr has it all)
                name = type(error).__name__
                logging.getLogger(__name__).warning("CloudWatch cannot be reached: %s", name)
            self._ended.wait(self._retry)
        return None

    def _forward(self, record: logging.LogRecord, sink: logging.Handler) -> None:
        before = self.dropped
        try:
            sink.handle(self._with_dropped(record))
        except Exception:  # noqa: BLE001  (logging this would fail as well; the next line says it)
            self.dropped += before + 1

    def _with_dropped(self, record: logging.LogRecord) -> logging.LogRecord:
        """Append the number of lines that were dropped before this one."""
        if self.dropped:
            record.msg = f"{record.msg} [{self.dropped} lines before were dropped]"
            self.dropped = 0
        return record
