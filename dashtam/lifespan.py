"""What a server process does when it starts and stops, and what it does not let in."""

import asyncio
import json
import os
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any

import psycopg
import structlog
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from adapters.persistence.plain import parameters
from adapters.persistence.roles import complaints
from dashtam import keys
from dashtam.api.uploads import ENVELOPE_BYTES, FileTooLarge
from dashtam.container import container
from dashtam.headers import headers_of

logger = structlog.get_logger(__name__)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]


class BodyTooLarge(Exception):
    """More came than any view would take."""


class Entrance:
    """Django, with a beginning, an end, and a limit to what is read before a view is asked."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._limit = settings.IMPORT_MAX_BYTES + ENVELOPE_BYTES

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await self._serve(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        refusal = await _refusal()
        if refusal:
            logger.critical("server.refused", reason=refusal)
            await send({"type": "lifespan.startup.failed", "message": refusal})
            return
        if settings.PIN_TO_CORE:
            pin_to_core()
        relay = asyncio.create_task(container.relay.run()) if settings.RELAY_IN_SERVER else None
        await send({"type": "lifespan.startup.complete"})
        await receive()
        if relay:
            relay.cancel()
            await asyncio.gather(relay, return_exceptions=True)
        await container.publisher.drain()
        await asyncio.to_thread(container.close)
        await send({"type": "lifespan.shutdown.complete"})

    async def _serve(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        read = 0

        async def limited() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._limit:
                raise BodyTooLarge
            return message

        try:
            if _announced(scope) > self._limit:
                raise BodyTooLarge
            await self._application(scope, limited, send)
        except BodyTooLarge:
            await _refuse(send, scope["path"])


async def _refusal() -> str:
    """Return why this server must not start: it would have rights that nothing here needs."""
    if not settings.PRODUCTION:
        return ""
    try:
        keys.of("AUDIT_MAC_KEYS")
        keys.of("CREDENTIAL_KEYS")
        return " ".join(await asyncio.to_thread(_complaints))
    except ImproperlyConfigured as error:
        return str(error)
    except psycopg.Error:
        return "The database does not answer, or refuses the login of DATABASE_URL."


def _complaints() -> list[str]:
    # As who logs in, before any role is taken on.
    with psycopg.connect(**parameters()) as connection:
        return complaints(connection)


def pin_to_core() -> None:
    """Bind this process to one core: threads that share the interpreter gain nothing from two."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[os.getpid() % len(cores)]})


def _announced(scope: MutableMapping[str, Any]) -> int:
    length = dict(scope["headers"]).get(b"content-length", b"0")
    return int(length) if length.isdigit() else 0


async def _refuse(send: Send, path: str) -> None:
    """Answer where Django is not asked."""
    trace_id = secrets.token_hex(16)
    logger.info("request.too_large", trace_id=trace_id)
    body = {
        "type": f"/problems/{FileTooLarge.code()}",
        "title": " ".join(FileTooLarge.words()).capitalize(),
        "status": int(HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
        "detail": f"A file has at most {settings.IMPORT_MAX_BYTES:,} bytes.",
        "instance": path,
        "trace_id": trace_id,
    }
    said = {"content-type": "application/problem+json", "connection": "close"}
    # What the request came by is not known here; in production it is https.
    said |= headers_of(path, encrypted=True)
    headers = [(name.lower().encode(), words.encode()) for name, words in said.items()]
    await send({"type": "http.response.start", "status": body["status"], "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})
