"""What a server process does when it starts and stops."""

import asyncio
import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import psycopg
import structlog
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from adapters.persistence.plain import parameters
from adapters.persistence.roles import database_problems
from adapters.persistence.server_version import ServerTooOld, require_supported_at
from dashtam import keys
from dashtam.container import container

logger = structlog.get_logger(__name__)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


async def run_lifespan(receive: Receive, send: Send) -> None:
    """Start the background work of a server process, and end it when the server ends."""
    await receive()
    refusal = await _refusal()
    if refusal:
        logger.critical("server.refused", reason=refusal)
        await send({"type": "lifespan.startup.failed", "message": refusal})
        return
    work = [container.relay.run()] if settings.RELAY_IN_SERVER else []
    work += [container.sync_runner.run()] if settings.SYNC_IN_SERVER else []
    tasks = [asyncio.create_task(each) for each in work]
    await send({"type": "lifespan.startup.complete"})
    await receive()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await container.publisher.drain()
    await asyncio.to_thread(container.close)
    await send({"type": "lifespan.shutdown.complete"})


async def _refusal() -> str:
    """Return why this server must not start: PostgreSQL is too old, or production lacks a guard."""
    if not settings.PRODUCTION:
        return await asyncio.to_thread(_version_problem)
    try:
        keys.of("AUDIT_MAC_KEYS")
        keys.of("CREDENTIAL_KEYS")
        return " ".join(await asyncio.to_thread(_excess_privileges))
    except ImproperlyConfigured as error:
        return str(error)
    except psycopg.Error:
        return "The database does not respond, or refuses the login in DATABASE_URL."


def _version_problem() -> str:
    """In development the server starts before its database does, so that one may be missing."""
    try:
        if settings.DATABASES:
            require_supported_at(os.environ["DATABASE_URL"])
    except ServerTooOld as error:
        return str(error)
    return ""


def _excess_privileges() -> list[str]:
    # As the login of DATABASE_URL, before any role is set.
    with psycopg.connect(**parameters()) as connection:
        return database_problems(connection)
