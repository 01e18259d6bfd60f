"""Facts reach those who react: soon after the commit, with one effect each."""

import asyncio
import gc
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from adapters.events import Lane, Relay, WakingPublisher, on
from adapters.persistence.outbox import outbox
from adapters.persistence.outbox.models import OutboxModel
from dashtam.container import container
from domain.audit.origin import Origin, origin
from domain.identity.events import UserRegistered
from domain.ledger.events import StatementImported
from domain.shared.errors import DomainError
from domain.shared.events import DomainEvent
from domain.shared.result import Result, Success
from tests.adapters.events.reactions import (
    Reaction,
    commit,
    imported,
    make_due,
    received,
    registered,
    relay_to,
    row,
)
from tests.contracts.events import EventPublisherContract, Received


class TestPublisher(EventPublisherContract):
    @pytest.fixture
    def heard(self, relay: Relay, reaction: Reaction) -> Received:
        publisher = WakingPublisher(container.database)

        async def commit(events: Sequence[DomainEvent]) -> None:
            await container.database.run(outbox.insert, events)

        async def names() -> list[str]:
            await publisher.drain()
            await relay.deliver_all()
            return [event.name for event in reaction.received]

        return Received(publisher, commit, names)

    async def test_a_published_event_survives_a_rollback_around_it(self, database: None) -> None:
        errors: list[Any] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, said: errors.append(said))
        publisher = WakingPublisher(container.database)

        async with container.database.transaction():
            await publisher.publish(registered())
            await asyncio.sleep(0)
            # Published by the task that has begun: after the transaction.
            await publisher.publish(registered())

        await publisher.drain()
        # The error a task ended with is logged when the task is discarded.
        del publisher
        gc.collect()
        assert errors == []


class TestDelivery:
    async def test_an_event_is_delivered_once(self, relay: Relay, reaction: Reaction) -> None:
        event = registered()
        before = origin.set(Origin(trace_id="ab" * 16))
        await commit(event)
        origin.reset(before)

        assert await relay.deliver_all() == (1, 0)
        assert await relay.deliver_all() == (0, 0)

        assert reaction.received == [event]
        assert reaction.traces == ["ab" * 16]
        assert (await row()).delivered_at is not None

    async def test_an_event_survives_a_round_trip(self, committing_database: str) -> None:
        heard: list[StatementImported] = []

        async def listen(event: StatementImported) -> Result[None, DomainError]:
            heard.append(event)
            return Success(None)

        event = imported()
        await commit(event)

        await relay_to(on(StatementImported, listen, consumer="listen")).deliver_all()

        assert heard == [event]

    async def test_events_without_reactions_are_completed(
        self, relay: Relay, reaction: Reaction
    ) -> None:
        await commit(imported())

        assert await relay.deliver_all() == (1, 0)
        assert reaction.received == []

    async def test_concurrent_relays_deliver_once(self, relay: Relay, reaction: Reaction) -> None:
        events = [registered() for _ in range(30)]
        await commit(*events)

        await asyncio.gather(*(relay.deliver_all() for _ in range(4)))

        assert sorted(event.event_id for event in reaction.received) == [e.event_id for e in events]

    async def test_an_event_leased_by_a_dead_relay_is_delivered_after_its_lease(
        self, relay: Relay, reaction: Reaction
    ) -> None:
        await commit(registered())
        await container.database.run(outbox.claim, Lane.DEFAULT, timedelta(hours=1))
        assert await relay.deliver_all() == (0, 0)

        await make_due()

        assert await relay.deliver_all() == (1, 0)

    async def test_an_effect_is_not_repeated(self, relay: Relay, reaction: Reaction) -> None:
        event = registered()
        await commit(event)
        await relay.deliver_all()
        rows = OutboxModel.objects.filter(id=event.event_id)
        await container.database.run(lambda: rows.update(delivered_at=None))

        assert await relay.deliver_all() == (1, 0)
        assert reaction.received == [event]
        assert received() == 1

    async def test_a_reaction_runs_outside_a_transaction_and_has_an_inbox_row_only_on_success(
        self, committing_database: str
    ) -> None:
        async def spoil(event: UserRegistered) -> Result[None, DomainError]:
            container.database.refuse_in_transaction()
            raise KeyError("spoiled")

        await commit(registered())

        assert await relay_to(on(UserRegistered, spoil, consumer="spoil")).deliver_all() == (0, 1)

        assert (await row()).last_error == "KeyError"
        assert received() == 0
