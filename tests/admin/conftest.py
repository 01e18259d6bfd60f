"""The admin is tested together with the API, on PostgreSQL."""

from collections.abc import Iterator

import pytest
from asgiref.sync import async_to_sync
from django.db import connection, connections
from django.test import Client

from adapters.audit.models import AuditCheckpointModel
from adapters.persistence.outbox.models import OutboxModel
from adapters.persistence.staff.models import SecondFactorModel
from adapters.security.envelope import SealContext
from dashtam.container import container
from domain.shared.ids import new_id
from domain.staff.values import StaffRole
from tests.admin.people import hire, let_in
from tests.api.client import Api
from tests.contracts.world import World
from tests.factories import NOON, make_entry
from tests.postgres import borrowed

CHECKPOINT = {
    "number": 1,
    "first_xid": 0,
    "end_xid": 9,
    "entries": 0,
    "total": 0,
    "leaves": b"",
    "root": bytes(32),
    "previous": bytes(32),
    "key_id": "k1",
    "signature": bytes(64),
    "sealed_at": NOON,
}


@pytest.fixture
def api(database: None) -> Api:
    """An unauthenticated client."""
    return Api(delivers=True)


@pytest.fixture
def filled(django_world: World) -> None:
    """One row of every table, a member of each role, and a second factor."""
    async_to_sync(_fill)(django_world)
    OutboxModel.objects.create(
        type="x.happened", aggregate_type="x", aggregate_id=new_id(), payload={}
    )
    AuditCheckpointModel.objects.create(**CHECKPOINT)
    people = [hire(role) for role in StaffRole]
    row = SecondFactorModel(id=new_id(), staff=people[0], key_id=container.keyring.primary)
    context = SealContext("staff_second_factor", "sealed", row.id, people[0].pk)
    row.sealed = container.keyring.seal(bytes(20), context)
    row.save(force_insert=True)


@pytest.fixture
def as_staff(filled: None) -> Iterator[None]:
    """From here on with the rights that the admin has in production."""
    connection.cursor().execute("SET LOCAL ROLE dashtam_staff")
    own = connections["default"]
    with borrowed(own):
        yield


@pytest.fixture
def staff(as_staff: None, client: Client) -> Client:
    """An administrator, who sees every page."""
    return let_in(client, hire(StaffRole.ADMINISTRATOR, "grace"))


async def _fill(world: World) -> None:
    await world.fill(await world.account())
    await world.audit_trail.append(make_entry())


@pytest.fixture
def login_client(database: None, client: Client) -> Client:
    """A browser before the log-in, with the rights of staff."""
    connection.cursor().execute("SET LOCAL ROLE dashtam_staff")
    return client
