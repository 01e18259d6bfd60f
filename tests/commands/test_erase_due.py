"""Erasing due users with a command that a timer runs: all of them, completely, and no others."""

import asyncio
from collections.abc import Coroutine, Mapping
from contextvars import Context
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from asgiref.sync import async_to_sync
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from adapters.audit.models import AuditEntryModel
from adapters.persistence.base import business_tables
from adapters.persistence.outbox.models import OutboxModel
from adapters.persistence.personal_data import TABLES, DjangoPersonalDataRepository
from adapters.persistence.plain import parameters
from dashtam.application.identity.account_closure import CloseUser, RestoreUser
from dashtam.application.identity.personal_data import EraseUser
from dashtam.container import container
from domain.identity.actions import USER_VIEWED
from domain.identity.errors import InvalidMailedToken
from domain.shared.errors import Unavailable
from domain.shared.events import SYSTEM
from domain.shared.ids import UserId
from domain.shared.result import Failure, Result, Success
from tests.adapters.audit.tools import AuditTools, audit_tools_in, live
from tests.adapters.persistence.roles import rows, value
from tests.mailbox import mailed
from tests.ports import with_ports
from tests.unaudited import add_entry

Output = pytest.CaptureFixture[str]
ADA, EVE, BOB = "ada@example.org", "eve@example.org", "bob@example.org"


@pytest.fixture
def audit(committing_database: str, tmp_path: Path) -> AuditTools:
    return audit_tools_in(tmp_path)


async def leave(email: str = ADA) -> UserId:
    """Do what users do, and close the account."""
    user_id = UserId(await live(email))
    assert isinstance(await container.use(CloseUser)(user_id=user_id), Success)
    await container.drain()
    container.database.close()
    return user_id


def left(email: str = ADA) -> UserId:
    return async_to_sync(leave)(email)


async def let_pass_here(user_id: UserId, days: float = 14) -> None:
    """Have so many days of grace pass."""
    async with container.ports.unit_of_work(owner=user_id) as uow:
        found = await container.ports.users.lock(user_id)
        assert isinstance(found, Success)
        assert found.value.erase_after is not None
        earlier = replace(found.value, erase_after=found.value.erase_after - timedelta(days=days))
        assert await container.ports.users.update(earlier) == Success(None)
        # Any fact will do: no write goes without one.
        viewed = USER_VIEWED.record(
            subject_id=user_id, actor=SYSTEM, occurred_at=container.ports.clock.now()
        )
        await uow.commit(viewed)


def let_pass(user_id: UserId, days: float = 14) -> None:
    async_to_sync(let_pass_here)(user_id, days)
    container.database.close()


def rows_of(user_id: UserId) -> dict[str, int]:
    """Return how many rows of a user each table has, if any."""
    counts = {
        table.name: value(f"SELECT count(*) FROM {table.name} WHERE {table.owner} = %s", user_id)
        for table in TABLES
    }
    return {name: count for name, count in counts.items() if count}


class TestErasing:
    def test_leaves_only_the_audit_trail(self, audit: AuditTools, capsys: Output) -> None:
        ada, eve = left(), UserId(async_to_sync(live)(EVE))
        audit.seal()
        let_pass(ada)
        before, hers = rows_of(ada), rows_of(eve)
        trail = rows("SELECT id, mac FROM audit_entry ORDER BY id")

        call_command("erase_due")

        assert rows_of(ada) == {}
        assert rows_of(eve) == hers
        assert rows("SELECT id, mac FROM audit_entry ORDER BY id")[: len(trail)] == trail
        entry = AuditEntryModel.objects.get(action="user.erased")
        assert (entry.resource_id, entry.actor_kind) == (ada, "system")
        assert entry.details == {"rows": before}
        assert entry.user_agent == "manage.py erase_due"
        assert "1 users erased" in capsys.readouterr().out

    def test_the_trail_still_verifies_sealed_or_not(self, audit: AuditTools) -> None:
        ada, eve = left(), left(EVE)
        audit.seal()
        let_pass(ada)
        let_pass(eve)
        assert audit.verify().findings == []

        call_command("erase_due")

        assert audit.verify().findings == []
        audit.seal()
        assert audit.verify().findings == []

    def test_no_personal_data_is_left_anywhere(self, audit: AuditTools) -> None:
        ada = left()
        let_pass(ada)

        call_command("erase_due")

        tables = [
            name
            for (name,) in rows(
                "SELECT tablename FROM pg_tables WHERE schemaname"
                " = 'public' AND tablename !~ '^audit_entry_'"
            )
        ]
        found = [
            table
            for table in tables
            if value(f"SELECT count(*) FROM {table} AS t WHERE t::text LIKE %s", "%ada@example%")
        ]
        assert found == []
        assert OutboxModel.objects.filter(type="user.erased", aggregate_id=ada).exists()

    def test_skips_users_who_can_still_return(self, audit: AuditTools, capsys: Output) -> None:
        ada = left()
        let_pass(ada, days=13)
        before = rows_of(ada)

        call_command("erase_due")

        assert rows_of(ada) == before
        assert "0 users erased" in capsys.readouterr().out

    def test_a_user_who_cannot_be_erased_delays_nobody(
        self, audit: AuditTools, capsys: Output
    ) -> None:
        stuck, *others = (left(email) for email in (ADA, EVE, BOB))
        for user_id in (stuck, *others):
            let_pass(user_id)
        before = rows_of(stuck)
        with connection.cursor() as cursor:
            cursor.execute(_REFUSING.format(user_id=stuck))

        with pytest.raises(CommandError, match=r"^1 users could not be processed"):
            call_command("erase_due")

        assert rows_of(stuck) == before
        assert [rows_of(user_id) for user_id in others] == [{}, {}]
        assert "2 users erased" in capsys.readouterr().out
        failed = AuditEntryModel.objects.get(action="user.erase")
        assert (failed.resource_id, failed.result) == (stuck, "failure")
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER stuck ON ledger_account; DROP FUNCTION refuse_stuck")
        call_command("erase_due")
        assert rows_of(stuck) == {}

    def test_an_interrupted_run_leaves_everything(self, audit: AuditTools) -> None:
        """The server ends its connection when everything but the user is deleted."""
        ada = left()
        let_pass(ada)
        before = rows_of(ada)
        with connection.cursor() as cursor:
            cursor.execute(_ENDING)

        with pytest.raises(CommandError, match="could not be processed"):
            call_command("erase_due")

        assert rows_of(ada) == before
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER ending ON identity_user; DROP FUNCTION end_it")
        assert audit.verify().findings == []
        call_command("erase_due")
        assert rows_of(ada) == {}


_REFUSING = """
CREATE FUNCTION refuse_stuck() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.user_id = '{user_id}' THEN RAISE EXCEPTION 'stuck'; END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER stuck BEFORE DELETE ON ledger_account
FOR EACH ROW EXECUTE FUNCTION refuse_stuck()
"""
_ENDING = """
CREATE FUNCTION end_it() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN OLD; END $$;
CREATE TRIGGER ending BEFORE DELETE ON identity_user FOR EACH ROW EXECUTE FUNCTION end_it()
"""


class Halting(DjangoPersonalDataRepository):
    """Waits, with everything deleted and the transaction open."""

    def __init__(self) -> None:
        super().__init__(container.database, lambda: container.keyring)
        self.reached, self.go_on = asyncio.Event(), asyncio.Event()

    async def erase(self, owner: UserId) -> Result[Mapping[str, int], Unavailable]:
        erased = await super().erase(owner)
        self.reached.set()
        await self.go_on.wait()
        return erased


@dataclass
class Both:
    """A user is being erased, up to the COMMIT."""

    halting: Halting
    erasing: "asyncio.Task[Result[Mapping[str, int] | None, Any]]"

    @classmethod
    async def begin(cls, user_id: UserId) -> "Both":
        halting = Halting()
        erase = with_ports(container.use_cases, personal_data=halting).use(EraseUser)
        erasing = beside(erase(user_id=user_id))
        await asyncio.wait_for(halting.reached.wait(), 120)
        return cls(halting, erasing)


def beside(work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
    """Do it in no transaction of ours."""
    return asyncio.create_task(work, context=Context())


class TestConcurrentRuns:
    async def _due(self) -> tuple[UserId, str]:
        ada = await leave()
        token = mailed()
        await let_pass_here(ada)
        return ada, token

    async def test_two_runs_share_the_work(self, audit: AuditTools) -> None:
        ada, _ = await self._due()
        both = await Both.begin(ada)

        assert await container.use(EraseUser)(user_id=ada) == Success(None)

        both.halting.go_on.set()
        assert isinstance((await both.erasing), Success)
        assert await AuditEntryModel.objects.filter(action="user.erased").acount() == 1
        assert await container.use(EraseUser)(user_id=ada) == Success(None)

    async def test_restoring_too_late_is_refused(self, audit: AuditTools) -> None:
        ada, token = await self._due()
        both = await Both.begin(ada)
        keeping = beside(container.use(RestoreUser)(token=token))
        await _until_somebody_waits()

        both.halting.go_on.set()

        assert isinstance(await both.erasing, Success)
        restored = await keeping
        assert isinstance(restored, Failure)
        assert isinstance(restored.error, InvalidMailedToken)
        assert await AuditEntryModel.objects.filter(action="user.erased").aexists()
        assert not await AuditEntryModel.objects.filter(action="user.kept").aexists()

    async def test_restoring_in_time_succeeds(self, audit: AuditTools) -> None:
        ada, token = await self._due()
        async with container.ports.unit_of_work(owner=ada):
            # A user is about to restore the account.
            assert isinstance(await container.ports.users.lock(ada), Success)
            assert await beside(container.use(EraseUser)(user_id=ada)) == Success(None)

        assert await container.use(RestoreUser)(token=token) == Success(None)

        assert await container.use(EraseUser)(user_id=ada) == Success(None)
        async with container.ports.unit_of_work(owner=ada):
            assert isinstance(await container.ports.users.get(ada), Success)


async def _until_somebody_waits() -> None:
    for _ in range(2400):
        if await asyncio.to_thread(_somebody_waits):
            return
        await asyncio.sleep(0.05)
    raise TimeoutError("nobody waits for a lock")


def _somebody_waits() -> bool:
    with psycopg.connect(**parameters()) as superuser:
        found = superuser.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"
        ).fetchone()
    return found == (True,)


class TestPurging:
    def test_deletes_expired_rows_of_all_users(self, audit: AuditTools, capsys: Output) -> None:
        async_to_sync(live)(ADA)
        eve = UserId(async_to_sync(live)(EVE))
        with transaction.atomic(), connection.cursor() as cursor:
            add_entry(cursor)
            cursor.execute(
                "UPDATE identity_mailed_token SET issued_at = now() - interval '2 hours',"
                " expires_at = now() - interval '1 s'"
            )
            cursor.execute(
                "INSERT INTO identity_usage (id, user_id, used_at) VALUES (uuidv7(), %s, now())",
                [eve],
            )

        call_command("erase_due")

        assert value("SELECT count(*) FROM identity_mailed_token") == 0
        assert value("SELECT count(*) FROM identity_usage") == 0
        assert value("SELECT count(*) FROM identity_user") == 2
        swept = AuditEntryModel.objects.filter(action="user.swept", resource_id=eve)
        assert [entry.details for entry in swept] == [
            {"rows": {"identity_mailed_token": 1, "identity_usage": 1}}
        ]
        assert "2 users purged" in capsys.readouterr().out

    def test_of_nothing_writes_nothing(self, audit: AuditTools, capsys: Output) -> None:
        async_to_sync(live)(ADA)
        before = AuditEntryModel.objects.count()

        call_command("erase_due")

        assert AuditEntryModel.objects.count() == before
        assert "0 users purged" in capsys.readouterr().out


def test_every_business_table_is_covered(audit: AuditTools) -> None:
    """The verifier knows about what is erased."""
    assert set(business_tables()) <= {table.name for table in TABLES}
