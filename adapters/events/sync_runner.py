"""Syncs connections that are due, any number of processes beside one another."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Protocol

import structlog
from django.db import Error

from adapters.persistence.connections.schedule import CHANNEL
from adapters.persistence.failures import is_outage
from adapters.persistence.outbox.listener import Listener
from domain.connections.ports import Lease, SyncSchedule
from domain.shared.errors import OutcomeUnknown
from domain.shared.result import Failure, Result, Success

logger = structlog.get_logger(__name__)

#: An idle process looks for due connections so often, and when it is notified.
POLL_SECONDS = 15.0
#: Connections that one process syncs at once: most of the time it waits for networks.
AT_ONCE = 4

Sync = Callable[[Lease], Awaitable[Result[None, Any]]]


class Syncs(Protocol):
    """The use case that syncs a leased connection."""

    async def __call__(self, lease: Lease) -> Result[None, Any]: ...

    async def abandon(self, lease: Lease) -> Result[None, Any]:
        """End a turn that a bug has ended."""


class SyncRunner:
    """Leases connections that are due and syncs them.

    If it dies, its connections are available to others when their leases end.
    """

    def __init__(
        self, schedule: SyncSchedule, sync: Syncs, *, lease: timedelta, at_once: int = AT_ONCE
    ) -> None:
        self._schedule = schedule
        self._sync = sync
        self._lease = lease
        self._at_once = at_once

    async def sync_due(self) -> int:
        """Sync until no connection is due; return how many turns there were."""
        turns = 0
        while leases := await self._claim(self._at_once):
            await asyncio.gather(*(self._run(each) for each in leases))
            turns += len(leases)
        return turns

    async def run(self) -> None:
        """Sync until cancelled."""
        running: set[asyncio.Task[None]] = set()
        try:
            async with Listener(CHANNEL) as listener:
                while True:
                    leases = await self._claim(self._at_once - len(running))
                    running |= {asyncio.create_task(self._run(each)) for each in leases}
                    await self._rest(listener, running, has_more=bool(leases))
                    running = {each for each in running if not each.done()}
        finally:
            for each in running:
                each.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def _rest(
        self, listener: Listener, running: set[asyncio.Task[None]], *, has_more: bool
    ) -> None:
        """Wait for a notification, for a turn to end, or for the next look."""
        if has_more and len(running) < self._at_once:
            return
        news = asyncio.create_task(listener.wait(POLL_SECONDS))
        waited = {news} if len(running) < self._at_once else set()
        await asyncio.wait({*waited, *running}, return_when=asyncio.FIRST_COMPLETED)
        news.cancel()
        await asyncio.gather(news, return_exceptions=True)

    async def _claim(self, most: int) -> list[Lease]:
        if most <= 0:
            return []
        try:
            claimed = await self._schedule.claim(most=most, lease=self._lease)
        except (Error, OutcomeUnknown) as error:
            logger.error("sync.interrupted", error=type(error).__name__)
            return []
        if isinstance(claimed, Failure):
            logger.error("sync.interrupted", error=claimed.error.code)
            return []
        return [*claimed.value]

    async def _run(self, lease: Lease) -> None:
        """Sync one connection. A bug ends its turn, and nobody else's."""
        try:
            done = await self._sync(lease)
        except Exception as error:  # noqa: BLE001  (one connection must not stop the others)
            if isinstance(error, OutcomeUnknown) or (isinstance(error, Error) and is_outage(error)):
                logger.error("sync.interrupted", error=type(error).__name__)
                return
            # Its text may repeat what the bank said.
            logger.error("sync.failed", error=type(error).__name__)
            done = await self._abandon(lease)
        if isinstance(done, Failure):
            logger.warning("sync.not_ended", error=done.error.code)

    async def _abandon(self, lease: Lease) -> Result[None, Any]:
        try:
            return await self._sync.abandon(lease)
        except (Error, OutcomeUnknown) as error:
            # The lease ends by itself.
            logger.error("sync.interrupted", error=type(error).__name__)
            return Success(None)
