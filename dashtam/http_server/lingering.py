"""Lingering close: end a connection so that a client that still sends can read the response."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

#: How long, and for how many bytes, we keep reading after the final response.
SECONDS: Final = 5.0
MOST_BYTES: Final = 16 * 1024 * 1024
#: How long a client may leave a response unread.
WRITE_SECONDS: Final = 60.0


class LingeringTransport:
    """A transport that is only half closed at first if its client still sends.

    If it were closed at once, the system would reset the connection, and the response could be lost
    before the client has read it (RFC 9112, section 9.6).
    """

    def __init__(self, transport: asyncio.Transport, is_read: Callable[[], bool]) -> None:
        self._transport = transport
        self._is_read = is_read
        self._is_closing = False
        self._dropped = 0
        self._timer: asyncio.TimerHandle | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def is_closing(self) -> bool:
        return self._is_closing or self._transport.is_closing()

    def write(self, data: bytes) -> None:
        """Send data, unless nothing more can be sent."""
        if not self.is_closing():
            self._transport.write(data)

    def close(self) -> None:
        if self.is_closing():
            return
        self._is_closing = True
        is_read = self._is_read() or not self._transport.can_write_eof()
        # Without a limit, an unread response would stay in memory as long as the client likes.
        seconds = WRITE_SECONDS if is_read else SECONDS
        self._timer = asyncio.get_running_loop().call_later(seconds, self._transport.abort)
        if is_read:
            self._transport.close()
            return
        self._transport.write_eof()
        self._transport.resume_reading()

    def lost(self) -> None:
        """Stop waiting: the connection has ended."""
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def drop(self, size: int) -> None:
        """Count bytes after the final response; a client that goes on sending is cut off."""
        self._dropped += size
        if self._dropped > MOST_BYTES:
            self._transport.abort()
