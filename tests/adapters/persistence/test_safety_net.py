"""No write to what is a user's without an entry in the trail: the database itself refuses it."""

from typing import Any

import pytest
from django.db import ProgrammingError, connection

from adapters.persistence.audit.models import AuditEntryModel
from adapters.persistence.base import business_tables as named
from adapters.persistence.identity.models import UserModel
from adapters.persistence.outbox.models import OutboxModel
from adapters.persistence.staff.models import AUDITED_TABLES
from dashtam.container import container
from domain.identity.events import UserRegistered
from domain.shared.events import Actor
from domain.shared.result import Success
from tests.adapters.persistence.roles import business_tables, rows
from tests.factories import NOON, make_entry, make_user

TABLES = [model._meta.db_table for model in business_tables()]

NET = """
SELECT relname, tgenabled, tgdeferrable, tginitdeferred, tgtype
FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
WHERE tgfoid = 'guard.require_audit_entry()'::regprocedure
"""
#: For each row, after, on INSERT, DELETE and UPDATE.
EVERY_WRITE = 1 + 4 + 8 + 16


def test_every_business_table_has_the_net(database: None) -> None:
    nets = {table: tuple(rest) for table, *rest in rows(NET)}

    assert sorted(nets) == sorted([*TABLES, *AUDITED_TABLES])
    assert set(nets.values()) == {("A", True, True, EVERY_WRITE)}


def test_every_table_is_either_a_users_or_known_not_to_be(database: None) -> None:
    assert named() == TABLES


def test_a_new_business_table_without_it_would_be_seen(database: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER ledger_account_audited ON ledger_account")

    assert sorted(table for table, *_ in rows(NET)) != sorted([*TABLES, *AUDITED_TABLES])


def test_a_business_table_is_never_emptied(database: None) -> None:
    for table in (*TABLES, *AUDITED_TABLES):
        with pytest.raises(ProgrammingError, match="TRUNCATE"), connection.cursor() as cursor:
            cursor.execute("SAVEPOINT before")
            try:
                cursor.execute(f"TRUNCATE {table} CASCADE")
            finally:
                cursor.execute("ROLLBACK TO SAVEPOINT before")


@pytest.mark.usefixtures("committing_database")
class TestTheNet:
    async def test_refuses_a_row_that_nobody_tells_of(self) -> None:
        user = make_user()
        with pytest.raises(ProgrammingError, match="INSERT of identity_user without"):
            async with container.database.transaction(owner=user.id):
                await container.users.add(user)

        assert await UserModel.objects.acount() == 0

    async def test_refuses_a_change_that_nobody_tells_of(self) -> None:
        user = await _register()
        with pytest.raises(ProgrammingError, match="UPDATE of identity_user without"):
            await UserModel.objects.filter(id=user).aupdate(email="eve@example.org")
        with pytest.raises(ProgrammingError, match=r"DELETE of identity_\w+ without"):
            await UserModel.objects.filter(id=user).adelete()

        assert await UserModel.objects.aget() == await UserModel.objects.aget(
            email="ada@example.org"
        )

    async def test_an_entry_of_another_transaction_is_none(self) -> None:
        await container.audit_trail.append(make_entry())
        user = make_user()
        with pytest.raises(ProgrammingError, match="without an audit entry"):
            async with container.database.transaction(owner=user.id):
                await container.users.add(user)
                async with container.database.transaction(separate=True):
                    await container.audit_trail.append(make_entry())

    async def test_an_entry_that_was_rolled_back_is_none(self) -> None:
        user = make_user()
        with pytest.raises(ProgrammingError, match="without an audit entry"):
            async with container.database.transaction(owner=user.id):
                await container.users.add(user)
                async with container.database.transaction() as inner:
                    await container.audit_trail.append(make_entry())
                    inner.doom()

    async def test_a_first_row_that_was_rolled_back_does_not_open_the_net(self) -> None:
        user = make_user()
        with pytest.raises(ProgrammingError, match="without an audit entry"):
            async with container.database.transaction(owner=user.id):
                async with container.database.transaction() as inner:
                    await container.users.add(make_user("eve@example.org", id=user.id))
                    inner.doom()
                await container.users.add(user)

    async def test_lets_through_what_is_told_before_or_after(self) -> None:
        for number, after in enumerate((True, False)):
            user = make_user(f"{number}@example.org")
            async with container.database.transaction(owner=user.id):
                if not after:
                    await container.audit_trail.append(make_entry())
                await container.users.add(user)
                if after:
                    await container.audit_trail.append(make_entry())

        assert await UserModel.objects.acount() == 2

    async def test_is_no_hindrance_to_the_outbox(self) -> None:
        user_id = await _register()
        event = UserRegistered(subject_id=user_id, actor=Actor.user(user_id), occurred_at=NOON)
        async with container.unit_of_work() as uow:
            await uow.commit(event)
        await container.drain()

        assert await OutboxModel.objects.filter(delivered_at__isnull=True).acount() == 0
        told = AuditEntryModel.objects.filter(action=UserRegistered.name)
        assert await told.acount() == 2


async def _register() -> Any:
    registered = await container.register_user(
        email="ada@example.org", password="a long enough password"
    )
    assert isinstance(registered, Success)
    await container.drain()
    return registered.value.id
