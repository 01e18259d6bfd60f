"""The ASGI application in front of Django: every request gets a response, and bodies wait."""

from typing import Final

import structlog

from dashtam.api.bodies import SCOPE_KEY, Incoming, Message, Receive
from dashtam.api.http import REFUSED_BY_DJANGO
from dashtam.api.problems import MalformedRequest, Rejected, failed
from dashtam.http_server.handler import Application, Scope, Send
from dashtam.http_server.responses import render_problem
from dashtam.lifespan import run_lifespan
from domain.shared.errors import DomainError

logger = structlog.get_logger(__name__)

#: The length of a body has no more digits than this.
LENGTH_DIGITS: Final = 19
CLOSE: Final = (b"connection", b"close")


class ServerApplication:
    """Django with a lifespan, and with bodies that are read only when a view requests them."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await run_lifespan(receive, send)
            return
        response = _Response(send)
        try:
            incoming = response.incoming = _incoming(scope, receive)
            if incoming:
                scope[SCOPE_KEY], receive = incoming, incoming.receive
            await self._application(scope, receive, response.send)
        except Rejected as rejected:
            await response.respond_with(scope, rejected.error)
        except REFUSED_BY_DJANGO:
            # With a charset, Django parses the query before any view.
            await response.respond_with(scope, MalformedRequest())
        except Exception as error:  # noqa: BLE001  (it is logged by `failed`)
            await response.respond_with(scope, failed(error))


class _Response:
    """The response to one request."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._is_begun = False
        self.incoming: Incoming | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._is_begun = True
            if self.incoming and not self.incoming.is_complete:
                # The unread body is still in front of the next request, so close the connection.
                message["headers"] = [*message.get("headers", ()), CLOSE]
        await self._send(message)

    async def respond_with(self, scope: Scope, error: DomainError) -> None:
        """Respond with a problem; if a response has begun, the server cuts it off."""
        if self._is_begun:
            return
        status, headers, body, trace_id = render_problem(error, scope.get("path", ""))
        logger.info("request.refused", trace_id=trace_id, status=status, reason=error.code)
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})


def _incoming(scope: Scope, receive: Receive) -> Incoming | None:
    """Return the body that a request announces, if any; refuse a malformed request."""
    try:
        scope.get("query_string", b"").decode()
    except UnicodeDecodeError:
        raise Rejected(MalformedRequest("The query is not UTF-8.")) from None
    lengths, in_chunks = [], False
    for name, value in scope["headers"]:
        if name == b"content-length":
            lengths.append(value)
        elif name == b"transfer-encoding":
            in_chunks = True
    if in_chunks:
        return Incoming(receive, None)
    length = _length(lengths)
    return Incoming(receive, length) if length else None


def _length(lengths: list[bytes]) -> int:
    if not lengths:
        return 0
    if len(lengths) > 1 or not lengths[0].isdigit() or len(lengths[0]) > LENGTH_DIGITS:
        raise Rejected(MalformedRequest("The Content-Length is not a number of bytes."))
    return int(lengths[0])
