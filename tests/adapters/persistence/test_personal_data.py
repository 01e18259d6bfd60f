"""All data of a user, in every table: it is found and deleted completely."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.apps import apps
from django.db import connection, connections
from django.db.models import BinaryField

from adapters.exports.everything import _ENCODER
from adapters.persistence.base import business_tables
from adapters.persistence.personal_data import (
    EXPIRED,
    TABLES,
    DjangoPersonalDataRepository,
    owners_to_purge,
)
from adapters.persistence.roles import Role
from dashtam.application.identity.personal_data import EraseUser, PurgeExpired
from dashtam.application.identity.users import RegisterUser
from dashtam.container import container
from domain.identity.personal_data import PersonalData
from domain.ledger.entities import Account
from domain.shared.ids import ConnectionId, UserId, new_id
from domain.shared.result import Success
from tests.adapters.persistence.roles import acting_as, outcome, rows, value
from tests.contracts.personal_data import Everybody, PersonalDataContract
from tests.contracts.world import World
from tests.factories import NOON
from tests.shared_connection import bound

APPLICATION = Role.APPLICATION
NAMES = [table.name for table in TABLES]
#: Fingerprints and digests only identify rows and files: they open nothing.
NO_SECRETS = {"fingerprint"}
NO_SECRETS |= {f"ledger_{each}.digest" for each in ("file", "import", "preview")}
#: Tables from which rows are deleted in daily work.
DAILY = {
    *("connections_credential", "connections_pending_step"),
    *("connections_schedule", "connections_request_count"),
    *("ledger_import_progress", "ledger_transfer", "ledger_prior_state"),
    *(
        "ledger_csv_profile",
        "ledger_exchange_rates",
        "ledger_preview",
        "ledger_rule",
        "identity_usage",
        "identity_recovery_code",
        "identity_second_factor",
    ),
}
HISTORIES = [name for name in NAMES if name not in DAILY]
#: No policy is on these: whoever syncs does so for all users.
OPERATIONAL = {"connections_schedule", "connections_request_count"}


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


def close(user_id: UserId, *, days_ago: int) -> None:
    """Have the days of grace of a user end so many days ago."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE identity_user SET erase_after = now() - %s * interval '1 day' WHERE id = %s",
            [days_ago, user_id],
        )


def tried(table: str) -> int:
    """Return how many rows a deletion of all removes, and roll it back."""
    with connection.cursor() as cursor:
        cursor.execute("SAVEPOINT attempt")
        cursor.execute(f"DELETE FROM {table}")
        count = int(cursor.rowcount)
        cursor.execute("ROLLBACK TO SAVEPOINT attempt")
    return count


def owner_of(table: str) -> str:
    return next(each.owner for each in TABLES if each.name == table)


def owners() -> dict[str, list[Any]]:
    """Return whose rows are in each table."""
    return {
        table.name: [owner for (owner,) in rows(f"SELECT {table.owner} FROM {table.name}")]
        for table in TABLES
    }


class TestPersonalData(PersonalDataContract):
    @pytest.fixture
    def world(self, django_world: World) -> World:
        return django_world

    @pytest.fixture
    def everybody(self) -> Everybody:
        # Batches of two, so that several are needed.
        small = DjangoPersonalDataRepository(container.database, lambda: container.keyring, batch=2)
        return Everybody(small, datetime.now(UTC))


class TestTables:
    def test_has_every_table_of_a_user(self, database: None) -> None:
        """A new table is neither erased nor exported until it is in the list."""
        with_user = rows(
            "SELECT table_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND column_name IN ('user_id', 'owner')"
            " AND table_name NOT IN ('django_admin_log', 'staff_user_groups',"
            " 'staff_user_user_permissions', 'outbox_turn')"
        )

        assert set(NAMES) == {*business_tables(), *(name for (name,) in with_user)}
        assert len(set(NAMES)) == len(NAMES)

    def test_every_secret_column_is_excluded(self) -> None:
        """Bytes are hidden unless they are known to open nothing."""
        models = {model._meta.db_table: model for model in apps.get_models()}
        for table in TABLES:
            columns = {field.column: field for field in models[table.name]._meta.concrete_fields}
            secret = {
                str(name)
                for name, field in columns.items()
                if isinstance(field, BinaryField)
                and not {name, f"{table.name}.{name}"} & NO_SECRETS
            }
            assert secret == {name for name in table.hidden if name != "password_hash"}, table.name
            assert table.hidden <= set(columns), table.name

    def test_tables_are_in_the_order_of_their_references(self, database: None) -> None:
        """Referencing rows are deleted before the rows they refer to."""
        pointing = rows(
            "SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint"
            " WHERE contype = 'f'"
        )
        ours = [(one, other) for one, other in pointing if {one, other} <= set(NAMES)]

        assert len(ours) > 40
        assert [pair for pair in ours if NAMES.index(pair[0]) > NAMES.index(pair[1])] == []
        assert NAMES[-1] == "identity_user"

    @pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
    def test_rows_are_found_by_an_index(self, two: tuple[Account, Account], table: Any) -> None:
        """Other users' rows are not scanned for one user's."""
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(
                f"EXPLAIN DELETE FROM {table.name} WHERE {table.is_of}", {"owner": two[0].user_id}
            )
            plan = "\n".join(line for (line,) in cursor.fetchall())
        # It contains only unfinished work.
        if table.name != "ledger_import_progress":
            assert "Seq Scan" not in plan, plan


class TestErasing:
    async def test_deletes_all_rows_of_one_user_and_none_of_another(
        self, two: tuple[Account, Account], borrowed: None
    ) -> None:
        ada, eve = two[0].user_id, two[1].user_id
        before = await container.database.run(_as_superuser, owners)
        await container.database.run(_as_superuser, lambda: close(ada, days_ago=1))
        trail = await container.database.run(_as_superuser, _trail)

        erased = await container.use(EraseUser)(user_id=ada)

        assert isinstance(erased, Success)
        assert erased.value == {name: found.count(ada) for name, found in before.items()}
        after = await container.database.run(_as_superuser, owners)
        assert after == {name: [eve] for name in NAMES}
        assert (await container.database.run(_as_superuser, _trail))[: len(trail)] == trail

    async def test_is_refused_by_the_database_before_it_is_due(
        self, two: tuple[Account, Account], borrowed: None
    ) -> None:
        """Even if nothing checked whether the user is due."""
        ada = two[0].user_id

        with pytest.raises(RuntimeError, match="not due"):
            async with container.database.transaction(owner=ada):
                await container.ports.personal_data.erase(ada)

        assert ada in (await container.database.run(_as_superuser, owners))["ledger_transaction"]


@pytest.fixture
def borrowed(two: tuple[Account, Account]) -> Any:
    """Work is done as the application from here on."""
    with bound(container.database, connections["default"]):
        yield


def _as_superuser(arguments: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        (before,) = cursor.fetchone()
        cursor.execute("RESET ROLE")
        try:
            return arguments()
        finally:
            cursor.execute(f"SET ROLE {before}")


def _trail() -> list[tuple[Any, ...]]:
    return rows("SELECT id, action, mac FROM audit_entry ORDER BY id")


class TestPurging:
    async def test_deletes_steps_and_counts_that_are_over(
        self, two: tuple[Account, Account], borrowed: None
    ) -> None:
        """Those of March are; those of today and of another user are not."""
        ada, eve = two
        today = datetime.now(UTC).date()
        schedule, steps = container.ports.sync_schedule, container.ports.pending_steps
        fresh = ConnectionId(new_id())
        await schedule.count_request(fresh, "", today, owner=ada.user_id, most=9)
        assert {ada.user_id, eve.user_id} <= set(
            await container.database.run(_as_superuser, owners_to_purge)
        )

        purged = await container.use(PurgeExpired)(user_id=ada.user_id)

        assert isinstance(purged, Success)
        assert purged.value["connections_pending_step"] == 1
        assert purged.value["connections_request_count"] == 1
        assert await schedule.requests(fresh, today) == Success({"": 1})
        assert await schedule.requests(eve.connection_id, NOON.date()) == Success({"": 1})
        async with container.database.transaction(owner=eve.user_id):
            hers = await steps.get(eve.connection_id, owner=eve.user_id, at=NOON)
        assert isinstance(hers, Success)


class TestRights:
    @pytest.mark.parametrize("table", HISTORIES)
    @pytest.mark.parametrize("days_ago", [None, -1])
    def test_the_history_of_an_open_account_cannot_be_deleted(
        self, two: tuple[Account, Account], table: str, days_ago: int | None
    ) -> None:
        if days_ago:
            close(two[0].user_id, days_ago=days_ago)
        with acting_as(APPLICATION, two[0].user_id):
            deleted = tried(table)

        # Expired rows may be deleted: the examples are from March.
        assert deleted == 0 or table in {name for name, _ in EXPIRED}

    @pytest.mark.parametrize("table", [name for name in NAMES if name not in OPERATIONAL])
    def test_the_history_of_a_due_account_can_be_deleted(
        self, two: tuple[Account, Account], table: str
    ) -> None:
        close(two[0].user_id, days_ago=1)
        with acting_as(APPLICATION, two[0].user_id):
            assert tried(table) == 1

    @pytest.mark.parametrize("table", [name for name in NAMES if name not in OPERATIONAL])
    def test_the_history_of_another_user_cannot_be_deleted(
        self, two: tuple[Account, Account], table: str
    ) -> None:
        close(two[0].user_id, days_ago=1)
        close(two[1].user_id, days_ago=1)
        with acting_as(APPLICATION, two[1].user_id):
            whose = rows(f"SELECT DISTINCT {owner_of(table)} FROM {table}")
            assert tried(table) == 1
        assert whose == [(two[1].user_id,)]

    def test_nobody_can_make_another_user_due(self, two: tuple[Account, Account]) -> None:
        close(two[1].user_id, days_ago=1)
        with acting_as(APPLICATION, two[0].user_id):
            assert value("SELECT count(*) FROM identity_user") == 1
            assert outcome(APPLICATION, "DELETE FROM ledger_transaction") == "done"
            assert value("SELECT count(*) FROM ledger_transaction") == 1

    @pytest.mark.parametrize(
        ("table", "condition"),
        [
            ("identity_session", "least(ended_at, expires_at) < now() - interval '30 days'"),
            ("identity_refresh_token", "expires_at < now()"),
            ("identity_mailed_token", "expires_at < now()"),
        ],
    )
    def test_what_has_not_expired_cannot_be_deleted(
        self, two: tuple[Account, Account], table: str, condition: str
    ) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET expires_at = now() + interval '1 hour'")
        with acting_as(APPLICATION, two[0].user_id):
            assert tried(table) == 0
            past = value(f"SELECT count(*) FROM {table} WHERE {condition}")
        assert past == 0


class TestReading:
    def test_finds_every_row_and_no_byte_of_another_user(
        self, two: tuple[Account, Account], borrowed: None
    ) -> None:
        ada, eve = (async_to_sync(_all_of)(two[index].user_id) for index in range(2))

        for table in TABLES:
            assert len(ada[table.name]) == 1, table.name
            ((row,), (other,)) = ada[table.name], eve[table.name]
            assert row[table.owner] == str(two[0].user_id)
            assert str(two[1].user_id) not in json.dumps(row)
            key = "import_id" if table.name == "ledger_import_progress" else "id"
            assert row[key] != other[key]
            assert not table.hidden & row.keys()
        assert not _ids(ada) & _ids(eve)

    def test_has_every_column_except_secrets(
        self, two: tuple[Account, Account], borrowed: None
    ) -> None:
        ada = async_to_sync(_all_of)(two[0].user_id)

        for table in TABLES:
            columns = rows(
                "SELECT column_name FROM information_schema.columns WHERE table_name = %s",
                table.name,
            )
            assert ada[table.name][0].keys() == {name for (name,) in columns} - table.hidden

    def test_writes_amounts_and_times_exactly(
        self, two: tuple[Account, Account], borrowed: None
    ) -> None:
        (row,) = async_to_sync(_all_of)(two[0].user_id)["ledger_transaction"]

        assert row["amount"] == "-12.5000000000"
        assert datetime.fromisoformat(row["recorded_at"]).utcoffset() == timedelta(0)
        assert isinstance(row["raw"], dict)

    async def test_reveals_only_the_fact_of_staff_access(self, database: None) -> None:
        bob = (await _someone()).id
        staff = "00000000-0000-0000-0000-00000000057a"
        await container.database.run(_note, "staff", staff, str(bob))
        await container.database.run(_note, "user", str(bob), None)
        await container.database.run(_note, "user", staff, staff)

        async with container.ports.unit_of_work(owner=bob):
            trail = (await _all_of(bob))["audit"]

        noted = [entry for entry in trail if entry["action"] == "a.b"]
        assert [(e["actor_kind"], e["actor_id"]) for e in noted] == [
            ("staff", None),
            ("user", str(bob)),
        ]
        assert [(e["ip_address"], e["user_agent"]) for e in noted] == [
            (None, None),
            ("192.0.2.7", "Browser"),
        ]
        assert staff not in json.dumps(trail)


async def _someone() -> Any:
    done = await container.use(RegisterUser)(
        email="bob@example.org", password="a long enough password"
    )
    assert isinstance(done, Success)
    return done.value


def _note(kind: str, actor: str, about: str | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_entry (id, action, actor_kind, actor_id, resource_type, resource_id,"
            " result, occurred_at, trace_id, ip_address, user_agent, details, mac)"
            " VALUES (uuidv7(), 'a.b', %s, %s, 'user', %s, 'success', now(), '', '192.0.2.7',"
            " 'Browser', '{}', sha256('x'))",
            [kind, actor, about],
        )


async def _all_of(owner: UserId) -> dict[str, list[dict[str, Any]]]:
    async with container.database.transaction(owner=owner):
        read = await container.ports.personal_data.read(_in_json, owner=owner)
    assert isinstance(read, Success)
    return read.value


def _in_json(personal_data: PersonalData) -> dict[str, list[dict[str, Any]]]:
    return {
        part.name: [json.loads(_ENCODER.encode(row)) for row in part.rows]
        for part in personal_data.parts
    }


def _ids(parts: dict[str, list[dict[str, Any]]]) -> set[str]:
    """Return all ids that are anywhere in it."""
    return {
        value
        for found in parts.values()
        for row in found
        for name, value in row.items()
        if value and (name == "id" or name.endswith("_id")) and len(str(value)) == 36
    }
