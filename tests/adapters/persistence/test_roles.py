"""Each role can do its work in the database, and nothing else."""

import psycopg
import pytest
from asgiref.sync import async_to_sync

from adapters.persistence.plain import parameters
from adapters.persistence.roles import Role, database_problems
from tests.adapters.persistence.roles import REFUSED, acting_as, business_tables, outcome, value
from tests.contracts.world import World
from tests.factories import make_entry

APPLICATION, OWNER, STAFF = Role.APPLICATION, Role.OWNER, Role.STAFF
SEALER, AUDITOR, OPERATOR = Role.SEALER, Role.AUDITOR, Role.OPERATOR
SUPERUSER = "postgres"
ROLES = (APPLICATION, STAFF, SEALER, AUDITOR, OPERATOR, OWNER, SUPERUSER)

ENTRY = """
INSERT INTO audit_entry (id, action, actor_kind, resource_type, result, occurred_at, trace_id,
    user_agent, details, mac)
VALUES (uuidv7(), 'a.b', 'system', 'user', 'success', now(), '', '', '{}', sha256('x'))
"""
CHECKPOINT = """
INSERT INTO audit_checkpoint VALUES
    (1, 0, 1, 0, 0, sha256('x'), sha256('y'), now(), 'k', sha512('z'), '', '', '')
"""
THIS_YEAR = "audit_entry_{year}"

# Who may do what. Other roles are refused with an error: nothing fails silently.
OPERATIONS = {
    "SELECT FROM audit_entry": {APPLICATION, STAFF, SEALER, AUDITOR, OWNER, SUPERUSER},
    ENTRY: {APPLICATION, STAFF, OPERATOR, OWNER, SUPERUSER},
    ENTRY.replace("(id,", "(txid, id,").replace("VALUES (", "VALUES (7, "): {OWNER, SUPERUSER},
    ENTRY.replace("(id,", "(created_at, id,").replace("VALUES (", "VALUES (now(), "): set(),
    "UPDATE audit_entry SET action = 'x'": set(),
    "UPDATE audit_entry SET action = 'x' WHERE false": set(),
    "DELETE FROM audit_entry": set(),
    "DELETE FROM audit_entry WHERE false": set(),
    "TRUNCATE audit_entry": set(),
    f"SELECT FROM {THIS_YEAR}": {OWNER, SUPERUSER},
    ENTRY.replace("audit_entry", THIS_YEAR): {OWNER, SUPERUSER},
    f"UPDATE {THIS_YEAR} SET action = 'x'": set(),
    f"DELETE FROM {THIS_YEAR} WHERE false": set(),
    f"TRUNCATE {THIS_YEAR}": set(),
    "SELECT FROM audit_checkpoint": {STAFF, SEALER, AUDITOR, OWNER, SUPERUSER},
    CHECKPOINT: {SEALER, OWNER, SUPERUSER},
    "UPDATE audit_checkpoint SET total = 7": set(),
    "DELETE FROM audit_checkpoint": set(),
    "TRUNCATE audit_checkpoint": set(),
    "ALTER TABLE audit_entry DISABLE TRIGGER refuse_row": set(),
    "ALTER TABLE audit_entry DISABLE TRIGGER ALL": set(),
    "ALTER TABLE audit_checkpoint ENABLE TRIGGER refuse_statement": set(),
    "DROP TRIGGER refuse_row ON audit_entry": set(),
    f"DROP TRIGGER refuse_statement ON {THIS_YEAR}": set(),
    f"ALTER TABLE audit_entry DETACH PARTITION {THIS_YEAR}": set(),
    f"DROP TABLE {THIS_YEAR}": set(),
    "DROP TABLE audit_entry": set(),
    "DROP TABLE audit_checkpoint CASCADE": set(),
    # What a superuser does is found by audit verify.
    "DROP SCHEMA guard CASCADE": {SUPERUSER},
    "DROP SCHEMA public CASCADE": set(),
    "ALTER TABLE audit_entry RENAME TO elsewhere": set(),
    "ALTER TABLE audit_entry SET SCHEMA guard": set(),
    "ALTER TABLE audit_entry DROP COLUMN mac": set(),
    "CREATE RULE quiet AS ON DELETE TO audit_entry DO INSTEAD NOTHING": set(),
    "ALTER TABLE audit_entry FORCE ROW LEVEL SECURITY": set(),
    "ALTER TABLE audit_checkpoint ENABLE ROW LEVEL SECURITY": set(),
    "CREATE TRIGGER swallow BEFORE INSERT ON audit_entry"
    " FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()": set(),
    "CREATE OR REPLACE FUNCTION guard.refuse_change() RETURNS trigger LANGUAGE plpgsql"
    " AS 'BEGIN RETURN NULL; END'": {SUPERUSER},
    "DROP FUNCTION guard.require_audit_entry() CASCADE": set(),
    "UPDATE guard.state SET armed = false": {SUPERUSER},
    "UPDATE guard.audit_year SET retired_at = now()": {SUPERUSER},
    "SELECT guard.add_audit_year(2199)": {OWNER, SEALER, SUPERUSER},
    "SELECT guard.adopt_restored_trail()": {SUPERUSER},
    "ALTER EVENT TRIGGER guard_ddl DISABLE": {SUPERUSER},
    "SELECT password_hash FROM identity_user": {APPLICATION, STAFF, OWNER, SUPERUSER},
    "SELECT id, xmin FROM identity_user": {APPLICATION, STAFF, AUDITOR, OWNER, SUPERUSER},
    "UPDATE identity_session SET ended_at = now()": {APPLICATION, OWNER, SUPERUSER},
    "UPDATE identity_session SET user_id = uuidv7()": {OWNER, SUPERUSER},
    # Of the application, a policy leaves no more than rows of who is to be erased: see
    # test_personal_data.py.
    "DELETE FROM identity_user": {APPLICATION, OWNER, SUPERUSER},
    "DELETE FROM identity_api_token": {APPLICATION, OWNER, SUPERUSER},
    "DELETE FROM connections_credential": {APPLICATION, OWNER, SUPERUSER},
    "DELETE FROM ledger_transaction": {APPLICATION, OWNER, SUPERUSER},
    "UPDATE ledger_transaction SET amount = 0": {APPLICATION, OWNER, SUPERUSER},
    "UPDATE ledger_transaction SET recorded_at = now()": {OWNER, SUPERUSER},
    "UPDATE ledger_transaction SET version = 1": {OWNER, SUPERUSER},
    "UPDATE ledger_transaction_version SET amount = 0": {OWNER, SUPERUSER},
    "DELETE FROM ledger_transaction_version": {APPLICATION, OWNER, SUPERUSER},
    "DROP POLICY ledger_transaction_due ON ledger_transaction": {OWNER, SUPERUSER},
    "TRUNCATE ledger_transaction_version": set(),
    "UPDATE ledger_file SET digest = '\\x00'": {OWNER, SUPERUSER},
    "UPDATE ledger_import SET digest = 'x'": {OWNER, SUPERUSER},
    "UPDATE ledger_statement SET reconciliation = 'balanced'": {OWNER, SUPERUSER},
    "UPDATE ledger_transaction SET feed_position = 0": {OWNER, SUPERUSER},
    "TRUNCATE ledger_transaction": set(),
    "DELETE FROM django_session": {STAFF, OWNER, SUPERUSER},
    "SELECT FROM staff_user": {STAFF, AUDITOR, OPERATOR, OWNER, SUPERUSER},
    "SELECT id, role FROM staff_user": {STAFF, AUDITOR, OPERATOR, OWNER, SUPERUSER},
    "SELECT password FROM staff_user": {STAFF, OPERATOR, OWNER, SUPERUSER},
    "INSERT INTO staff_user (id, username, role, password, is_active, added_at)"
    " VALUES (uuidv7(), 'x', 'support', 'x', true, now())": {OPERATOR, OWNER, SUPERUSER},
    "UPDATE staff_user SET is_active = true": {OPERATOR, OWNER, SUPERUSER},
    "UPDATE staff_user SET password = 'x'": {STAFF, OPERATOR, OWNER, SUPERUSER},
    "UPDATE staff_user SET role = 'administrator'": {OWNER, SUPERUSER},
    "DELETE FROM staff_user": {OWNER, SUPERUSER},
    "SELECT FROM staff_second_factor": {STAFF, AUDITOR, OPERATOR, OWNER, SUPERUSER},
    "SELECT sealed FROM staff_second_factor": {STAFF, OWNER, SUPERUSER},
    "UPDATE staff_second_factor SET last_step = 1": {STAFF, OWNER, SUPERUSER},
    "UPDATE staff_second_factor SET staff_id = uuidv7()": {OWNER, SUPERUSER},
    "DELETE FROM staff_second_factor": {STAFF, OPERATOR, OWNER, SUPERUSER},
    "SELECT FROM guard.asked": {SUPERUSER},
    "DELETE FROM guard.asked": {SUPERUSER},
    "INSERT INTO guard.asked VALUES (pg_current_xact_id(), '')": {SUPERUSER},
    "SELECT FROM guard.deletion": {AUDITOR, SUPERUSER},
    "DELETE FROM guard.deletion": {SUPERUSER},
    "SELECT guard.cast_net('ledger_account')": {OWNER, SUPERUSER},
    "SELECT lo_create(0)": {SUPERUSER},
    "SELECT lo_from_bytea(0, '')": {SUPERUSER},
    "TRUNCATE staff_user CASCADE": set(),
    "TRUNCATE staff_second_factor": set(),
    "INSERT INTO auth_group (name) VALUES ('x')": {OWNER, SUPERUSER},
    "DELETE FROM django_admin_log": {OWNER, SUPERUSER},
    "SELECT FROM outbox_event": {APPLICATION, STAFF, OWNER, SUPERUSER},
    "DELETE FROM outbox_event": {APPLICATION, OWNER, SUPERUSER},
    "CREATE TABLE mine (id int)": {OWNER, SUPERUSER},
    "CREATE TEMP TABLE mine (id int)": {OWNER, SUPERUSER},
    "CREATE ROLE mine": {SUPERUSER},
}


@pytest.fixture
def year(django_world: World) -> int:
    """The trail has one entry."""
    async_to_sync(_append)(django_world)
    return int(value("SELECT extract(year FROM now())::int"))


async def _append(world: World) -> None:
    await world.audit_trail.append(make_entry())


@pytest.mark.parametrize("statement", OPERATIONS)
def test_each_role_has_exactly_its_rights(year: int, statement: str) -> None:
    statements = statement.replace("{year}", str(year))

    outcomes = {role: outcome(role, statements) for role in ROLES}

    assert {role for role, came in outcomes.items() if came == "done"} == OPERATIONS[statement]


def test_refusals_are_for_lack_of_privilege(year: int) -> None:
    for statement in ("UPDATE audit_entry SET action = 'x'", "DROP TABLE audit_checkpoint"):
        assert {outcome(role, statement) for role in ROLES} == {REFUSED}


def test_only_the_application_can_become_staff(database: None) -> None:
    assert value("SELECT pg_has_role('dashtam_app', 'dashtam_staff', 'SET')")
    for role in set(Role) - {STAFF, APPLICATION}:
        assert not value("SELECT pg_has_role('dashtam_app', %s, 'MEMBER')", role)
    # Being allowed to become staff is not yet to be staff.
    assert not value("SELECT pg_has_role('dashtam_app', 'dashtam_staff', 'USAGE')")


def test_no_role_bypasses_the_rules(database: None) -> None:
    above = value(
        "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'dashtam\\_%%'"
        " AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)"
    )
    assert above == 0


def test_the_application_has_timeouts(database: None) -> None:
    settings = value("SELECT rolconfig FROM pg_roles WHERE rolname = 'dashtam_app'")

    assert sorted(settings) == [
        "idle_in_transaction_session_timeout=30s",
        "lock_timeout=5s",
        "statement_timeout=15s",
        "transaction_timeout=30s",
    ]


def test_the_application_has_rights_on_every_business_table(database: None) -> None:
    tables = [model._meta.db_table for model in business_tables()]

    assert len(tables) >= 8
    for table in tables:
        assert outcome(APPLICATION, f"SELECT FROM {table}") == "done"
        assert outcome(SEALER, f"SELECT FROM {table}") == REFUSED
        assert outcome(AUDITOR, f"SELECT * FROM {table}") == REFUSED
        assert outcome(STAFF, f"DELETE FROM {table}") == REFUSED


def test_superusers_and_owners_are_distinguished(committing_database: str) -> None:
    with psycopg.connect(**parameters()) as login:
        assert database_problems(login) == [
            "The login of DATABASE_URL is a superuser, or above row-level security:"
            " use dashtam_app.",
            "The login of DATABASE_URL owns the tables: use dashtam_app.",
        ]
        login.execute("SET SESSION AUTHORIZATION dashtam_owner")
        assert database_problems(login) == [
            "The login of DATABASE_URL owns the tables: use dashtam_app."
        ]
        login.execute("SET SESSION AUTHORIZATION dashtam_app")
        assert database_problems(login) == []


def test_the_rights_of_a_role_end_with_its_transaction(database: None) -> None:
    with acting_as(APPLICATION):
        assert value("SELECT current_user") == "dashtam_app"
    assert value("SELECT current_user") == SUPERUSER
