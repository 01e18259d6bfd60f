"""Who reacts to which fact, and how a fact has its effect once though it may come twice."""

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
    """Who reacts to which fact. `outside`: the effect is not in the database, such as a letter.

    The inbox knows a reaction by its `consumer`: renamed, it would react to old facts anew.
    """

    event: type[DomainEvent]
    reaction: Callable[[Any], Awaitable[Result[Any, DomainError]]]
    consumer: str
    outside: bool = False


def on(
    event: type[E],
    reaction: Callable[[E], Awaitable[Result[Any, DomainError]]],
    *,
    consumer: str,
    outside: bool = False,
) -> Subscription:
    """Say that something reacts to a kind of fact."""
    return Subscription(event, reaction, consumer, outside)


class Delivery(Protocol):
    """Where facts go: to reactions in this process, or into a stream."""

    def deliver(self, row: OutboxModel) -> Awaitable[None]: ...


class ReactionFailed(Exception):
    """A reaction did not succeed: the fact stays on its way."""


class Reactions:
    """Hands a fact to everyone in this process who reacts to it.

    An effect in the database is kept together with the note that it was made, so it is made once.
    An effect outside is made before it is noted: when the process dies in between, it is repeated.
    """

    def __init__(self, database: Database, subscriptions: Sequence[Subscription]) -> None:
        self._database = database
        self._subscriptions = subscriptions

    async def deliver(self, row: OutboxModel) -> None:
        """Return when all have reacted; raise what went wrong with the first who did not."""
        before = origin.set(Origin(trace_id=row.trace_id, user_agent="relay"))
        try:
            for subscription in self._subscriptions:
                if subscription.event.name == row.type:
                    react = self._outside if subscription.outside else self._inside
                    await react(subscription, row)
        finally:
            origin.reset(before)

    async def _inside(self, subscription: Subscription, row: OutboxModel) -> None:
        async with self._database.transaction():
            if await self._database.run(outbox.receive, subscription.consumer, row.id):
                await _react(subscription, row)

    async def _outside(self, subscription: Subscription, row: OutboxModel) -> None:
        # No transaction is open meanwhile: the world outside may take its time.
        if not await self._database.run(outbox.has_received, subscription.consumer, row.id):
            await _react(subscription, row)
            await self._database.run(outbox.receive, subscription.consumer, row.id)


async def _react(subscription: Subscription, row: OutboxModel) -> None:
    result = await subscription.reaction(outbox.read(subscription.event, row))
    if isinstance(result, Failure):
        raise ReactionFailed(result.error.code)
