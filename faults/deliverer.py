"""A process that commits events, or one that delivers them: `produce` or `relay`."""

import asyncio
import os
import sys
from datetime import timedelta
from typing import Any
from uuid import UUID

AGGREGATES = 10
LEASE = timedelta(seconds=2)


async def _produce() -> None:
    """Commit events of a few aggregates for ever, some of them in one transaction."""
    from dashtam.container import container
    from domain.identity.events import UserRegistered
    from domain.shared.events import Actor

    def fact(number: int) -> UserRegistered:
        user_id = UUID(int=number % AGGREGATES + 1)
        now = container.ports.clock.now()
        return UserRegistered(subject_id=user_id, actor=Actor.user(user_id), occurred_at=now)

    number = os.getpid()
    while True:
        number += 1
        async with container.ports.unit_of_work() as uow:
            await uow.commit(fact(number), *(fact(number + each) for each in range(number % 3)))
        await asyncio.sleep(0.02)


async def _relay() -> None:
    from adapters.events import Lane, Reactions, Relay, on
    from dashtam.container import container
    from domain.identity.events import UserRegistered

    subscriptions = [on(UserRegistered, NoteEffect(), consumer="note-effect")]
    reactions = Reactions(container.database, subscriptions)
    relay = Relay(container.database, dict.fromkeys(Lane, reactions), lease=LEASE)
    await relay.run()


class NoteEffect:
    """A reaction whose effect is a row that, like an import, is not made again."""

    async def __call__(self, event: Any) -> Any:
        from dashtam.container import container
        from domain.shared.result import Success

        await container.database.run(_insert, event.event_id, event.subject_id)
        return Success(None)


def _insert(event_id: UUID, aggregate_id: UUID) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO faults_effect (event_id, aggregate_id) VALUES (%s, %s)"
            " ON CONFLICT DO NOTHING",
            [event_id, aggregate_id],
        )


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashtam.settings")
    import django

    django.setup()
    asyncio.run(_produce() if sys.argv[1] == "produce" else _relay())


if __name__ == "__main__":
    main()
