"""The second line of defence: policies hold even if a repository does not."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import IntegrityError, NotSupportedError, connection, connections, transaction

from adapters.persistence.ledger.models import TransactionModel
from adapters.persistence.roles import Role
from dashtam.application.identity.users import RegisterUser
from dashtam.container import container
from domain.identity.values import Email
from domain.ledger.entities import Account
from domain.shared.result import Success
from tests.adapters.persistence.one_partition import Planner
from tests.adapters.persistence.roles import acting_as, business_tables, outcome, rows, value
from tests.contracts.world import World
from tests.factories import (
    make_account,
    make_connection,
    make_session,
)
from tests.removed_filters import remove_owner_filters
from tests.shared_connection import bound

APPLICATION = Role.APPLICATION
TABLES = [model._meta.db_table for model in business_tables()]


@pytest.fixture(scope="class")
def filled(class_world: World) -> tuple[Account, Account]:
    return async_to_sync(_fill)(class_world)


@pytest.fixture
def two(
    filled: tuple[Account, Account], database_without_policies: None
) -> tuple[Account, Account]:
    """Two users, each with a row in every table: created once per class, and never changed."""
    return filled


async def _fill(world: World) -> tuple[Account, Account]:
    accounts = []
    for email in ("ada@example.org", "eve@example.org"):
        account = await world.account(email)
        await world.fill(account)
        accounts.append(account)
    return accounts[0], accounts[1]


def owner_column(table: str) -> str:
    return "id" if table == "identity_user" else "user_id"


@pytest.mark.parametrize("table", TABLES)
class TestEveryTable:
    def test_shows_an_owner_their_rows(self, two: tuple[Account, Account], table: str) -> None:
        for account in two:
            with acting_as(APPLICATION, account.user_id):
                owners = rows(f"SELECT {owner_column(table)} FROM {table}")
            assert owners == [(account.user_id,)]

    def test_shows_nothing_without_a_user(self, two: tuple[Account, Account], table: str) -> None:
        with acting_as(APPLICATION):
            assert rows(f"SELECT * FROM {table}") == []

    def test_shows_staff_all_rows(self, two: tuple[Account, Account], table: str) -> None:
        with acting_as(Role.STAFF):
            assert len(rows(f"SELECT id FROM {table}")) == 2

    def test_binds_its_owner_too(self, two: tuple[Account, Account], table: str) -> None:
        # Policies that do not FORCE leave the owner of a table out.
        with acting_as(Role.OWNER, two[0].user_id):
            assert rows(f"SELECT * FROM {table}") == []

    def test_refuses_a_row_of_another_user(self, two: tuple[Account, Account], table: str) -> None:
        columns = ", ".join(
            name
            for (name,) in rows(
                "SELECT column_name FROM information_schema.columns"
                " WHERE table_name = %s AND column_name <> 'id'",
                table,
            )
        )
        with connection.cursor() as cursor:
            cursor.execute(
                f"CREATE TEMP TABLE copied ON COMMIT DROP AS"
                f" SELECT * FROM {table} WHERE {owner_column(table)} = %s",
                [two[1].user_id],
            )
            cursor.execute("GRANT SELECT ON copied TO dashtam_app")
        statement = f"INSERT INTO {table} (id, {columns}) SELECT uuidv7(), {columns} FROM copied"
        with acting_as(APPLICATION, two[0].user_id):
            assert outcome(APPLICATION, statement) == "InsufficientPrivilege"

    def test_evaluates_the_user_once_per_statement(
        self, two: tuple[Account, Account], table: str
    ) -> None:
        with acting_as(APPLICATION, two[0].user_id):
            plan = "\n".join(line for (line,) in rows(f"EXPLAIN SELECT * FROM {table}"))
        # Without the sub-select, the setting would be read for each row.
        assert "InitPlan" in plan or "SubPlan" in plan
        assert "current_setting" not in plan.split("InitPlan")[0].split("SubPlan")[0]


def test_every_table_of_a_user_has_policies(database: None) -> None:
    found = rows(
        "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity ORDER BY relname"
    )
    of_users = rows(
        "SELECT DISTINCT table_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND column_name = 'user_id'"
        # Where it is staff's.
        " AND table_name NOT IN ('django_admin_log')"
    )
    guarded = {*TABLES, "identity_usage", "ledger_import_progress"}
    assert {name for (name,) in found} == guarded
    assert {name for (name,) in of_users} <= guarded


class TestTheUnitOfWork:
    async def test_shows_only_the_rows_of_its_owner(self, database: None) -> None:
        ada, eve = await _enter("ada@example.org"), await _enter("eve@example.org")

        for user_id, other in ((ada, eve), (eve, ada)):
            async with container.ports.unit_of_work(owner=user_id):
                assert await _visible_rows() == 1
                async with container.ports.unit_of_work(owner=other):
                    assert await _visible_rows() == 1
                    assert isinstance(await container.ports.users.get(other), Success)
                assert isinstance(await container.ports.users.get(user_id), Success)
                async with container.ports.unit_of_work():
                    assert isinstance(await container.ports.users.get(user_id), Success)

    async def test_shows_nothing_without_an_owner(self, database: None) -> None:
        await _enter("ada@example.org")

        async with container.ports.unit_of_work():
            assert await _visible_rows() == 0

    async def test_leaves_nothing_on_its_connection(self, committing_database: str) -> None:
        ada = await _enter("ada@example.org")
        for _ in range(40):
            async with container.database.transaction(owner=ada):
                assert await _visible_rows() == 1
            async with container.database.transaction():
                assert await _visible_rows() == 0
            assert await _visible_rows() == 0

    async def test_a_session_wide_setting_would_leak_to_the_next_user(
        self, committing_database: str
    ) -> None:
        # The trap that LOCAL avoids: this test knows that the one above can fail.
        ada = await _enter("ada@example.org")
        # Otherwise the notification to the relay may still hold the connection.
        await container.publisher.drain()
        await container.database.run(value, "SELECT set_config('app.user_id', %s, false)", str(ada))

        assert await _visible_rows() == 1


async def _enter(email: str) -> Any:
    registered = await container.use(RegisterUser)(email=email, password="a long enough password")
    assert isinstance(registered, Success)
    return registered.value.id


async def _visible_rows() -> int:
    return int(await container.database.run(value, "SELECT count(*) FROM identity_user"))


class TestAuthentication:
    """Users are found by email address and sessions by token, before the user is known."""

    def test_an_email_address_shows_only_its_user(self, two: tuple[Account, Account]) -> None:
        with acting_as(APPLICATION):
            found = rows("SELECT id FROM identity_user_by_email(%s)", "ada@example.org")
            assert found == [(two[0].user_id,)]
            assert rows("SELECT * FROM identity_user") == []
            assert rows("SELECT * FROM identity_user_by_email(%s)", "%") == []
            assert rows("SELECT * FROM identity_user_by_email(%s)", "") == []

    def test_a_token_shows_only_its_session(self, two: tuple[Account, Account]) -> None:
        owner = two[1].user_id
        digest = make_session(owner, sha256(owner.bytes).digest()).token_digest
        with acting_as(APPLICATION):
            found = rows("SELECT user_id FROM identity_session_by_token(%s)", digest)
            assert found == [(two[1].user_id,)]
            assert rows("SELECT * FROM identity_session") == []
            assert rows("SELECT * FROM identity_session_by_token(%s)", bytes(32)) == []

    async def test_a_duplicate_email_address_is_refused_without_being_visible(
        self, database: None
    ) -> None:
        await _enter("bob@example.org")

        repeated = await container.use(RegisterUser)(
            email="bob@example.org", password="correct horse battery"
        )

        assert not isinstance(repeated, Success)
        assert repeated.error.code == "email-taken"
        assert isinstance(
            await container.ports.users.get_by_email(Email("bob@example.org")), Success
        )


class TestForeignKeys:
    def test_ignore_policies_so_they_include_the_owner(self, two: tuple[Account, Account]) -> None:
        """An invisible row would still satisfy a plain foreign key."""
        ada, eve = two
        pointing = pytest.raises(IntegrityError, match="owned")
        with acting_as(APPLICATION, ada.user_id), pointing, transaction.atomic():
            _alias(user_id=ada.user_id, account_id=eve.id)
            connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")


def _alias(**columns: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_account_alias (id, user_id, account_id, institution, number,"
            " currency) VALUES (uuidv7(), %s, %s, 'x', 'y', 'EUR')",
            [columns["user_id"], columns["account_id"]],
        )


class TestWithoutTheOwnerFilter:
    """Policies hold without the owner filter of the repositories."""

    @pytest.fixture
    def behind_policies(self, two: tuple[Account, Account]) -> Iterator[None]:
        with bound(container.database, connections["default"]):
            yield

    @pytest.fixture(autouse=True)
    def no_statement_names_its_owner(self, schema_in_parts: Planner) -> Iterator[None]:
        """That is the point here: they are forgiven."""
        yield
        schema_in_parts.faults()

    async def test_another_user_finds_nothing(
        self,
        two: tuple[Account, Account],
        behind_policies: None,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        ada, eve = two
        remove_owner_filters(monkeypatch)

        async with container.database.transaction(owner=eve.user_id):
            found = await container.ports.accounts.get(ada.id, owner=eve.user_id)
            everything = await container.database.run(_owners)

        assert not isinstance(found, Success)
        assert everything == {eve.user_id}

    async def test_the_filter_was_really_removed(
        self, two: tuple[Account, Account], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ada, eve = two
        remove_owner_filters(monkeypatch)

        # Without policies, a repository without its filter returns rows of other users.
        assert isinstance(await container.ports.accounts.get(ada.id, owner=eve.user_id), Success)


def _owners() -> set[object]:
    return set(TransactionModel.objects.values_list("user_id", flat=True))


class TestBulk:
    async def test_many_rows_are_inserted_under_the_policies(self, database: None) -> None:
        bob = await _enter("bob@example.org")
        async with container.database.transaction(owner=bob):
            account = await _account_of(bob)
            assert isinstance(await container.ports.accounts.add(account), Success)

    def test_copy_is_refused_for_tables_with_policies(self, two: tuple[Account, Account]) -> None:
        copying = pytest.raises(NotSupportedError)
        with acting_as(APPLICATION, two[0].user_id), copying, transaction.atomic():
            _copy_in()


def _copy_in() -> None:
    with connection.wrap_database_errors, connection.cursor() as cursor:
        cursor.copy("COPY ledger_balance FROM STDIN").__enter__()


async def _account_of(user_id: Any) -> Account:
    made = make_connection(user_id)
    assert isinstance(await container.ports.connections.add(made), Success)
    return make_account(made)
