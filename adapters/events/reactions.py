"""Calls the reactions to an event, and notes in the inbox which it has called."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from adapters.persistence.database import Database
from adapters.persistence.outbox import outbox
from adapters.persistence.outbox.models import OutboxModel
from domain.audit.origin import Origin, origin
from domain.shared.errors import DomainError
from domain.shared.events import DomainEvent
from domain.shared.result import Failure, Result

E = TypeVar("E", bound=DomainEvent)


@dataclass(frozen=True, slots=True)
class Subscription:
    """A reaction to a type of event.

    The inbox stores the name of the `consumer`: if it changes, old events are processed again.
    """

    event: type[DomainEvent]
    reaction: Callable[[Any], Awaitable[Result[Any, DomainError]]]
    consumer: str


def on(
    event: type[E], reaction: Callable[[E], Awaitable[Result[Any, DomainError]]], *, consumer: str
) -> Subscription:
    """Subscribe a reaction to a type of event."""
    return Subscription(event, reaction, consumer)


class Delivery(Protocol):
    """Where facts go: to reactions in this process, or into a stream."""

    def deliver(self, row: OutboxModel) -> Awaitable[None]: ...


class ReactionFailed(Exception):
    """A reaction failed: the event remains undelivered."""


class Reactions:
    """Delivers an event to every subscribed reaction in this process.

    The effect comes before its receipt in the inbox: if the process dies in between, the reaction
    is called again.
    """

    def __init__(self, database: Database, subscriptions: Sequence[Subscription]) -> None:
        self._database = database
        self._subscriptions = subscriptions

    async def deliver(self, row: OutboxModel) -> None:
        """Return after all reactions succeeded; raise the error of the first one that failed."""
        before = origin.set(Origin(trace_id=row.trace_id, user_agent="relay"))
        try:
            for subscription in self._subscriptions:
                if subscription.event.name == row.type:
                    await self._react(subscription, row)
        finally:
            origin.reset(before)

    async def _react(self, subscription: Subscription, row: OutboxModel) -> None:
        # No transaction is open during the reaction, because it may take long.
        if await self._database.run(outbox.has_received, subscription.consumer, row.id):
            return
        result = await subscription.reaction(outbox.read(subscription.event, row))
        if isinstance(result, Failure):
            raise ReactionFailed(result.error.code)
        await self._database.run(outbox.receive, subscription.consumer, row.id)
