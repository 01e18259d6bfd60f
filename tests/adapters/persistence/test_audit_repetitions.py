"""What is read or refused again within a minute is counted, and told when the minute is over."""

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


async def tell(event: AuditRecord, came_from: Origin = HOME, *, snapshot: bool = False) -> None:
    before = origin.set(came_from)
    async with container.ports.unit_of_work(snapshot=snapshot) as uow:
        await uow.commit(event)
    origin.reset(before)


async def entries() -> list[AuditEntry]:
    # As whoever sees everybody's.
    return [_entity(each) async for each in AuditEntryModel.objects.order_by("id")]


async def counted() -> int:
    found = await container.database.run(rows, "SELECT sum(count) FROM audit_repetition")
    return int(found[0][0] or 0)


async def pass_a_minute(count: int) -> None:
    await container.database.run(_execute, PASS, [count])


def _execute(statement: str, given: Any = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)


def elsewhere(work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
    return asyncio.create_task(work, context=Context())


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse(UseCase):
    """A use case that ends as it is told."""

    error: DomainError | Exception

    @audit_failures("user.refuse", ResourceType.USER)
    async def __call__(self, *, user_id: UserId) -> Result[None, DomainError]:
        if isinstance(self.error, DomainError):
            return Failure(self.error)
        raise self.error


@pytest.mark.usefixtures("database")
class TestReadings:
    async def test_each_is_entered_or_counted(self) -> None:
        for _ in range(10):
            await tell(viewed())

        # The turn of a minute may have come in between, and an entry that tells of it.
        entered = await entries()
        assert 1 <= len(entered) <= 3
        told = sum(each.details.get("repeated", 0) for each in entered)
        summaries = sum("repeated" in each.details for each in entered)
        assert len(entered) - summaries + told + await counted() == 10

    async def test_the_next_minute_tells_how_many_more_there_were(self) -> None:
        await tell(viewed())
        (first,) = await entries()
        await pass_a_minute(41)

        await tell(viewed())

        told = [each for each in await entries() if "repeated" in each.details]
        assert len(await entries()) == 3
        assert told[0].details["repeated"] == 41
        assert told[0].details["first"] == str(first.id)
        assert datetime.fromisoformat(told[0].details["minute"]) < told[0].occurred_at
        same = ("action", "actor", "resource", "resource_id", "result", "origin")
        assert [getattr(told[0], name) for name in same] == [getattr(first, name) for name in same]
        assert await counted() == 0

    async def test_a_minute_without_more_is_not_told(self) -> None:
        await tell(viewed())
        await pass_a_minute(0)
        await tell(viewed())

        assert [each.action for each in await entries()] == ["user.viewed"] * 2

    async def test_whoever_is_not_alike_has_an_entry_of_their_own(self) -> None:
        program = replace(HOME, api_token_id=new_id())
        await tell(viewed())
        await tell(viewed(BOB))
        await tell(viewed(), replace(HOME, ip_address="192.0.2.8"))
        await tell(viewed(), program)
        await tell(replace(viewed(), subject_id=new_id()))

        assert len(await entries()) == 5
        assert await counted() == 0

    async def test_a_snapshot_has_its_own(self) -> None:
        await tell(viewed())
        await tell(viewed(), snapshot=True)

        assert len(await entries()) == 2

    async def test_a_crash_forgets_how_often_and_not_that(self) -> None:
        await tell(viewed())
        await container.database.run(_execute, "DELETE FROM audit_repetition")
        await tell(viewed())

        assert len(await entries()) == 2


@pytest.mark.usefixtures("database")
class TestRelays:
    async def test_tell_what_was_counted_and_let_go_of_it(self) -> None:
        await tell(viewed())
        await tell(viewed(BOB))
        await pass_a_minute(7)

        assert await container.audit_trail.record_repetitions() == Success(2)
        assert await container.audit_trail.record_repetitions() == Success(0)

        told = [each.details["repeated"] for each in await entries() if "repeated" in each.details]
        assert told == [7, 7]
        assert await container.database.run(rows, "SELECT 1 FROM audit_repetition") == []

    async def test_leave_a_minute_alone_that_is_not_over(self) -> None:
        await tell(viewed())
        await pass_a_minute(7)
        ahead = (
            "UPDATE audit_repetition SET minute = date_trunc('minute', now()) + interval '1 day'"
        )
        await container.database.run(_execute, ahead)

        assert await container.audit_trail.record_repetitions() == Success(0)
        assert await counted() == 7

    async def test_a_minute_that_has_not_come_hides_nothing(self) -> None:
        await tell(viewed())
        ahead = "UPDATE audit_repetition SET minute = minute + interval '1 day'"
        await container.database.run(_execute, ahead)

        await tell(viewed())

        assert len([each for each in await entries() if "repeated" not in each.details]) == 2


#: What a user of the database makes of a row, or puts beside it.
FORGERIES = {
    "made": "INSERT INTO audit_repetition VALUES (sha256('x'), now(), repeat('x', 99)::bytea, 3)",
    "changed": "UPDATE audit_repetition SET said = set_byte(said, 20, get_byte(said, 20) # 1)",
    "moved": "UPDATE audit_repetition SET key = sha256(key)",
    "put back": "UPDATE audit_repetition SET minute = minute - interval '1 day'",
}


@pytest.mark.usefixtures("database")
class TestRowsOfOthers:
    @pytest.mark.parametrize("forged", FORGERIES.values(), ids=FORGERIES.keys())
    async def test_are_dropped_and_told_to_nobody(self, forged: str) -> None:
        await tell(viewed(BOB))
        await container.database.run(_execute, forged)
        await tell(viewed())
        await pass_a_minute(3)
        await container.database.run(_execute, "UPDATE audit_repetition SET count = 3")
        was = len(await entries())

        with capture_logs() as logged:
            assert await container.audit_trail.record_repetitions() == Success(
                2 if forged == FORGERIES["made"] else 1
            )

        told = (await entries())[was:]
        assert {each.action for each in told} == {"user.viewed"}
        assert [each["count"] for each in logged if "dropped" in each["event"]] == [1]
        assert await container.audit_trail.record_repetitions() == Success(0)

    async def test_do_not_refuse_a_request(self) -> None:
        await tell(viewed())
        await container.database.run(_execute, FORGERIES["changed"])
        await pass_a_minute(3)

        await tell(viewed())

        assert [each.action for each in await entries()] == ["user.viewed"] * 2

    async def test_say_nothing_to_who_reads_the_table(self) -> None:
        await tell(viewed())

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

    async def test_what_is_refused_of_the_same_is_counted(self) -> None:
        refuse = Refuse(error=ScopeMissing("No."), **World.over(container.ports).basics)
        user_id = UserId(new_id())
        before = origin.set(HOME)
        for _ in range(10):
            assert isinstance(await refuse(user_id=user_id), Failure)
        origin.reset(before)

        assert 1 <= len(await entries()) <= 3
        assert await counted() >= 4

    async def test_every_wrong_guess_has_an_entry(self) -> None:
        assert len(await self.refuse(InvalidCredentials("No."))) == 3
        assert await counted() == 0

    async def test_what_has_no_known_end_has_an_entry(self) -> None:
        assert len(await self.refuse(OutcomeUnknown("Gone."))) == 3

    async def test_at_a_door_guesses_are_told_and_the_rest_is_counted(self) -> None:
        for _ in range(3):
            await tell(failed("wrong-password"))
        assert len(await entries()) == 3
        for _ in range(10):
            await tell(failed("limited"))

        assert len(await entries()) <= 3 + 3
        assert await counted() >= 4


@pytest.mark.usefixtures("committing_database")
class TestTwoAtOnce:
    async def test_one_is_entered_and_one_is_counted(self) -> None:
        second = await self.meet(ends_well=True)

        await second
        entered = await entries()
        told = [each for each in entered if "repeated" not in each.details]
        assert len(told) + await counted() == 2

    async def test_of_one_that_comes_to_nothing_the_other_is_entered(self) -> None:
        second = await self.meet(ends_well=False)

        await second
        assert len(await entries()) == 1
        assert await counted() == 0

    async def meet(self, *, ends_well: bool) -> "asyncio.Task[Any]":
        """Read in a transaction that is not over while another one reads the same."""
        async with container.database.transaction() as first:
            await tell(viewed())
            second = elsewhere(tell(viewed()))
            await until_waiting(1)
            assert not second.done()
            if not ends_well:
                first.set_rollback()
        return second
