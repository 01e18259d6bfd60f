"""A relay that goes on: woken, cut off, cleaning up."""

import asyncio

import pytest

from adapters.events import Lane, Relay
from adapters.persistence.outbox import outbox
from adapters.persistence.outbox.listener import Listener
from adapters.persistence.outbox.models import OutboxModel
from dashtam.container import container
from tests.adapters.events.reactions import (
    Reaction,
    above_the_application,
    commit,
    received,
    registered,
)
from tests.adapters.persistence.scratch import until


class TestRelay:
    async def test_is_woken_by_a_commit(self, relay: Relay, reaction: Reaction) -> None:
        running = asyncio.create_task(relay.run())
        try:
            for number in range(1, 4):
                await commit(registered())
                await until(lambda number=number: len(reaction.received) == number)  # type: ignore[misc]
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    @pytest.mark.slow
    async def test_continues_after_its_connections_were_closed(
        self, relay: Relay, reaction: Reaction
    ) -> None:
        running = asyncio.create_task(relay.run())
        try:
            await commit(registered())
            await until(lambda: len(reaction.received) == 1)
            above_the_application(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()",
                "SELECT pg_sleep(0.1)",
            )
            await commit(registered())
            await until(lambda: len(reaction.received) == 2)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    async def test_deletes_old_delivered_events(self, relay: Relay) -> None:
        old, new, waiting = registered(), registered(), registered()
        await commit(old, new)
        await relay.deliver_all()
        await commit(waiting)
        above_the_application(
            "UPDATE outbox_event SET delivered_at = now() - interval '30 days' WHERE id = %s",
            "UPDATE outbox_inbox SET received_at = now() - interval '30 days' WHERE event_id = %s",
            parameters=[old.event_id],
        )

        assert await container.database.run(outbox.forget) == 1

        left = await container.database.run(
            lambda: set(OutboxModel.objects.values_list("id", flat=True))
        )
        assert left == {new.event_id, waiting.event_id}
        assert received() == 1

    async def test_lag_is_the_age_of_the_oldest(self, relay: Relay) -> None:
        assert (await container.database.run(outbox.backlog)).lags == dict.fromkeys(Lane, 0)
        await commit(registered())
        await asyncio.sleep(0.02)

        backlog = await container.database.run(outbox.backlog)

        assert backlog.waiting == 1
        assert 0.02 <= backlog.lags[Lane.DEFAULT] < 60
        assert backlog.lags[Lane.IMPORTS] == 0


async def test_a_listener_without_notifications_waits_for_the_given_time(
    committing_database: str,
) -> None:
    async with Listener("nothing") as listener:
        began = asyncio.get_running_loop().time()
        await listener.wait(0.05)
        assert asyncio.get_running_loop().time() - began >= 0.04
