"""Takes facts out of the outbox and sees to it that they arrive, at least once and in order."""

import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Protocol, TypeAlias
from uuid import UUID

import structlog
from django.db import Error

from adapters.events.reactions import ReactionFailed
from adapters.persistence.database import Database
from adapters.persistence.outbox import outbox
from adapters.persistence.outbox.listener import Listener
from adapters.persistence.outbox.models import OutboxModel
from domain.shared.errors import Interrupted

logger = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)
BATCH = 100
POLL_SECONDS = 1.0
HOUSEKEEPING_SECONDS = 3600.0
MINUTE_SECONDS = 60.0

#: Something that is to be done now and then, whatever comes of it.
Chore: TypeAlias = Callable[[], Awaitable[object]]


class Delivery(Protocol):
    """Where facts go: to reactions in this process, or into a stream."""

    def deliver(self, row: OutboxModel) -> Awaitable[None]: ...


class Relay:
    """Any number of relays may work on one outbox: each fact is lent to one of them at a time.

    A relay that dies keeps nobody waiting longer than its `lease`.
    """

    def __init__(
        self,
        database: Database,
        delivery: Delivery,
        *,
        lease: timedelta = LEASE,
        every_minute: Sequence[Chore] = (),
    ) -> None:
        self._database = database
        self._delivery = delivery
        self._lease = lease
        self._every_minute = every_minute

    async def deliver_all(self) -> tuple[int, int]:
        """Deliver what is due until nothing is; return how many arrived and how many did not.

        An outage ends it early: what was not delivered is still in the outbox.
        """
        results: list[bool] = []
        try:
            while rows := await self._database.run(outbox.claim, BATCH, self._lease):
                results += await self._deliver(rows)
        except (Error, Interrupted) as error:
            logger.error("relay.interrupted", error=type(error).__name__)
        return results.count(True), results.count(False)

    async def run(self) -> None:
        """Go on until cancelled: when woken, and every second besides."""
        cleaned = tidied = 0.0
        async with Listener(outbox.CHANNEL) as listener:
            while True:
                await self.deliver_all()
                if time.monotonic() > cleaned + HOUSEKEEPING_SECONDS:
                    cleaned = time.monotonic()
                    await self._forget()
                if time.monotonic() > tidied + MINUTE_SECONDS:
                    tidied = time.monotonic()
                    await self._tidy()
                await listener.wait(POLL_SECONDS)

    async def _tidy(self) -> None:
        try:
            for chore in self._every_minute:
                # An outage is logged where it is met; a minute later it is done again.
                _ = await chore()
        except Error as error:
            logger.error("relay.interrupted", error=type(error).__name__)

    async def _forget(self) -> None:
        try:
            await self._database.run(outbox.forget)
        except Error as error:
            logger.error("relay.interrupted", error=type(error).__name__)

    async def _deliver(self, rows: Sequence[OutboxModel]) -> list[bool]:
        """Try what was lent, in order; what cannot be tried any more is given back."""
        end = time.monotonic() + self._lease.total_seconds() / 2
        results: list[bool] = []
        held_up: set[UUID] = set()
        untried: list[OutboxModel] = []
        for row in rows:
            if row.aggregate_id in held_up or time.monotonic() > end:
                untried.append(row)
                continue
            arrived = await self._try(row)
            results.append(arrived)
            if not arrived:
                held_up.add(row.aggregate_id)
        if untried:
            await self._database.run(outbox.give_back, untried)
        return results

    async def _try(self, row: OutboxModel) -> bool:
        try:
            await self._delivery.deliver(row)
            await self._database.run(outbox.mark_delivered, row)
        except Exception as error:  # noqa: BLE001
            # Whatever a reaction does wrong, the fact stays in the outbox for the next attempt.
            await self._note_failure(row, error)
            return False
        return True

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
