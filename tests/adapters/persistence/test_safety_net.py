"""The database itself refuses an unaudited write to a user's rows."""

from typing import Any

import psycopg
import pytest
from django.db import ProgrammingError, connection
from psycopg.errors import InsufficientPrivilege

from adapters.audit.models import AuditEntryModel
from adapters.persistence.base import business_tables as named
from adapters.persistence.identity.models import UserModel
from adapters.persistence.outbox.models import OutboxModel
from adapters.persistence.plain import connect
from adapters.persistence.staff.models import AUDITED_TABLES
from dashtam.application.identity.users import RegisterUser
from dashtam.container import container
from domain.identity.events import UserRegistered
from domain.shared.events import Actor
from domain.shared.ids import new_id
from domain.shared.result import Success
from tests.adapters.persistence.roles import business_tables, rows
from tests.factories import NOON, just_now, make_entry, make_user
from tests.unaudited import ADD_ENTRY

TABLES = [model._meta.db_table for model in business_tables()]

NET = """
SELECT relname, array_agg(row (tgtype, proname, tgenabled)::text ORDER BY tgtype)
FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid JOIN pg_proc ON pg_proc.oid = tgfoid
WHERE pronamespace = 'guard'::regnamespace AND relname NOT LIKE 'audit%%' AND relname <> 'asked'
GROUP BY relname
"""
#: For each statement: after INSERT (4), DELETE (8) and UPDATE (16), and before TRUNCATE (34).
EVERY_WRITE = ["(4,note_write,A)", "(8,note_deletion,A)", "(16,note_write,A)"]
EVERY_WRITE += ["(34,refuse_change,A)"]

UNAUDITED = r"(INSERT|COPY|UPDATE) of identity_user without an audit entry"
COPY = """
COPY public.identity_user (id, email, password_hash, registered_at, security_stamp) FROM STDIN
"""
USER = """
INSERT INTO public.identity_user (id, email, password_hash, registered_at, security_stamp)
VALUES (uuidv7(), 'ada@example.org', 'x', now(), 1)
"""


def test_every_business_table_has_the_guard(database: None) -> None:
    nets = dict(rows(NET))

    assert sorted(nets) == sorted([*TABLES, *AUDITED_TABLES])
    assert all(net == EVERY_WRITE for net in nets.values())


def test_every_table_is_owned_or_listed_as_shared(database: None) -> None:
    assert named() == TABLES


def test_a_new_business_table_without_it_is_detected(database: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER ledger_account_deleted ON ledger_account")

    assert dict(rows(NET))["ledger_account"] != EVERY_WRITE


def test_a_business_table_cannot_be_truncated(database: None) -> None:
    for table in (*TABLES, *AUDITED_TABLES):
        with pytest.raises(ProgrammingError, match="TRUNCATE"), connection.cursor() as cursor:
            cursor.execute("SAVEPOINT before")
            try:
                cursor.execute(f"TRUNCATE {table} CASCADE")
            finally:
                cursor.execute("ROLLBACK TO SAVEPOINT before")


@pytest.mark.usefixtures("committing_database")
class TestGuard:
    async def test_refuses_an_insert_without_an_audit_entry(self) -> None:
        user = make_user()
        with pytest.raises(ProgrammingError, match="INSERT of identity_user without"):
            async with container.database.transaction(owner=user.id):
                await container.ports.users.add(user)

        assert await UserModel.objects.acount() == 0

    async def test_refuses_an_update_without_an_audit_entry(self) -> None:
        user = await _register()
        with pytest.raises(ProgrammingError, match="UPDATE of identity_user without"):
            await UserModel.objects.filter(id=user).aupdate(email="eve@example.org")
        with pytest.raises(ProgrammingError, match=r"DELETE of identity_\w+ without"):
            await UserModel.objects.filter(id=user).adelete()

        assert await UserModel.objects.aget() == await UserModel.objects.aget(
            email="ada@example.org"
        )

    async def test_an_entry_of_another_transaction_does_not_count(self) -> None:
        await container.audit_trail.append(make_entry())
        user = make_user()
        with pytest.raises(ProgrammingError, match="without an audit entry"):
            async with container.database.transaction(owner=user.id):
                await container.ports.users.add(user)
                async with container.database.transaction(separate=True):
                    await container.audit_trail.append(make_entry())

    async def test_an_entry_that_was_rolled_back_does_not_count(self) -> None:
        user = make_user()
        with pytest.raises(ProgrammingError, match="without an audit entry"):
            async with container.database.transaction(owner=user.id):
                await container.ports.users.add(user)
                async with container.database.transaction() as inner:
                    await container.audit_trail.append(make_entry())
                    inner.set_rollback()

    async def test_a_rolled_back_first_row_does_not_disable_the_guard(self) -> None:
        user = make_user()
        with pytest.raises(ProgrammingError, match="without an audit entry"):
            async with container.database.transaction(owner=user.id):
                async with container.database.transaction() as inner:
                    await container.ports.users.add(make_user("eve@example.org", id=user.id))
                    inner.set_rollback()
                await container.ports.users.add(user)

    async def test_accepts_an_entry_before_or_after_the_change(self) -> None:
        for number, after in enumerate((True, False)):
            user = make_user(f"{number}@example.org")
            async with container.database.transaction(owner=user.id):
                if not after:
                    await container.audit_trail.append(make_entry())
                await container.ports.users.add(user)
                if after:
                    await container.audit_trail.append(make_entry())

        assert await UserModel.objects.acount() == 2

    async def test_does_not_hinder_the_outbox(self) -> None:
        user_id = await _register()
        event = UserRegistered(
            subject_id=user_id, actor=Actor.user(user_id), occurred_at=just_now()
        )
        async with container.ports.unit_of_work() as uow:
            await uow.commit(event)
        await container.drain()

        assert await OutboxModel.objects.filter(delivered_at__isnull=True).acount() == 0
        entries = AuditEntryModel.objects.filter(action=UserRegistered.name)
        assert await entries.acount() == 2


async def _register() -> Any:
    registered = await container.use(RegisterUser)(
        email="ada@example.org", password="a long enough password"
    )
    assert isinstance(registered, Success)
    await container.drain()
    return registered.value.id


@pytest.mark.usefixtures("committing_database")
class TestBypassing:
    """No client can tell the guard that it was checked."""

    @pytest.mark.parametrize(
        "spoof",
        [
            "SELECT set_config('guard.asked', pg_current_xact_id()::text, true)",
            "SET CONSTRAINTS ALL IMMEDIATE",
            "SET LOCAL search_path = public",
        ],
    )
    def test_by_a_setting(self, spoof: str) -> None:
        with connect() as connection, unaudited():
            _write(connection, spoof)

    @pytest.mark.parametrize(
        "spoof",
        [
            "INSERT INTO guard.asked VALUES (pg_current_xact_id(), '')",
            "DELETE FROM guard.asked",
            "ALTER TABLE guard.asked DISABLE TRIGGER ALL",
            "SET LOCAL session_replication_role = replica",
            "DELETE FROM guard.deletion",
            "SELECT guard.note_write()",
        ],
    )
    def test_by_a_statement(self, spoof: str) -> None:
        with connect() as connection, pytest.raises(psycopg.Error, match=r"ermission denied|owner"):
            _write(connection, spoof)

    def test_by_a_superuser_who_replays(self) -> None:
        with connect() as connection, unaudited():
            _write(connection, "SET LOCAL session_replication_role = replica", role="postgres")


@pytest.mark.usefixtures("committing_database")
class TestSavepoints:
    def test_a_rolled_back_change_needs_no_entry(self) -> None:
        with connect() as connection, connection.transaction():
            _attempt(connection, USER)
            connection.execute("SELECT pg_current_xact_id()")
        assert _left() == (0, 0)

        with connect() as connection, unaudited(), connection.transaction():
            _attempt(connection, USER)
            connection.execute(USER.encode())

    def test_a_rolled_back_entry_does_not_count(self) -> None:
        with connect() as connection, unaudited(), connection.transaction():
            connection.execute(USER.encode())
            # The check is requested, done and rolled back, so it is requested again at the end.
            _attempt(connection, ADD_ENTRY, "SET CONSTRAINTS ALL IMMEDIATE")

    def test_a_change_after_the_check_is_checked_again(self) -> None:
        with connect() as connection, connection.transaction():
            connection.execute(USER.encode())
            connection.execute(ADD_ENTRY.encode())
            connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
            connection.execute("UPDATE public.identity_user SET registered_at = now()")
        assert _left() == (0, 0)


@pytest.mark.usefixtures("committing_database")
class TestStatements:
    def test_that_change_nothing_need_no_entry(self) -> None:
        with connect() as connection:
            connection.execute("UPDATE public.identity_user SET email = 'x' WHERE false")
            connection.execute("DELETE FROM public.identity_user")
            connection.execute(
                "INSERT INTO public.identity_user SELECT * FROM public.identity_user"
            )
            with connection.transaction():
                connection.execute(ADD_ENTRY.encode())
                connection.execute(USER.encode())
            connection.execute(
                "INSERT INTO public.identity_user SELECT * FROM public.identity_user"
                " ON CONFLICT DO NOTHING"
            )
        assert _left() == (0, 0)

    def test_that_update_on_conflict_need_one(self) -> None:
        with connect() as connection:
            with connection.transaction():
                connection.execute(ADD_ENTRY.encode())
                connection.execute(USER.encode())
            with pytest.raises(InsufficientPrivilege, match="of identity_user without"):
                connection.execute(
                    "INSERT INTO public.identity_user"
                    " SELECT (u).* FROM public.identity_user AS u"
                    " ON CONFLICT (id) DO UPDATE SET registered_at = now()"
                )

    def test_that_copy_need_one(self) -> None:
        with connect() as connection, unaudited(), connection.cursor().copy(COPY) as rows:
            rows.write_row((str(new_id()), "ada@example.org", "x", str(NOON), 1))

    def test_are_checked_once_for_any_number_of_rows(self) -> None:
        with connect() as connection, connection.transaction():
            connection.execute(ADD_ENTRY.encode())
            for number in range(3):
                connection.execute(USER.replace("ada", f"{number}").encode())
            statements = connection.execute("SELECT xid = pg_current_xact_id() FROM guard.asked")
            assert statements.fetchall() == [(True,)]
        assert _left() == (0, 0)

    def test_that_delete_leave_only_a_count(self) -> None:
        with connect() as connection:
            with connection.transaction():
                connection.execute(ADD_ENTRY.encode())
                for number in range(3):
                    connection.execute(USER.replace("ada", f"{number}").encode())
            with connection.transaction():
                connection.execute(ADD_ENTRY.encode())
                connection.execute("DELETE FROM public.identity_user WHERE email LIKE '0%'")
                connection.execute("DELETE FROM public.identity_user")
            questions = connection.execute(
                "SELECT relation, rows, txid = (SELECT max(txid) FROM public.audit_entry)"
                " FROM guard.deletion"
            ).fetchall()
        assert questions == [("identity_user", 3, True)]
        assert _left() == (0, 1)


def unaudited() -> Any:
    return pytest.raises(InsufficientPrivilege, match=UNAUDITED)


def _write(connection: Any, spoof: str, role: str = "dashtam_app") -> None:
    """Insert a user as the application or another role, after the given statements."""
    with connection.transaction():
        connection.execute("SELECT set_config('app.user_id', uuidv7()::text, true)")
        connection.execute(f"SET LOCAL ROLE {role}")
        connection.execute(spoof)
        connection.execute(
            USER.replace("uuidv7(), ", "current_setting('app.user_id')::uuid, ").encode()
        )


def _attempt(connection: Any, *statements: str) -> None:
    """Do something, and undo it alone."""
    connection.execute("SAVEPOINT attempt")
    for statement in statements:
        connection.execute(statement.encode())
    connection.execute("ROLLBACK TO SAVEPOINT attempt")


def _left() -> tuple[int, int]:
    """Return how many questions and tombstones are there."""
    with connect() as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM guard.asked), (SELECT count(*) FROM guard.deletion)"
        ).fetchone()
    assert row is not None
    return row[0], row[1]
