"""Takes facts out of the outbox and sees to it that they arrive, at least once and in order."""

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

#: Something that is to be done now and then, whatever comes of it.
Chore: TypeAlias = Callable[[], Awaitable[object]]


class Relay:
    """Any number of relays may work on one outbox: each fact is lent to one of them at a time.

    Each works on the lanes that it has a delivery for, side by side. A relay that dies keeps nobody
    waiting longer than its `lease`.
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
        """Deliver what is due until nothing is; return how many arrived and how many did not.

        Lanes take turns here. An outage ends it early with `OutcomeUnknown`: what was not delivered
        is still in the outbox.
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
        """Go on until cancelled: when woken, and every second besides."""
        async with asyncio.TaskGroup() as tasks:
            for lane in self._deliveries:
                tasks.create_task(self._follow(lane))
            tasks.create_task(self._every(HOUSEKEEPING_SECONDS, self._forget))
            for chore in self._every_minute:
                tasks.create_task(self._every(MINUTE_SECONDS, chore))

    async def _follow(self, lane: Lane) -> None:
        async with Listener(outbox.CHANNEL) as listener:
            while True:
                try:
                    while await self._deliver_some(lane):
                        pass
                except (Error, OutcomeUnknown) as error:
                    logger.error("relay.interrupted", error=type(error).__name__)
                await listener.wait(POLL_SECONDS)

    async def _every(self, seconds: float, chore: Chore) -> None:
        while True:
            try:
                # An outage is logged where it is met; the next time it is done again.
                _ = await chore()
            except (Error, OutcomeUnknown) as error:
                logger.error("relay.interrupted", error=type(error).__name__)
            await asyncio.sleep(seconds)

    async def _forget(self) -> None:
        await self._database.run(outbox.forget)

    async def _deliver_some(self, lane: Lane) -> list[bool]:
        rows = await self._database.run(outbox.claim, lane, self._lease)
        return await self._deliver(rows, self._deliveries[lane])

    async def _deliver(self, rows: Sequence[OutboxModel], delivery: Delivery) -> list[bool]:
        """Try what was lent, in order; what cannot be tried any more is given back."""
        end = time.monotonic() + self._lease.total_seconds() / 2
        results: list[bool] = []
        held_up: set[UUID] = set()
        untried: list[OutboxModel] = []
        for row in rows:
            if row.aggregate_id in held_up or time.monotonic() > end:
                untried.append(row)
                continue
            arrived = await self._try(row, delivery)
            results.append(arrived)
            if not arrived:
                held_up.add(row.aggregate_id)
        if untried:
            await self._database.run(outbox.give_back, untried)
        return results

    async def _try(self, row: OutboxModel, delivery: Delivery) -> bool:
        try:
            async with self._renewing(row):
                await delivery.deliver(row)
            await self._database.run(outbox.mark_delivered, row)
        except Exception as error:  # noqa: BLE001
            # Whatever a reaction does wrong, the fact stays in the outbox for the next attempt.
            await self._note_failure(row, error)
            return False
        return True

    @asynccontextmanager
    async def _renewing(self, row: OutboxModel) -> AsyncIterator[None]:
        """Keep the lease from running out while a reaction takes its time."""
        done = asyncio.Event()
        renewing = asyncio.create_task(self._renew(row, done))
        try:
            yield
        finally:
            # It is not cancelled: a lease that was renewed unnoticed could not be given back.
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

    async def _note_failure(self, row: OutboxModel, error: Exception) -> None:
        reason = str(error) if isinstance(error, ReactionFailed) else type(error).__name__
        logger.error("event.not_delivered", event_id=str(row.id), type=row.type, error=reason)
        try:
            is_dead = await self._database.run(outbox.mark_failed, row, reason)
        except Error as failed:
            # Its lease runs out, and then it is tried again.
            logger.error("event.failure_not_noted", error=type(failed).__name__)
            return
        if is_dead:
            logger.critical("event.dead", event_id=str(row.id), type=row.type, error=reason)
