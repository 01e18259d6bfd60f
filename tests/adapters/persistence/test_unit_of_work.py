"""The unit of work on PostgreSQL."""

import pytest
from django.db import OperationalError

from adapters.audit.models import AuditEntryModel
from adapters.audit.trail import DjangoAuditTrail
from adapters.persistence.outbox.models import OutboxModel
from adapters.persistence.unit_of_work import DjangoUnitOfWork
from dashtam.container import container
from domain.audit.origin import Origin, origin
from domain.identity.actions import USER_VIEWED
from domain.shared.errors import OutcomeUnknown
from domain.shared.events import Actor
from domain.shared.ports import UnitOfWorkFactory
from domain.shared.result import Success
from tests.contracts.unit_of_work import UnitOfWorkContract, registered
from tests.contracts.world import World
from tests.factories import just_now, make_user
from tests.fakes import RecordingPublisher


class TestUnitOfWork(UnitOfWorkContract):
    @pytest.fixture
    def world(self, django_world: World) -> World:
        return django_world

    @pytest.fixture
    def publisher(self) -> RecordingPublisher:
        return RecordingPublisher()

    @pytest.fixture
    def unit_of_work(self, publisher: RecordingPublisher) -> UnitOfWorkFactory:
        return lambda *, owner=None, snapshot=False: DjangoUnitOfWork(
            container.database, container.audit_trail, publisher, owner, snapshot=snapshot
        )

    async def test_audit_entry_and_event_share_an_id(
        self, unit_of_work: UnitOfWorkFactory, world: World
    ) -> None:
        came_from = Origin("ab" * 16, "192.0.2.7", "curl")
        before = origin.set(came_from)
        user = make_user()
        async with unit_of_work() as uow:
            await world.users.add(user)
            await uow.commit(registered(user))
        origin.reset(before)

        entry, event = await AuditEntryModel.objects.aget(), await OutboxModel.objects.aget()
        assert entry.id == event.id
        assert (entry.trace_id, entry.ip_address, entry.user_agent) == (
            "ab" * 16,
            "192.0.2.7",
            "curl",
        )
        assert (event.aggregate_type, event.aggregate_id) == ("user", user.id)
        assert event.payload["subject_id"] == str(user.id)

    async def test_an_action_is_not_announced(
        self, unit_of_work: UnitOfWorkFactory, world: World, publisher: RecordingPublisher
    ) -> None:
        user = await world.user()
        viewed = USER_VIEWED.record(
            subject_id=user.id, actor=Actor.user(user.id), occurred_at=just_now()
        )
        async with unit_of_work() as uow:
            await uow.commit(viewed)

        entry = await AuditEntryModel.objects.aget()
        assert (entry.id, entry.action, entry.resource_id) == (viewed.id, "user.viewed", user.id)
        assert (await OutboxModel.objects.acount(), publisher.published) == (0, [])

    async def test_a_commit_that_fails_is_interrupted(
        self, unit_of_work: UnitOfWorkFactory, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def outage(self: object, entries: object) -> None:
            raise OperationalError("the connection is closed")

        monkeypatch.setattr(DjangoAuditTrail, "write", outage)

        with pytest.raises(OutcomeUnknown):
            async with unit_of_work() as uow:
                await uow.commit(registered(await world.user()))

        assert await AuditEntryModel.objects.acount() == 0

    async def test_a_refused_row_does_not_spoil_the_others(
        self, unit_of_work: UnitOfWorkFactory, world: World
    ) -> None:
        ada = await world.user("ada@example.org")
        bob = make_user("bob@example.org")
        async with unit_of_work() as uow:
            await world.users.add(make_user("ada@example.org"))
            await world.users.add(bob)
            await uow.commit(registered(ada))

        assert await world.users.get(bob.id) == Success(bob)
