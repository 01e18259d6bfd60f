"""Reads and refusals repeated within a minute are counted and recorded after it."""

import asyncio
from collections.abc import Coroutine
from contextvars import Context
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from structlog.testing import capture_logs

from adapters.audit.models import AuditEntryModel
from adapters.audit.trail import _entity
from dashtam.application.audit.refusals import audit_failures
from dashtam.application.use_case import UseCase
from dashtam.container import container
from domain.audit.entities import AuditEntry
from domain.audit.origin import Origin, origin
from domain.identity.actions import LOGIN_FAILED, USER_VIEWED
from domain.identity.errors import InvalidCredentials, ScopeMissing
from domain.shared.errors import DomainError, OutcomeUnknown
from domain.shared.events import ANONYMOUS, Actor, AuditRecord, ResourceType
from domain.shared.ids import UserId, new_id
from domain.shared.result import Failure, Result, Success
from tests.adapters.persistence.roles import rows
from tests.contracts.world import World
from tests.waiting import until_waiting

ADA, BOB = Actor.user(new_id()), Actor.user(new_id())
HOME = Origin("ab" * 16, "192.0.2.7", "curl", ADA)
#: As if the minute had passed in which so many more came.
PASS = "UPDATE audit_repetition SET minute = minute - interval '5 minutes', count = %s"


def viewed(actor: Actor = ADA) -> AuditRecord:
    return USER_VIEWED.record(
        subject_id=actor.id, actor=actor, occurred_at=container.ports.clock.now()
    )


def failed(reason: str) -> AuditRecord:
    now = container.ports.clock.now()
    return LOGIN_FAILED.record(subject_id=None, actor=ANONYMOUS, occurred_at=now, reason=reason)


async def publish(event: AuditRecord, came_from: Origin = HOME, *, snapshot: bool = False) -> None:
    before = origin.set(came_from)
    async with container.ports.unit_of_work(snapshot=snapshot) as uow:
        await uow.commit(event)
    origin.reset(before)


async def entries() -> list[AuditEntry]:
    # With a role that can read all rows.
    return [_entity(each) async for each in AuditEntryModel.objects.order_by("id")]


async def counted() -> int:
    found = await container.database.run(rows, "SELECT sum(count) FROM audit_repetition")
    return int(found[0][0] or 0)


async def pass_a_minute(count: int) -> None:
    await container.database.run(_execute, PASS, [count])


def _execute(statement: str, parameters: Any = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def elsewhere(work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
    return asyncio.create_task(work, context=Context())


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse(UseCase):
    """A use case with a given result."""

    error: DomainError | Exception

    @audit_failures("user.refuse", ResourceType.USER)
    async def __call__(self, *, user_id: UserId) -> Result[None, DomainError]:
        if isinstance(self.error, DomainError):
            return Failure(self.error)
        raise self.error


@pytest.mark.usefixtures("database")
class TestReadings:
    async def test_each_is_recorded_or_counted(self) -> None:
        for _ in range(10):
            await publish(viewed())

        # A new minute may have begun in between, with an entry about the previous one.
        entry_list = await entries()
        assert 1 <= len(entry_list) <= 3
        repeated = sum(each.details.get("repeated", 0) for each in entry_list)
        summaries = sum("repeated" in each.details for each in entry_list)
        assert len(entry_list) - summaries + repeated + await counted() == 10

    async def test_the_next_minute_records_how_many_were_repeated(self) -> None:
        await publish(viewed())
        (first,) = await entries()
        await pass_a_minute(41)

        await publish(viewed())

        summaries = [each for each in await entries() if "repeated" in each.details]
        assert len(await entries()) == 3
        assert summaries[0].details["repeated"] == 41
        assert summaries[0].details["first"] == str(first.id)
        assert datetime.fromisoformat(summaries[0].details["minute"]) < summaries[0].occurred_at
        same = ("action", "actor", "resource", "resource_id", "result", "origin")
        assert [getattr(summaries[0], name) for name in same] == [
            getattr(first, name) for name in same
        ]
        assert await counted() == 0

    async def test_a_minute_without_repetitions_adds_no_entry(self) -> None:
        await publish(viewed())
        await pass_a_minute(0)
        await publish(viewed())

        assert [each.action for each in await entries()] == ["user.viewed"] * 2

    async def test_entries_that_differ_are_recorded_separately(self) -> None:
        program = replace(HOME, api_token_id=new_id())
        await publish(viewed())
        await publish(viewed(BOB))
        await publish(viewed(), replace(HOME, ip_address="192.0.2.8"))
        await publish(viewed(), program)
        await publish(replace(viewed(), subject_id=new_id()))

        assert len(await entries()) == 5
        assert await counted() == 0

    async def test_a_snapshot_has_an_entry_of_its_own(self) -> None:
        await publish(viewed())
        await publish(viewed(), snapshot=True)

        assert len(await entries()) == 2

    async def test_a_crash_loses_the_count_and_not_the_entry(self) -> None:
        await publish(viewed())
        await container.database.run(_execute, "DELETE FROM audit_repetition")
        await publish(viewed())

        assert len(await entries()) == 2


@pytest.mark.usefixtures("database")
class TestRelays:
    async def test_record_the_count_and_clear_it(self) -> None:
        await publish(viewed())
        await publish(viewed(BOB))
        await pass_a_minute(7)

        assert await container.audit_trail.record_repetitions() == Success(2)
        assert await container.audit_trail.record_repetitions() == Success(0)

        summaries = [
            each.details["repeated"] for each in await entries() if "repeated" in each.details
        ]
        assert summaries == [7, 7]
        assert await container.database.run(rows, "SELECT 1 FROM audit_repetition") == []

    async def test_leave_the_current_minute_alone(self) -> None:
        await publish(viewed())
        await pass_a_minute(7)
        ahead = (
            "UPDATE audit_repetition SET minute = date_trunc('minute', now()) + interval '1 day'"
        )
        await container.database.run(_execute, ahead)

        assert await container.audit_trail.record_repetitions() == Success(0)
        assert await counted() == 7

    async def test_a_minute_in_the_future_hides_nothing(self) -> None:
        await publish(viewed())
        ahead = "UPDATE audit_repetition SET minute = minute + interval '1 day'"
        await container.database.run(_execute, ahead)

        await publish(viewed())

        assert len([each for each in await entries() if "repeated" not in each.details]) == 2


#: What a database user does to a row, or adds to it.
FORGERIES = {
    "made": "INSERT INTO audit_repetition VALUES (sha256('x'), now(), repeat('x', 99)::bytea, 3)",
    "changed": "UPDATE audit_repetition SET said = set_byte(said, 20, get_byte(said, 20) # 1)",
    "moved": "UPDATE audit_repetition SET key = sha256(key)",
    "put back": "UPDATE audit_repetition SET minute = minute - interval '1 day'",
}


@pytest.mark.usefixtures("database")
class TestRowsOfOthers:
    @pytest.mark.parametrize("forged", FORGERIES.values(), ids=FORGERIES.keys())
    async def test_are_dropped_silently(self, forged: str) -> None:
        await publish(viewed(BOB))
        await container.database.run(_execute, forged)
        await publish(viewed())
        await pass_a_minute(3)
        await container.database.run(_execute, "UPDATE audit_repetition SET count = 3")
        was = len(await entries())

        with capture_logs() as logged:
            assert await container.audit_trail.record_repetitions() == Success(
                2 if forged == FORGERIES["made"] else 1
            )

        new_entries = (await entries())[was:]
        assert {each.action for each in new_entries} == {"user.viewed"}
        assert [each["count"] for each in logged if "dropped" in each["event"]] == [1]
        assert await container.audit_trail.record_repetitions() == Success(0)

    async def test_do_not_fail_a_request(self) -> None:
        await publish(viewed())
        await container.database.run(_execute, FORGERIES["changed"])
        await pass_a_minute(3)

        await publish(viewed())

        assert [each.action for each in await entries()] == ["user.viewed"] * 2

    async def test_are_invisible_to_a_reader_of_the_table(self) -> None:
        await publish(viewed())

        ((row,),) = await container.database.run(rows, "SELECT t::text FROM audit_repetition t")

        for secret in (str(ADA.id), "192.0.2.7", "user.viewed"):
            assert secret not in row
            assert secret.encode().hex() not in row


@pytest.mark.usefixtures("database")
class TestRefusals:
    async def refuse(self, error: DomainError | Exception, times: int = 3) -> list[AuditEntry]:
        before = origin.set(HOME)
        for _ in range(times):
            refuse = Refuse(error=error, **World.over(container.ports).basics)
            if isinstance(error, DomainError):
                assert await refuse(user_id=UserId(new_id())) == Failure(error)
            else:
                with pytest.raises(type(error)):
                    await refuse(user_id=UserId(new_id()))
        origin.reset(before)
        return await entries()

    async def test_equal_refusals_are_counted(self) -> None:
        refuse = Refuse(error=ScopeMissing("No."), **World.over(container.ports).basics)
        user_id = UserId(new_id())
        before = origin.set(HOME)
        for _ in range(10):
            assert isinstance(await refuse(user_id=user_id), Failure)
        origin.reset(before)

        assert 1 <= len(await entries()) <= 3
        assert await counted() >= 4

    async def test_every_wrong_password_has_an_entry(self) -> None:
        assert len(await self.refuse(InvalidCredentials("No."))) == 3
        assert await counted() == 0

    async def test_an_unlimited_action_has_an_entry_each_time(self) -> None:
        assert len(await self.refuse(OutcomeUnknown("Gone."))) == 3

    async def test_at_login_failures_are_recorded_and_the_rest_is_counted(self) -> None:
        for _ in range(3):
            await publish(failed("wrong-password"))
        assert len(await entries()) == 3
        for _ in range(10):
            await publish(failed("limited"))

        assert len(await entries()) <= 3 + 3
        assert await counted() >= 4


@pytest.mark.usefixtures("committing_database")
class TestTwoAtOnce:
    async def test_one_is_recorded_and_one_is_counted(self) -> None:
        second = await self.meet(ends_well=True)

        await second
        entry_list = await entries()
        separate = [each for each in entry_list if "repeated" not in each.details]
        assert len(separate) + await counted() == 2

    async def test_after_a_rollback_the_other_is_recorded(self) -> None:
        second = await self.meet(ends_well=False)

        await second
        assert len(await entries()) == 1
        assert await counted() == 0

    async def meet(self, *, ends_well: bool) -> "asyncio.Task[Any]":
        """Read in a transaction that is not over while another one reads the same."""
        async with container.database.transaction() as first:
            await publish(viewed())
            second = elsewhere(publish(viewed()))
            await until_waiting(1)
            assert not second.done()
            if not ends_well:
                first.set_rollback()
        return second
