"""Delivers events from the outbox, at least once and in order."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TypeAlias
from uuid import UUID

import structlog
from django.db import Error

from adapters.events.reactions import Delivery, ReactionFailed
from adapters.persistence.database import Database
from adapters.persistence.outbox import outbox
from adapters.persistence.outbox.lanes import Lane
from adapters.persistence.outbox.listener import Listener
from adapters.persistence.outbox.models import OutboxModel
from domain.shared.errors import OutcomeUnknown

logger = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)
POLL_SECONDS = 1.0
HOUSEKEEPING_SECONDS = 3600.0
MINUTE_SECONDS = 60.0

#: A periodic task, whose result is ignored.
Chore: TypeAlias = Callable[[], Awaitable[object]]


class Relay:
    """Delivers leased events. Any number of relays may share an outbox.

    A relay processes the lanes for which it has a delivery concurrently. If it dies, its events are
    available to others after the `lease`.
    """

    def __init__(
        self,
        database: Database,
        deliveries: Mapping[Lane, Delivery],
        *,
        lease: timedelta = LEASE,
        every_minute: Sequence[Chore] = (),
    ) -> None:
        self._database = database
        self._deliveries = deliveries
        self._lease = lease
        self._every_minute = every_minute

    async def deliver_all(self) -> tuple[int, int]:
        """Deliver events until none is due; return how many were delivered and how many failed.

        Lanes take turns. An outage raises `OutcomeUnknown`; undelivered events stay in the outbox.
        """
        results: list[bool] = []
        before = -1
        try:
            while len(results) > before:
                before = len(results)
                for lane in self._deliveries:
                    results += await self._deliver_some(lane)
        except (Error, OutcomeUnknown) as error:
            logger.error("relay.interrupted", error=type(error).__name__)
            raise OutcomeUnknown from error
        return results.count(True), results.count(False)

    async def run(self) -> None:
        """Deliver events until cancelled: when notified, and every second."""
        async with asyncio.TaskGroup() as tasks:
            news = [asyncio.Event() for _ in self._deliveries]
            for lane, event in zip(self._deliveries, news, strict=True):
                tasks.create_task(self._follow(lane, event))
            tasks.create_task(self._listen(news))
            tasks.create_task(self._every(HOUSEKEEPING_SECONDS, self._delete_old))
            for chore in self._every_minute:
                tasks.create_task(self._every(MINUTE_SECONDS, chore))

    async def _follow(self, lane: Lane, news: asyncio.Event) -> None:
        while True:
            news.clear()
            try:
                while await self._deliver_some(lane):
                    pass
            except (Error, OutcomeUnknown) as error:
                logger.error("relay.interrupted", error=type(error).__name__)
            await news.wait()

    async def _listen(self, news: Sequence[asyncio.Event]) -> None:
        """Wake all lanes, from one connection."""
        async with Listener(outbox.CHANNEL) as listener:
            while True:
                await listener.wait(POLL_SECONDS)
                for event in news:
                    event.set()

    async def _every(self, seconds: float, chore: Chore) -> None:
        while True:
            try:
                # An outage is logged, and the task runs again at its next time.
                _ = await chore()
            except (Error, OutcomeUnknown) as error:
                logger.error("relay.interrupted", error=type(error).__name__)
            await asyncio.sleep(seconds)

    async def _delete_old(self) -> None:
        await self._database.run(outbox.forget)

    async def _deliver_some(self, lane: Lane) -> list[bool]:
        rows = await self._database.run(outbox.claim, lane, self._lease)
        return await self._deliver(rows, self._deliveries[lane])

    async def _deliver(self, rows: Sequence[OutboxModel], delivery: Delivery) -> list[bool]:
        """Try the leased events in order; return the leases of those that were not tried."""
        end = time.monotonic() + self._lease.total_seconds() / 2
        results: list[bool] = []
        blocked: set[UUID] = set()
        untried: list[OutboxModel] = []
        for row in rows:
            if row.aggregate_id in blocked or time.monotonic() > end:
                untried.append(row)
                continue
            is_delivered = await self._try(row, delivery)
            results.append(is_delivered)
            if not is_delivered:
                blocked.add(row.aggregate_id)
        if untried:
            await self._database.run(outbox.release, untried)
        return results

    async def _try(self, row: OutboxModel, delivery: Delivery) -> bool:
        try:
            async with self._renewing(row):
                await delivery.deliver(row)
            await self._database.run(outbox.mark_delivered, row)
        except Exception as error:  # noqa: BLE001
            # Whatever a reaction raises, the event stays in the outbox for the next attempt.
            await self._record_failure(row, error)
            return False
        return True

    @asynccontextmanager
    async def _renewing(self, row: OutboxModel) -> AsyncIterator[None]:
        """Renew the lease while a reaction is running."""
        done = asyncio.Event()
        renewing = asyncio.create_task(self._renew(row, done))
        try:
            yield
        finally:
            # Do not cancel the task: a lease that it renewed unnoticed could not be returned.
            done.set()
            await renewing

    async def _renew(self, row: OutboxModel, done: asyncio.Event) -> None:
        while not done.is_set():
            try:
                async with asyncio.timeout(self._lease.total_seconds() / 3):
                    await done.wait()
            except TimeoutError:
                await self._renew_once(row)

    async def _renew_once(self, row: OutboxModel) -> None:
        try:
            await self._database.run(outbox.renew, row, self._lease)
        except Error as error:
            logger.warning("relay.lease_not_renewed", error=type(error).__name__)

    async def _record_failure(self, row: OutboxModel, error: Exception) -> None:
        reason = str(error) if isinstance(error, ReactionFailed) else type(error).__name__
        logger.error("event.not_delivered", event_id=str(row.id), type=row.type, error=reason)
        try:
            is_dead = await self._database.run(outbox.mark_failed, row, reason)
        except Error as failed:
            # The event is tried again after its lease.
            logger.error("event.failure_not_noted", error=type(failed).__name__)
            return
        if is_dead:
            logger.critical("event.dead", event_id=str(row.id), type=row.type, error=reason)
