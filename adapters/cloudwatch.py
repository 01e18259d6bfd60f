"""Log lines to Amazon CloudWatch Logs, beside stderr: nobody who logs ever waits for it."""

import logging
import queue
import threading
from collections.abc import Callable
from logging.handlers import QueueHandler
from typing import Any, cast

import boto3
from botocore.config import Config
from watchtower import CloudWatchLogHandler

#: Lines that wait to be sent. What comes when so many wait is dropped, counted and told of.
MOST = 10_000
RETRY_SECONDS = 30.0
# What the sending itself says would be sent in turn, and say more.
_OWN = ("boto3", "botocore", "urllib3", "py.warnings")

Sink = Callable[[], logging.Handler]


class Stream(CloudWatchLogHandler):
    """Sends batches; a process that ends waits for the last of them no longer than this."""

    FLUSH_TIMEOUT = 5

    @property
    def is_behind(self) -> bool:
        """Whether a line that is given now could be lost, or would be one too many."""
        waiting = sum(lines.qsize() for lines in self.queues.values())
        return bool(self.creating_log_stream or waiting >= MOST)


def stream_to(group: str, **client: Any) -> Stream:
    """Return a stream of this process in a log group, which is made where there is none."""
    patience = Config(connect_timeout=3, read_timeout=5, retries={"max_attempts": 2})
    return Stream(
        log_group_name=group,
        log_stream_name="{machine_name}/{process_id}",
        send_interval=2,
        boto3_client=boto3.client("logs", config=patience, **client),
    )


class CloudWatch(QueueHandler):
    """Takes lines at once, and has a thread of its own make the stream and feed it."""

    def __init__(self, make: Sink, *, most: int = MOST, retry: float = RETRY_SECONDS) -> None:
        super().__init__(queue.Queue(most))
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
        """How many lines are still to be sent."""
        return self._lines.qsize()

    def close(self) -> None:
        """Let the thread go; what was taken by then is sent, if the stream takes it in time."""
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
            self._hand_on(record, sink)
        if sink:
            sink.close()

    def _open(self) -> logging.Handler | None:
        while not self._ended.is_set():
            try:
                return self._make()
            except Exception as error:  # noqa: BLE001  (whatever is wrong there, stderr has it all)
                name = type(error).__name__
                logging.getLogger(__name__).warning("CloudWatch is not reached: %s", name)
            self._ended.wait(self._retry)
        return None

    def _hand_on(self, record: logging.LogRecord, sink: logging.Handler) -> None:
        before = self.dropped
        try:
            sink.handle(self._told(record))
        except Exception:  # noqa: BLE001  (a line of it would fail as well; the next one tells)
            self.dropped += before + 1

    def _told(self, record: logging.LogRecord) -> logging.LogRecord:
        if self.dropped:
            record.msg = f"{record.msg} [{self.dropped} lines before were dropped]"
            self.dropped = 0
        return record
