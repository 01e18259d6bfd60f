"""What the database itself refuses and sets, whoever the client is."""

from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest
from asgiref.sync import async_to_sync
from django.db import Error, IntegrityError, connection, transaction

from adapters.audit.models import AuditEntryModel
from adapters.persistence.identity.models import UserModel
from adapters.persistence.ledger.models import AccountModel, TransactionModel
from domain.shared.ids import new_id
from domain.shared.result import Success
from tests.contracts.world import World
from tests.factories import NOON, make_account, make_entry, make_row, make_transaction

T = TypeVar("T")


def done(step: Coroutine[Any, Any, T]) -> T:
    """Perform a step before or after looking at the tables themselves."""

    async def run() -> T:
        return await step

    return async_to_sync(run)()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET action = 'forged'",
        "UPDATE audit_entry SET action = 'forged' WHERE false",
        "DELETE FROM audit_entry",
        "DELETE FROM audit_entry WHERE false",
        "TRUNCATE audit_entry",
        "TRUNCATE audit_entry CASCADE",
    ],
)
def test_the_trail_is_append_only_even_for_its_owner(django_world: World, statement: str) -> None:
    done(django_world.audit_trail.append(make_entry()))

    with pytest.raises(Error, match="of audit_entry is refused"), transaction.atomic():
        connection.cursor().execute(statement)

    assert AuditEntryModel.objects.get().action == "account.viewed"


def test_the_trail_is_append_only_for_a_role_with_every_right(django_world: World) -> None:
    done(django_world.audit_trail.append(make_entry()))
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE dashtam_test_writer")
        cursor.execute("GRANT ALL ON audit_entry TO dashtam_test_writer")
        cursor.execute("SET LOCAL ROLE dashtam_test_writer")

        for statement in ("UPDATE audit_entry SET action = 'x'", "DELETE FROM audit_entry"):
            with pytest.raises(Error, match="of audit_entry is refused"), transaction.atomic():
                cursor.execute(statement)
        with pytest.raises(Error, match="of audit_entry is refused"), transaction.atomic():
            cursor.execute("TRUNCATE audit_entry")


def test_the_trail_is_append_only_for_replication_too(django_world: World) -> None:
    done(django_world.audit_trail.append(make_entry()))

    with pytest.raises(Error, match="of audit_entry is refused"), transaction.atomic():
        connection.cursor().execute("SET LOCAL session_replication_role = replica")
        connection.cursor().execute("DELETE FROM audit_entry")


def test_the_database_sets_both_times(django_world: World) -> None:
    user = done(django_world.user())
    made = UserModel.objects.get()
    assert made.created_at == made.updated_at

    UserModel.objects.update(created_at=NOON, updated_at=NOON, registered_at=NOON)

    changed = UserModel.objects.get(id=user.id)
    assert changed.created_at == made.created_at
    assert changed.updated_at > made.updated_at


def test_every_business_table_has_its_times_set(database: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT table_name FROM information_schema.columns
            WHERE column_name = 'updated_at' AND table_schema = 'public' AND table_name NOT IN (
                SELECT event_object_table FROM information_schema.triggers
                WHERE trigger_name LIKE '%_updated_at'
            )
            """
        )
        assert cursor.fetchall() == []


def test_a_row_cannot_refer_to_another_users_account(django_world: World) -> None:
    hers = done(django_world.account())
    his = done(django_world.account("bob@example.org"))
    source = done(django_world.source(his))
    foreign = make_transaction(hers, source, user_id=his.user_id)

    with (
        pytest.raises(IntegrityError, match="ledger_transaction_account_id_owned"),
        transaction.atomic(),
    ):
        done(django_world.transactions.add([foreign]))
        connection.check_constraints()


def test_an_account_cannot_refer_to_another_users_connection(django_world: World) -> None:
    his = done(django_world.user("bob@example.org"))
    connected = done(django_world.connection(done(django_world.user())))

    with (
        pytest.raises(IntegrityError, match="ledger_account_connection_id_owned"),
        transaction.atomic(),
    ):
        done(django_world.accounts.add(make_account(connected, user_id=his.id)))
        connection.check_constraints()


def test_every_owned_table_refers_to_its_owner_by_two_columns(
    database: None,
) -> None:
    """A foreign key from a user's row to a user's row that forgets the user would be a hole."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.conname FROM pg_constraint c
            WHERE c.contype = 'f' AND cardinality(c.conkey) = 1
              AND c.confrelid <> 'identity_user'::regclass
              AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.conrelid
                          AND a.attname = 'user_id')
              AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.confrelid
                          AND a.attname = 'user_id')
            """
        )
        assert cursor.fetchall() == []


def test_an_amount_is_a_number(django_world: World) -> None:
    account = done(django_world.account())
    done(
        django_world.transactions.add(
            [make_transaction(account, done(django_world.source(account)))]
        )
    )

    with (
        pytest.raises(IntegrityError, match="ledger_transaction_amount_number"),
        transaction.atomic(),
    ):
        connection.cursor().execute("UPDATE ledger_transaction SET amount = 'NaN'")


def test_a_transaction_key_is_unique(django_world: World) -> None:
    account = done(django_world.account())
    source = done(django_world.source(account))
    twice = [make_transaction(account, source), make_transaction(account, source)]

    with pytest.raises(IntegrityError, match="ledger_transaction_key"), transaction.atomic():
        done(django_world.transactions.add(twice))

    assert TransactionModel.objects.count() == 0


def test_ids_mean_the_same_to_postgresql(database: None) -> None:
    made = new_id()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT uuid_extract_version(id), extract(epoch FROM uuid_extract_timestamp(id)) * 1000"
            " FROM (VALUES (%s)) AS made (id)",
            [made],
        )
        assert cursor.fetchone() == (7, made.int >> 80)


def test_ids_sort_with_those_of_postgresql(database: None) -> None:
    with connection.cursor() as cursor:
        before = new_id()
        cursor.execute("SELECT pg_sleep(0.003), uuidv7(), pg_sleep(0.003)")
        _, theirs, _ = cursor.fetchone()
        assert before < theirs < new_id()


def test_amounts_have_ten_decimals(django_world: World) -> None:
    account = done(django_world.account())
    row = make_row("-0.1234567891")
    added = make_transaction(account, done(django_world.source(account)), row)
    done(django_world.transactions.add([added]))

    assert done(django_world.transactions.get(added.id, owner=account.user_id)) == Success(added)
    assert AccountModel.objects.count() == 1
