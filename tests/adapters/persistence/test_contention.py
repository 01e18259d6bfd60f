"""Transactions that conflict: one of them is rolled back and retried."""

import asyncio
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from adapters.persistence.database import Database, in_database
from adapters.persistence.plain import connect
from dashtam.application.contention import MOST_ATTEMPTS, retry_on_conflict
from dashtam.application.use_case import UseCase
from dashtam.container import container
from domain.shared.errors import ConcurrencyConflict, OutcomeUnknown
from domain.shared.result import Result, Success
from tests.adapters.events.reactions import registered
from tests.adapters.persistence.roles import value
from tests.contracts.world import World

DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


class Counters:
    """A repository of two numbers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @in_database
    def add(self, name: str) -> Result[None, str]:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE counter SET n = n + 1 WHERE name = %s", [name])
        return Success(None)

    @in_database
    def read_all(self) -> Result[int, str]:
        return Success(int(value("SELECT sum(n) FROM counter")))


@dataclass(frozen=True, slots=True, kw_only=True)
class CountTwice(UseCase):
    """Increments both numbers in the given order: opposite orders end in a deadlock."""

    counters: Counters
    attempts: list[str] = field(default_factory=list)
    meeting: asyncio.Barrier = field(default_factory=lambda: asyncio.Barrier(2))

    @retry_on_conflict
    async def __call__(self, *, first: str, second: str) -> Result[None, Any]:
        self.attempts.append(first)
        async with self.unit_of_work() as uow:
            await self.counters.add(first)
            if len(self.attempts) <= 2:
                await self.meeting.wait()
            await self.counters.add(second)
            await uow.commit(registered())
        return Success(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlwaysLose(UseCase):
    attempts: list[int] = field(default_factory=list)

    @retry_on_conflict
    async def __call__(self) -> Result[None, Any]:
        self.attempts.append(1)
        raise ConcurrencyConflict


@pytest.fixture
def counters(committing_database: str) -> Counters:
    with connect() as above:
        above.execute("CREATE TABLE public.counter (name text PRIMARY KEY, n int NOT NULL)")
        above.execute("INSERT INTO public.counter VALUES ('a', 0), ('b', 0)")
        above.execute("GRANT SELECT, UPDATE ON public.counter TO dashtam_app")
    return Counters(container.database)


async def test_a_deadlock_is_retried_and_nothing_is_duplicated(counters: Counters) -> None:
    count = CountTwice(counters=counters, **World.over(container.ports).basics)

    done = await asyncio.gather(count(first="a", second="b"), count(first="b", second="a"))

    assert list(done) == [Success(None), Success(None)]
    assert len(count.attempts) == 3
    assert await counters.read_all() == Success(4)


async def test_a_serialisation_failure_is_reported_as_contention(counters: Counters) -> None:
    with pytest.raises(ConcurrencyConflict):
        async with container.database.transaction():
            await container.database.run(_serialisable)
            await counters.read_all()
            async with container.database.transaction(separate=True):
                await counters.add("a")
            await counters.add("a")


def _serialisable() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")


async def test_retries_are_limited(database: None) -> None:
    lose = AlwaysLose(**World.over(container.ports).basics)

    with pytest.raises(OutcomeUnknown, match="Too many changes at once"):
        await lose()

    assert len(lose.attempts) == MOST_ATTEMPTS


async def test_other_errors_are_not_retried(database: None) -> None:
    attempts: list[UUID] = []

    class Break(UseCase):
        @retry_on_conflict
        async def __call__(self) -> Result[None, Any]:
            attempts.append(UUID(int=0))
            raise KeyError("x")

    with pytest.raises(KeyError):
        await Break(**World.over(container.ports).basics)()

    assert len(attempts) == 1
