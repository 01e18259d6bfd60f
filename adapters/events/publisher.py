"""Wakes the relays after events are committed."""

import asyncio
from contextvars import Context

import structlog
from django.db import Error

from adapters.persistence.database import Database
from adapters.persistence.outbox import outbox
from domain.audit.origin import origin
from domain.shared.events import DomainEvent

logger = structlog.get_logger(__name__)


class WakingPublisher:
    """`EventPublisher` that sends NOTIFY in the background; many commits share one.

    If one is lost, delivery waits a second, after which relays poll anyway.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._task: asyncio.Task[None] | None = None
        self._again = False

    async def publish(self, *events: DomainEvent) -> None:
        if events:
            self._again = True
            if self._task is None or self._task.done():
                self._task = asyncio.create_task(self._notify(), context=_detached_context())

    async def drain(self) -> None:
        """Wait until the relays have been notified of everything published."""
        if self._task is not None and not self._task.done():
            await self._task

    async def _notify(self) -> None:
        while self._again:
            self._again = False
            try:
                await self._database.run(outbox.notify)
            except Error as error:
                logger.warning("event.nobody_woken", error=type(error).__name__)


def _detached_context() -> Context:
    """Return a context with the current origin but without the current transaction.

    A reaction publishes within the relay's transaction, and the task outlives it.
    """
    detached = Context()
    detached.run(origin.set, origin.get())
    return detached
