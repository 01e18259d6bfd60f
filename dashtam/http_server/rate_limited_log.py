"""Rate-limited logging for events that strangers can trigger."""

import time
from typing import Any, Final

import structlog

logger = structlog.get_logger(__name__)

#: Seconds between two lines of the same event; a line counts those left out before it.
EVERY_SECONDS: Final = 1.0


class RateLimitedLog:
    """Logs an event at most once in a while, however often it happens."""

    def __init__(self, every: float = EVERY_SECONDS) -> None:
        self._every = every
        self._last: dict[str, float] = {}
        self._left_out: dict[str, int] = {}

    def info(self, event: str, **values: Any) -> None:
        now = time.monotonic()
        if event in self._last and now - self._last[event] < self._every:
            self._left_out[event] = self._left_out.get(event, 0) + 1
            return
        self._last[event] = now
        logger.info(event, left_out=self._left_out.pop(event, 0), **values)
