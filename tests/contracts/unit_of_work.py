"""What every unit of work must do."""

import pytest

from domain.identity.actions import USER_VIEWED
from domain.identity.entities import User
from domain.identity.events import UserRegistered
from domain.shared.events import Actor
from domain.shared.ports import UnitOfWorkFactory
from domain.shared.result import Failure, Success
from tests.contracts.world import World
from tests.factories import NOON, just_now, make_user
from tests.fakes import RecordingPublisher


def registered(user: User) -> UserRegistered:
    return UserRegistered(subject_id=user.id, actor=Actor.user(user.id), occurred_at=just_now())


class Boom(Exception):
    """Something goes wrong."""


class UnitOfWorkContract:
    async def _actions(self, world: World) -> list[str]:
        entries = await world.audit_trail.since(NOON, limit=100)
        assert isinstance(entries, Success)
        return [entry.action for entry in entries.value]

    async def test_a_commit_stores_the_change_and_its_entry(
        self, unit_of_work: UnitOfWorkFactory, world: World, publisher: RecordingPublisher
    ) -> None:
        user = make_user()
        async with unit_of_work() as uow:
            await world.users.add(user)
            await uow.commit(registered(user))

        assert await world.users.get(user.id) == Success(user)
        assert await self._actions(world) == ["user.registered"]
        assert [event.name for event in publisher.published] == ["user.registered"]

    async def test_leaving_without_commit_stores_nothing(
        self, unit_of_work: UnitOfWorkFactory, world: World, publisher: RecordingPublisher
    ) -> None:
        user = make_user()
        async with unit_of_work():
            await world.users.add(user)

        assert isinstance(await world.users.get(user.id), Failure)
        assert await self._actions(world) == []
        assert publisher.published == []

    async def test_an_exception_stores_nothing_and_propagates(
        self, unit_of_work: UnitOfWorkFactory, world: World
    ) -> None:
        user = make_user()
        with pytest.raises(Boom):
            async with unit_of_work():
                await world.users.add(user)
                raise Boom

        assert isinstance(await world.users.get(user.id), Failure)

    async def test_a_later_failure_does_not_undo_a_commit(
        self, unit_of_work: UnitOfWorkFactory, world: World
    ) -> None:
        user = make_user()
        with pytest.raises(Boom):
            async with unit_of_work() as uow:
                await world.users.add(user)
                await uow.commit(registered(user))
                raise Boom

        assert await world.users.get(user.id) == Success(user)

    async def test_a_second_commit_is_refused(
        self, unit_of_work: UnitOfWorkFactory, world: World
    ) -> None:
        user = await world.user()
        async with unit_of_work() as uow:
            await uow.commit(registered(user))
            with pytest.raises(RuntimeError, match="has ended"):
                await uow.commit(registered(user))

    async def test_reading_is_audited_and_not_announced(
        self, unit_of_work: UnitOfWorkFactory, world: World, publisher: RecordingPublisher
    ) -> None:
        user = await world.user()
        viewed = USER_VIEWED.record(
            subject_id=user.id, actor=Actor.user(user.id), occurred_at=just_now()
        )
        async with unit_of_work() as uow:
            await uow.commit(viewed, registered(user))

        assert sorted(await self._actions(world)) == ["user.registered", "user.viewed"]
        assert [event.name for event in publisher.published] == ["user.registered"]
