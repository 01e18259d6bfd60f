"""What every publisher of facts must do."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from domain.identity.events import UserRegistered
from domain.shared.events import Actor, DomainEvent
from domain.shared.ids import new_id
from domain.shared.ports import EventPublisher
from tests.factories import just_now


@dataclass(frozen=True)
class Received:
    """A publisher, a function to call before reading, and the names of the received events."""

    publisher: EventPublisher
    commit: Callable[[Sequence[DomainEvent]], Awaitable[None]]
    names: Callable[[], Awaitable[list[str]]]


class EventPublisherContract:
    async def _publish(self, received: Received) -> None:
        user_id = new_id()
        actor = Actor.user(user_id)
        event = UserRegistered(subject_id=user_id, actor=actor, occurred_at=just_now())
        await received.commit([event])
        await received.publisher.publish(event)

    async def test_publishes_events(self, heard: Received) -> None:
        await self._publish(heard)

        assert await heard.names() == ["user.registered"]

    async def test_accepts_an_empty_list(self, heard: Received) -> None:
        await heard.publisher.publish()

        assert await heard.names() == []
