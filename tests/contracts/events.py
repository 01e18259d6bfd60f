"""What every publisher of facts must do."""

from collections.abc import Callable
from dataclasses import dataclass

from domain.identity.events import ProfileViewed, UserRegistered
from domain.shared.events import Actor
from domain.shared.ids import new_id
from domain.shared.ports import EventPublisher
from tests.factories import NOON


@dataclass(frozen=True)
class Heard:
    """A publisher, and the names of the facts that arrived."""

    publisher: EventPublisher
    names: Callable[[], list[str]]


class EventPublisherContract:
    async def _publish(self, heard: Heard) -> None:
        """Publish a fact and a mere reading of the same user."""
        user_id = new_id()
        actor = Actor.user(user_id)
        await heard.publisher.publish(
            UserRegistered(subject_id=user_id, actor=actor, occurred_at=NOON),
            ProfileViewed(subject_id=user_id, actor=actor, occurred_at=NOON),
        )

    async def test_tells_facts_and_not_mere_readings(self, heard: Heard) -> None:
        await self._publish(heard)

        assert heard.names() == ["user.registered"]

    async def test_has_nothing_to_tell_of_nothing(self, heard: Heard) -> None:
        await heard.publisher.publish()

        assert heard.names() == []
