"""Quick events never wait for imports, and imports alternate between users."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import pytest
from django.core import mail
from django.db import connection

from adapters.events import Lane, Relay, on
from adapters.persistence.outbox import outbox
from adapters.persistence.outbox.lanes import SLOW
from adapters.persistence.outbox.models import OutboxModel
from dashtam.application.identity.email_tokens import RequestPasswordReset
from dashtam.application.identity.users import RegisterUser
from dashtam.application.ledger.submit_import import EnqueueImport
from dashtam.container import container
from domain.identity.events import UserRegistered
from domain.ledger.events import ImportUndone, StatementReceived
from domain.ledger.imports import ImportRequest
from domain.shared.errors import DomainError
from domain.shared.events import Actor
from domain.shared.ids import UserId, new_id
from domain.shared.result import Result, Success
from tests.adapters.events.reactions import Reaction, commit, make_due, registered, relay_to
from tests.adapters.persistence.scratch import until
from tests.canaries import PASSWORD
from tests.factories import NOON, just_now
from tests.statements import days, ofx, statement
from tests.waiting import locked, until_waiting

pytestmark = pytest.mark.usefixtures("committing_database")
LEASE = timedelta(seconds=60)
ADA, BOB, EVE = (UserId(UUID(int=number)) for number in (1, 2, 3))


def received(owner: UserId) -> StatementReceived:
    return StatementReceived(
        subject_id=new_id(),
        actor=Actor.user(owner),
        occurred_at=just_now(),
        sha256="00" * 32,
        size=9,
    )


def undone(event: StatementReceived) -> ImportUndone:
    return ImportUndone(
        subject_id=event.subject_id,
        actor=event.actor,
        occurred_at=just_now(),
        removed=0,
        restored=0,
    )


async def claimed(lane: Lane) -> list[UUID]:
    return [row.id for row in await container.database.run(outbox.claim, lane, LEASE)]


@asynccontextmanager
async def running(relay: Relay) -> AsyncIterator[None]:
    task = asyncio.create_task(relay.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_an_email_is_sent_during_a_slow_import() -> None:
    registration = await container.use(RegisterUser)(email="ada@example.org", password=PASSWORD)
    assert isinstance(registration, Success)
    await container.drain()
    mail.outbox.clear()
    queued = await container.use(EnqueueImport)(
        ImportRequest(
            user_id=registration.value.id, file_name="march.ofx", content=ofx(statement(*days(5)))
        )
    )
    assert isinstance(queued, Success)

    async with running(container.relay):
        async with locked("LOCK TABLE ledger_account IN ACCESS EXCLUSIVE MODE"):
            await until_waiting(1)
            await container.use(RequestPasswordReset)(email="ada@example.org")
            await until(lambda: len(mail.outbox) == 1)
            waiting = await container.database.run(outbox.backlog)
        await until_done()

    assert waiting.lags[Lane.IMPORTS] > 0


async def until_done() -> None:
    for _ in range(1000):
        if not (await container.database.run(outbox.backlog)).waiting:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("the import was never done")


class TestFairness:
    async def test_alternates_between_users_however_much_they_have_waiting(self) -> None:
        served: list[UUID | None] = []

        async def note(event: StatementReceived) -> Result[None, DomainError]:
            served.append(event.actor.id)
            return Success(None)

        await commit(*(received(ADA) for _ in range(5)))
        await commit(received(BOB), received(BOB))
        await commit(received(EVE))

        await relay_to(on(StatementReceived, note, consumer="note")).deliver_all()

        assert served[:5] == [ADA, BOB, EVE, ADA, BOB]
        assert served[5:] == [ADA] * 3

    async def test_a_newcomer_is_next(self) -> None:
        await commit(*(received(ADA) for _ in range(5)))
        (first,) = await claimed(Lane.IMPORTS)
        await container.database.run(
            lambda: OutboxModel.objects.filter(id=first).update(delivered_at=NOON)
        )
        late = received(BOB)
        await commit(late)

        assert await claimed(Lane.IMPORTS) == [late.event_id]

    async def test_a_user_has_one_event_at_a_time_with_any_number_of_relays(self) -> None:
        mine, others = [received(ADA) for _ in range(3)], received(BOB)
        await commit(*mine)
        await commit(others)

        claims = await asyncio.gather(*(claimed(Lane.IMPORTS) for _ in range(6)))

        claimed_ids = [event_id for found in claims for event_id in found]
        assert len(claimed_ids) <= 2
        claimed_ids += [*await claimed(Lane.IMPORTS), *await claimed(Lane.IMPORTS)]
        assert len(claimed_ids) == 2
        assert others.event_id in claimed_ids

    async def test_is_reset_after_a_week(self) -> None:
        await commit(received(ADA))
        await claimed(Lane.IMPORTS)

        await container.database.run(outbox.forget)
        assert await container.database.run(_fairness_rows) == [str(ADA)]
        await container.database.run(_age_fairness_rows)
        await container.database.run(outbox.forget)

        assert await container.database.run(_fairness_rows) == []


class TestOrder:
    async def test_an_aggregate_has_one_order_across_both_lanes(self) -> None:
        event = received(ADA)
        await commit(event)
        after = undone(event)
        await commit(after)

        assert await claimed(Lane.DEFAULT) == []
        assert await claimed(Lane.IMPORTS) == [event.event_id]
        assert await claimed(Lane.DEFAULT) == []
        await container.database.run(
            lambda: OutboxModel.objects.filter(id=event.event_id).update(delivered_at=NOON)
        )
        assert await claimed(Lane.DEFAULT) == [after.event_id]

    async def test_a_slow_event_waits_for_earlier_quick_ones(self) -> None:
        event = received(ADA)
        before = undone(event)
        await commit(before)
        await commit(event)

        assert await claimed(Lane.IMPORTS) == []
        assert await claimed(Lane.DEFAULT) == [before.event_id]

    async def test_many_blocked_events_block_nobody_else(self) -> None:
        for _ in range(3):
            some = [received(ADA) for _ in range(50)]
            await commit(*some)
            await commit(*map(undone, some))
        registration = registered()
        await commit(registration)

        assert await claimed(Lane.DEFAULT) == [registration.event_id]

    async def test_many_events_behind_a_dead_one_block_nobody_else(
        self, reaction: Reaction
    ) -> None:
        reaction.error = KeyError("x")
        relay = relay_to(on(UserRegistered, reaction, consumer="reaction"))
        await commit(*(registered(ADA) for _ in range(3)))
        for _ in range(12):
            await relay.deliver_all()
            await make_due()
        await commit(*(registered(ADA) for _ in range(outbox.BATCH)))
        reaction.error = None
        await commit(registered(BOB))

        assert await relay.deliver_all() == (1, 0)
        assert [event.subject_id for event in reaction.received] == [BOB]


class TestLease:
    async def test_is_renewed_while_a_reaction_runs(self) -> None:
        begun, go_on = asyncio.Event(), asyncio.Event()

        async def run_long(event: StatementReceived) -> Result[None, DomainError]:
            begun.set()
            await go_on.wait()
            return Success(None)

        event = received(ADA)
        await commit(event, received(ADA))
        short = timedelta(seconds=3)
        relay = relay_to(on(StatementReceived, run_long, consumer="run_long"), lease=short)
        delivering = asyncio.create_task(relay.deliver_all())
        await begun.wait()
        first = await self._lease(event.event_id)
        for _ in range(1000):
            if await self._lease(event.event_id) != first:
                break
            await asyncio.sleep(0.02)

        go_on.set()
        assert await delivering == (2, 0)
        rows = await container.database.run(lambda: list(OutboxModel.objects.all()))
        assert {row.attempts for row in rows} == {1}

    async def _lease(self, event_id: UUID) -> object:
        row = await container.database.run(OutboxModel.objects.get, id=event_id)
        return row.leased_until

    async def test_an_expired_one_is_left_to_its_new_holder(self) -> None:
        await commit(received(ADA))
        (mine,) = await container.database.run(outbox.claim, Lane.IMPORTS, LEASE)
        lost = mine.leased_until
        await make_due()
        (others,) = await container.database.run(outbox.claim, Lane.IMPORTS, LEASE)

        await container.database.run(outbox.renew, mine, LEASE)

        assert mine.leased_until == lost
        assert await self._lease(mine.id) == others.leased_until


def test_every_slow_event_has_a_reaction() -> None:
    assert {each.event.name for each in container.subscriptions} >= set(SLOW)


def _fairness_rows() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT owner FROM outbox_turn ORDER BY owner")
        return [owner for (owner,) in cursor.fetchall()]


def _age_fairness_rows() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE outbox_turn SET taken_at = now() - interval '8 days'")
