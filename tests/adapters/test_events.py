"""Facts reach those who react: right after the commit, or later by the relay, once."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from adapters.events import InProcessPublisher, Relay, on
from adapters.persistence.outbox import outbox
from adapters.persistence.outbox.models import OutboxModel
from adapters.persistence.unit_of_work import DjangoUnitOfWork
from dashtam.container import container
from domain.identity.events import UserRegistered
from domain.ledger.events import StatementImported
from domain.shared.errors import DomainError, Unavailable
from domain.shared.events import Actor, DomainEvent
from domain.shared.ids import AccountId, new_id
from domain.shared.result import Failure, Result, Success
from tests.contracts.events import EventPublisherContract, Heard
from tests.factories import NOON


@dataclass
class Reaction:
    """Remembers what it was told, and can be made to fail."""

    told: list[UserRegistered] = field(default_factory=list)
    trouble: Exception | None = None
    failure: DomainError | None = None

    async def __call__(self, event: UserRegistered) -> Result[None, DomainError]:
        if self.trouble:
            raise self.trouble
        if self.failure:
            return Failure(self.failure)
        self.told.append(event)
        return Success(None)


def registered() -> UserRegistered:
    user_id = new_id()
    return UserRegistered(subject_id=user_id, actor=Actor.user(user_id), occurred_at=NOON)


@pytest.fixture
def reaction() -> Reaction:
    return Reaction()


@pytest.fixture
def relay(committing_database: str, reaction: Reaction) -> Relay:
    return Relay(container.database, [on(UserRegistered, reaction)])


async def commit(publisher: InProcessPublisher, *events: UserRegistered) -> None:
    async with DjangoUnitOfWork(container.database, publisher) as uow:
        await uow.commit(*events)


async def row() -> OutboxModel:
    return await container.database.run(OutboxModel.objects.get)


class TestPublisher(EventPublisherContract):
    @pytest.fixture
    def heard(self, relay: Relay, reaction: Reaction) -> Heard:
        publisher = InProcessPublisher(relay)

        async def commit(events: Sequence[DomainEvent]) -> None:
            await container.database.run(outbox.insert, events)

        async def names() -> list[str]:
            await publisher.drain()
            return [event.name for event in reaction.told]

        return Heard(publisher, commit, names)


async def test_a_fact_arrives_after_the_commit(relay: Relay, reaction: Reaction) -> None:
    publisher, event = InProcessPublisher(relay), registered()

    await commit(publisher, event)
    await publisher.drain()

    assert reaction.told == [event]
    assert (await row()).delivered_at is not None


@pytest.mark.parametrize(
    "trouble", [{"trouble": KeyError("x")}, {"failure": Unavailable("The mail server is gone.")}]
)
async def test_what_did_not_arrive_is_left_to_the_relay(
    relay: Relay, reaction: Reaction, trouble: dict[str, Exception]
) -> None:
    publisher, event = InProcessPublisher(relay), registered()
    reaction.__dict__.update(trouble)
    await commit(publisher, event)
    await publisher.drain()
    assert ((await row()).delivered_at, (await row()).attempts) == (None, 1)
    assert await relay.deliver_all() == (0, 1)

    reaction.trouble = reaction.failure = None

    assert await relay.deliver_all() == (1, 0)
    assert reaction.told == [event]
    assert await relay.deliver_all() == (0, 0)


async def test_two_relays_deliver_once(relay: Relay, reaction: Reaction) -> None:
    events = [registered() for _ in range(10)]
    await commit(_Nobody(relay), *events)

    await asyncio.gather(*(relay.deliver_all() for _ in range(4)))

    assert sorted(event.event_id for event in reaction.told) == [e.event_id for e in events]


async def test_facts_nobody_reacts_to_are_done(relay: Relay, reaction: Reaction) -> None:
    user_id = new_id()
    imported = StatementImported(
        subject_id=new_id(),
        actor=Actor.user(user_id),
        occurred_at=NOON,
        format="ofx",
        sha256="00" * 32,
        accounts=(AccountId(new_id()),),
        new=1,
        same=0,
        conflict=0,
        quarantined=0,
    )
    async with DjangoUnitOfWork(container.database, _Nobody(relay)) as uow:
        await uow.commit(imported)

    assert await relay.deliver_all() == (1, 0)
    assert reaction.told == []


async def test_a_fact_comes_back_from_the_outbox_as_it_was(relay: Relay) -> None:
    heard: list[StatementImported] = []

    async def listen(event: StatementImported) -> Result[None, DomainError]:
        heard.append(event)
        return Success(None)

    user_id = new_id()
    imported = StatementImported(
        subject_id=new_id(),
        actor=Actor.user(user_id),
        occurred_at=NOON,
        format="ofx",
        sha256="00" * 32,
        accounts=(AccountId(new_id()), AccountId(new_id())),
        new=1,
        same=2,
        conflict=3,
        quarantined=4,
    )
    publisher = InProcessPublisher(Relay(container.database, [on(StatementImported, listen)]))
    async with DjangoUnitOfWork(container.database, publisher) as uow:
        await uow.commit(imported)
    await publisher.drain()

    assert heard == [imported]


class _Nobody(InProcessPublisher):
    """A process that ends right after its commit."""

    async def publish(self, *events: object) -> None:
        return
