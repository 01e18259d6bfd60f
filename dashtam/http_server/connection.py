"""An HTTP/1 connection of uvicorn, with limits on headers and on what surrounds a body.

uvicorn itself does not limit headers, waits for them without end, and answers requests that it
cannot parse in plain text.
"""

import asyncio
from http import HTTPStatus
from typing import Any, Final, cast

import httptools
from django.conf import settings
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from dashtam.api.problems import HeadersTooLarge, MalformedRequest, RequestTimeout, UrlTooLong
from dashtam.capacity import Capacity
from dashtam.http_server import lingering
from dashtam.http_server.lingering import LingeringTransport
from dashtam.http_server.rate_limited_log import RateLimitedLog
from dashtam.http_server.responses import render_problem
from dashtam.proxies import is_trusted
from domain.shared.errors import DomainError
from domain.shared.limits import network_of

log = RateLimitedLog()

HEAD_BYTES: Final = 16 * 1024
FIELDS: Final = 100
URL_BYTES: Final = 8 * 1024
#: Bytes of chunk sizes, extensions and trailers for each byte of the body.
FRAMING_PER_BYTE: Final = 8
#: Pipelined requests: sent before the previous one is answered.
AHEAD: Final = 8
#: Open connections of one network and in total, below the usual limit of a process.
CONNECTIONS: Final = Capacity(100, 900)

MALFORMED: Final = MalformedRequest("The request is not valid HTTP/1.1.")
TOO_MANY_BYTES: Final = HeadersTooLarge(f"Headers have at most {HEAD_BYTES:,} bytes.")
TOO_MANY_FIELDS: Final = HeadersTooLarge(f"A request has at most {FIELDS} header fields.")
URL_TOO_LONG: Final = UrlTooLong(f"A URL has at most {URL_BYTES:,} bytes.")
TOO_MUCH_FRAMING: Final = MalformedRequest("The request body is split into too many small chunks.")
TOO_LATE: Final = RequestTimeout("The request headers took too long to arrive.")


class Connection(HttpToolsProtocol):
    """A connection that is refused with a problem document, and ended, before it costs much."""

    transport: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._names: tuple[str, ...] | None = None
        self._error: DomainError | None = None
        self._head_timer: asyncio.TimerHandle | None = None
        self._write_timer: asyncio.TimerHandle | None = None
        self._running: RequestResponseCycle | None = None
        self._is_deaf = False
        self._begin_head()

    def _begin_head(self) -> None:
        self._is_head = self._is_between = True
        self._head_bytes = self._field_bytes = self._body_bytes = self._framing_bytes = 0

    # Begin and end

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        wrapped: Any = LingeringTransport(transport, self._is_quiet)
        super().connection_made(wrapped)
        peer = self.client[0] if self.client else ""
        # All connections of a proxy have its address, so only the total limits them.
        trusted = is_trusted(peer, settings.TRUSTED_PROXIES)
        names = () if trusted else (network_of(peer),)
        if CONNECTIONS.reserve(names):
            log.info("connection.refused")
            transport.abort()
            return
        self._names = names
        self._time_head()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._running and self._running is not self.cycle:
            _notify_disconnect(self._running)
        self._stop_head_timer()
        self._stop_write_timer()
        self.transport.lost()
        if self._names is not None:
            CONNECTIONS.release(self._names)
            self._names = None

    def _is_quiet(self) -> bool:
        """Return whether the client has sent all that it began to send."""
        return self._is_between and not self._head_bytes and not self._is_deaf

    # Incoming data

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            self.transport.drop(len(data))
            return
        if self._is_deaf:
            # An application that waits for a disconnect has resumed reading.
            self.flow.pause_reading()
            return
        self._unset_keepalive_if_required()
        rest = memoryview(data)
        while rest and self._is_listening():
            # Pieces are small, so that what the parser gathers from one of them is small.
            room = HEAD_BYTES - self._head_bytes if self._is_head else HEAD_BYTES
            self._feed(rest[:room])
            rest = rest[room:]
        if self._is_head and self._is_listening():
            self._time_head()

    def _is_listening(self) -> bool:
        return not self._is_deaf and not self.transport.is_closing()

    def _feed(self, piece: memoryview) -> None:
        was_head, body_before = self._is_head, self._body_bytes
        self._is_ended_here = False
        try:
            self.parser.feed_data(piece)
        except httptools.HttpParserUpgrade:
            # Upgrades are ignored; the request is answered without one.
            self.cycle.keep_alive = False
        except httptools.HttpParserError:
            self._refuse(self._error or MALFORMED)
            return
        if not self._is_ended_here and was_head == self._is_head:
            self._count(len(piece), self._body_bytes - body_before)

    def _count(self, size: int, body: int) -> None:
        """Count a piece that was all headers, or all body."""
        if self._is_head:
            self._head_bytes += size
            if self._head_bytes >= HEAD_BYTES:
                self._refuse(TOO_MANY_BYTES)
            return
        self._framing_bytes += size - body
        if self._framing_bytes > HEAD_BYTES + FRAMING_PER_BYTE * self._body_bytes:
            self._refuse(TOO_MUCH_FRAMING)

    # Callbacks of the parser

    def on_message_begin(self) -> None:
        self._is_between = False
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        self._field_bytes += len(url)
        if len(self.url) > URL_BYTES:
            self._stop(URL_TOO_LONG)

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._is_head:
            # Trailers are dropped: one that looked like a header could change who the client is.
            return
        super().on_header(name, value)
        self._field_bytes += len(name) + len(value)
        if self._field_bytes > HEAD_BYTES:
            self._stop(TOO_MANY_BYTES)
        if len(self.headers) > FIELDS:
            self._stop(TOO_MANY_FIELDS)

    def on_headers_complete(self) -> None:
        self._is_head = False
        self._stop_head_timer()
        if len(self.pipeline) >= AHEAD:
            self._stop(MALFORMED)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._is_ended_here = True
        super().on_message_complete()
        self._begin_head()

    def _stop(self, error: DomainError) -> None:
        self._error = error
        raise ValueError(error.code)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    # Deadlines

    def _time_head(self) -> None:
        if not self._head_timer and (self._head_bytes or self.cycle is None):
            self._head_timer = self.loop.call_later(settings.HEADER_SECONDS, self._head_is_late)

    def _stop_head_timer(self) -> None:
        if self._head_timer:
            self._head_timer.cancel()
            self._head_timer = None

    def _head_is_late(self) -> None:
        self._head_timer = None
        if self.cycle and not self.cycle.response_complete:
            # The request was pipelined: its time begins when the previous one is answered.
            self._time_head()
        elif self._is_quiet():
            self.transport.close()
        else:
            self._refuse(TOO_LATE)

    def pause_writing(self) -> None:
        super().pause_writing()
        if not self._write_timer:
            self._write_timer = self.loop.call_later(lingering.WRITE_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stop_write_timer()

    def _stop_write_timer(self) -> None:
        if self._write_timer:
            self._write_timer.cancel()
            self._write_timer = None

    # Responses

    def _refuse(self, error: DomainError) -> None:
        """Respond to what never became a request, and end the connection.

        Complete requests before it are answered first; then it gets no response itself.
        """
        if self._is_deaf:
            return
        self._ignore_rest()
        last = self._drop_broken()
        if last and not last.response_complete and not last.more_body:
            last.keep_alive = False
            return
        if not (last and last.response_started and not last.response_complete):
            self._answer(error)
        if last:
            _notify_disconnect(last)
        self.transport.close()

    def _ignore_rest(self) -> None:
        self._is_deaf = True
        self._stop_head_timer()
        self.flow.pause_reading()

    def _drop_broken(self) -> RequestResponseCycle | None:
        """Drop an incomplete request that waits for its turn; return the last one left."""
        if self.pipeline and self.cycle.more_body:
            self.pipeline.popleft()
            last = self.pipeline[0][0] if self.pipeline else self._running
            self.cycle = cast("RequestResponseCycle", last)
        return self.cycle

    def _answer(self, error: DomainError) -> None:
        status, headers, body, trace_id = render_problem(error, "")
        log.info("request.refused", trace_id=trace_id, status=status, reason=error.code)
        lines = (b"%b: %b\r\n" % header for header in headers)
        self.transport.write(b"".join([STATUS_LINE[HTTPStatus(status)], *lines, b"\r\n", body]))

    def send_400_response(self, msg: str) -> None:
        self._refuse(MALFORMED)

    def _unsupported_upgrade_warning(self) -> None:
        """Log nothing: requests for WebSockets or HTTP/2 are answered over HTTP/1."""


def _notify_disconnect(cycle: RequestResponseCycle) -> None:
    """Tell the application that the client has disconnected."""
    cycle.disconnected = True
    cycle.message_event.set()
