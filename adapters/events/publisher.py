"""Wakes the relays once facts are committed."""

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
    """`EventPublisher` that sends NOTIFY beside the request; many commits share one.

    One that is lost costs a second, the time after which relays look anyway.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._task: asyncio.Task[None] | None = None
        self._again = False

    async def publish(self, *events: DomainEvent) -> None:
        if events:
            self._again = True
            if self._task is None or self._task.done():
                self._task = asyncio.create_task(self._notify(), context=_apart())

    async def drain(self) -> None:
        """Wait until what was published has been told."""
        if self._task is not None and not self._task.done():
            await self._task

    async def _notify(self) -> None:
        while self._again:
            self._again = False
            try:
                await self._database.run(outbox.notify)
            except Error as error:
                logger.warning("event.nobody_woken", error=type(error).__name__)


def _apart() -> Context:
    """Return a context that knows where a fact came from, and of no transaction.

    What a reaction commits is published within the relay's, and the task goes on for others
    once that has ended.
    """
    apart = Context()
    apart.run(origin.set, origin.get())
    return apart
