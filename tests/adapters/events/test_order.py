"""Facts of one aggregate arrive as they were committed, whatever fails."""

import asyncio
from datetime import datetime, timedelta

import pytest
from django.db import connection

from adapters.events import Lane, Reactions, Relay, on
from adapters.persistence.outbox import outbox
from adapters.persistence.outbox.models import OutboxModel
from dashtam.application.audit.resend_events import ResendEvents
from dashtam.container import container
from domain.identity.events import UserRegistered
from domain.shared.errors import DomainError, Unavailable
from domain.shared.events import DomainEvent
from domain.shared.ids import UserId, new_id
from domain.shared.result import Failure, Result, Success
from tests.adapters.events.reactions import (
    Reaction,
    commit,
    make_due,
    registered,
    relay_to,
    row,
)
from tests.waiting import until_waiting


def _now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
        assert isinstance(now, datetime)
        return now


class TestOrder:
    async def test_events_of_one_aggregate_are_delivered_in_commit_order(
        self, relay: Relay, reaction: Reaction
    ) -> None:
        ada, bob = UserId(new_id()), UserId(new_id())
        later, earlier = registered(ada), registered(ada)
        await commit(earlier, registered(bob))
        await commit(later)

        await relay.deliver_all()

        of_ada = [event for event in reaction.received if event.subject_id == ada]
        assert of_ada == [earlier, later]

    async def test_a_failing_event_delays_only_its_aggregate(
        self, committing_database: str
    ) -> None:
        ada, bob = UserId(new_id()), UserId(new_id())
        first = registered(ada)
        received: list[UserRegistered] = []

        async def refuse_first(event: UserRegistered) -> Result[None, DomainError]:
            if event == first and not received_enough():
                return Failure(Unavailable("Not yet."))
            received.append(event)
            return Success(None)

        def received_enough() -> bool:
            return len(received) >= 1

        await commit(first, registered(bob))
        await commit(registered(ada))
        relay = relay_to(on(UserRegistered, refuse_first, consumer="refuse_first"))

        assert await relay.deliver_all() == (1, 1)
        assert [event.subject_id for event in received] == [bob]
        await make_due()
        assert await relay.deliver_all() == (2, 0)
        assert [event.subject_id for event in received] == [bob, ada, ada]
        assert received[1] == first

    async def test_a_commit_that_waits_for_another_is_ordered_after_it(
        self, committing_database: str
    ) -> None:
        ada = UserId(new_id())
        first, second = registered(ada), registered(ada)

        async with container.database.transaction():
            await container.database.run(outbox.insert, [second])
            waiting = asyncio.create_task(commit_alone(first))
            await until_waiting(1)
            assert not waiting.done()
        await waiting

        rows = await container.database.run(lambda: list(OutboxModel.objects.order_by("position")))
        assert [row.id for row in rows] == [second.event_id, first.event_id]


async def commit_alone(event: DomainEvent) -> None:
    async with container.database.transaction(separate=True):
        await container.database.run(outbox.insert, [event])


class TestFailures:
    @pytest.mark.parametrize(
        ("error", "received"),
        [
            ({"error": KeyError("x")}, "KeyError"),
            ({"failure": Unavailable("The mail server is gone.")}, "unavailable"),
        ],
    )
    async def test_a_failed_delivery_is_retried_later(
        self, relay: Relay, reaction: Reaction, error: dict[str, Exception], received: str
    ) -> None:
        event = registered()
        reaction.__dict__.update(error)
        await commit(event)

        assert await relay.deliver_all() == (0, 1)

        stored = await row()
        assert (stored.delivered_at, stored.attempts, stored.last_error) == (None, 1, received)
        assert stored.leased_until is None
        reaction.error = reaction.failure = None
        await make_due()
        assert await relay.deliver_all() == (1, 0)
        assert reaction.received == [event]

    async def test_after_twelve_attempts_it_is_dead_until_it_is_resent(
        self, relay: Relay, reaction: Reaction
    ) -> None:
        reaction.error = KeyError("x")
        event = registered()
        await commit(event)
        for _ in range(12):
            assert await relay.deliver_all() == (0, 1)
            await make_due()

        assert await relay.deliver_all() == (0, 0)
        dead = await container.database.run(outbox.backlog)
        assert (dead.waiting, dead.dead) == (0, 1)

        reaction.error = None
        assert await container.use(ResendEvents)(event_ids=[new_id()]) == Success([])
        assert await container.use(ResendEvents)(event_ids=None) == Success([event.event_id])
        assert await relay.deliver_all() == (1, 0)
        assert reaction.received == [event]

    async def test_pauses_grow_with_jitter(self, relay: Relay, reaction: Reaction) -> None:
        reaction.error = KeyError("x")
        await commit(*(registered() for _ in range(20)))
        before = await container.database.run(_now)
        await relay.deliver_all()
        after = await container.database.run(_now)

        rows = await container.database.run(lambda: list(OutboxModel.objects.all()))

        least, most = timedelta(seconds=0.5), timedelta(seconds=1)
        assert all(before + least <= row.available_at <= after + most for row in rows)
        # They fail one after the other, so without jitter they would be available in that order.
        failed = sorted(rows, key=lambda row: row.updated_at)
        assert failed != sorted(rows, key=lambda row: row.available_at)

    async def test_a_slow_relay_releases_what_it_cannot_deliver_in_time(
        self, committing_database: str
    ) -> None:
        async def dawdle(event: UserRegistered) -> Result[None, DomainError]:
            await asyncio.sleep(1.2)
            return Success(None)

        relay = relay_to(lease=timedelta(seconds=2))
        slow = Reactions(container.database, [on(UserRegistered, dawdle, consumer="dawdle")])
        await commit(*(registered() for _ in range(3)))

        claimed = await container.database.run(outbox.claim, Lane.DEFAULT, timedelta(seconds=2))
        assert await relay._deliver(claimed, slow) == [True]

        pending = await container.database.run(
            lambda: list(OutboxModel.objects.filter(delivered_at__isnull=True))
        )
        assert [(row.attempts, row.leased_until) for row in pending] == [(0, None), (0, None)]
