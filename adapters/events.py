"""Delivery of committed facts to those who react."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import structlog
from django.db import Error

from adapters.persistence.database import Database
from adapters.persistence.outbox import outbox
from adapters.persistence.outbox.models import OutboxModel
from domain.shared.errors import DomainError
from domain.shared.events import DomainEvent
from domain.shared.result import Failure, Result

logger = structlog.get_logger(__name__)

E = TypeVar("E", bound=DomainEvent)


@dataclass(frozen=True, slots=True)
class Subscription:
    """Who reacts to which fact."""

    event: type[DomainEvent]
    reaction: Callable[[Any], Awaitable[Result[Any, DomainError]]]


def on(
    event: type[E], reaction: Callable[[E], Awaitable[Result[Any, DomainError]]]
) -> Subscription:
    """Say that something reacts to a kind of fact."""
    return Subscription(event, reaction)


class ReactionFailed(Exception):
    """A reaction did not succeed: the fact stays on its way."""


class Relay:
    """Takes facts out of the outbox and hands them to those who react, at least once."""

    def __init__(self, database: Database, subscriptions: Sequence[Subscription]) -> None:
        self._database = database
        self._subscriptions = subscriptions

    async def deliver_all(self, limit: int = 1000) -> tuple[int, int]:
        """Try what is on its way, oldest first; return how many arrived and how many did not."""
        waiting = await self._database.run(outbox.undelivered, limit)
        arrived = [await self.deliver(event_id) for event_id in waiting]
        return arrived.count(True), arrived.count(False)

    async def deliver(self, event_id: UUID) -> bool:
        """Hand one fact to everyone who reacts; mark it when all have done so."""
        try:
            async with self._database.transaction():
                row = await self._database.run(outbox.claim, event_id)
                if row is not None:
                    await self._react(row)
                    await self._database.run(outbox.mark_delivered, event_id)
            return True
        except Exception as error:  # noqa: BLE001
            # Whatever a reaction does wrong, the fact stays in the outbox for the next attempt.
            logger.error("event.not_delivered", event_id=str(event_id), error=type(error).__name__)
            await self._count_attempt(event_id)
            return False

    async def _count_attempt(self, event_id: UUID) -> None:
        try:
            await self._database.run(outbox.count_attempt, event_id)
        except Error as error:
            logger.error("event.attempt_not_counted", error=type(error).__name__)

    async def _react(self, row: OutboxModel) -> None:
        for subscription in self._subscriptions:
            if subscription.event.name == row.type:
                result = await subscription.reaction(outbox.read(subscription.event, row))
                if isinstance(result, Failure):
                    raise ReactionFailed(result.error.code())


class InProcessPublisher:
    """`EventPublisher` that delivers right after the commit, beside the request that made it.

    What does not arrive, because the process ends or a reaction fails, is left to the relay.
    """

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._deliveries: set[asyncio.Task[None]] = set()

    async def publish(self, *events: DomainEvent) -> None:
        announced = [event.event_id for event in events if event.announced]
        if announced:
            task = asyncio.create_task(self._deliver(announced))
            self._deliveries.add(task)
            task.add_done_callback(self._deliveries.discard)

    async def drain(self) -> None:
        """Wait until what was published has been tried."""
        while self._deliveries:
            await asyncio.gather(*self._deliveries)

    async def _deliver(self, event_ids: Sequence[UUID]) -> None:
        for event_id in event_ids:
            await self._relay.deliver(event_id)
