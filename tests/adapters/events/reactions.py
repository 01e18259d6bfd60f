"""What tests of delivery share."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import psycopg
from django.db import connections

from adapters.events import Lane, Reactions, Relay
from adapters.events.reactions import Subscription
from adapters.persistence.outbox.models import OutboxModel
from dashtam.container import container
from domain.audit.origin import origin
from domain.identity.events import UserRegistered
from domain.ledger.events import StatementImported
from domain.shared.errors import DomainError
from domain.shared.events import Actor, DomainEvent
from domain.shared.ids import AccountId, UserId, new_id
from domain.shared.result import Failure, Result, Success
from tests.factories import NOON, just_now


@dataclass
class Reaction:
    """Records what it received, and can be made to fail."""

    received: list[UserRegistered] = field(default_factory=list)
    traces: list[str] = field(default_factory=list)
    error: Exception | None = None
    failure: DomainError | None = None

    async def __call__(self, event: UserRegistered) -> Result[None, DomainError]:
        if self.error:
            raise self.error
        if self.failure:
            return Failure(self.failure)
        self.received.append(event)
        self.traces.append(origin.get().trace_id)
        return Success(None)


def registered(user_id: UserId | None = None) -> UserRegistered:
    user_id = user_id or UserId(new_id())
    return UserRegistered(subject_id=user_id, actor=Actor.user(user_id), occurred_at=just_now())


def imported() -> StatementImported:
    return StatementImported(
        subject_id=new_id(),
        actor=Actor.user(new_id()),
        occurred_at=just_now(),
        format="ofx",
        sha256="00" * 32,
        accounts=(AccountId(new_id()), AccountId(new_id())),
        new=1,
        same=2,
        updates=0,
        conflict=3,
        deleted=0,
        quarantined=4,
    )


def relay_to(*subscriptions: Subscription, **options: Any) -> Relay:
    reactions = Reactions(container.database, subscriptions)
    return Relay(container.database, dict.fromkeys(Lane, reactions), **options)


async def commit(*events: DomainEvent) -> None:
    async with container.ports.unit_of_work() as uow:
        await uow.commit(*events)
    await container.publisher.drain()


async def row() -> OutboxModel:
    return await container.database.run(OutboxModel.objects.get)


async def make_due() -> None:
    """Let time pass for whatever waits for another attempt, and let leases run out."""
    rows = OutboxModel.objects.filter(delivered_at__isnull=True)
    past = NOON - timedelta(days=1)
    await container.database.run(lambda: rows.update(available_at=past, leased_until=past))


def above_the_application(*statements: str, parameters: Sequence[object] = ()) -> None:
    connection_parameters = connections["default"].get_connection_params()
    with psycopg.connect(**connection_parameters, autocommit=True) as beside:
        for statement in statements:
            beside.execute(statement.encode(), parameters)


def received() -> int:
    """Count what consumers have noted."""
    connection_parameters = connections["default"].get_connection_params()
    with psycopg.connect(**connection_parameters) as beside:
        found = beside.execute("SELECT count(*) FROM outbox_inbox").fetchone()
        return int(found[0]) if found else 0
