"""How many connections a server process keeps open, and so how many processes fit."""

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings

from adapters.persistence.plain import parameters
from tests.canaries import PASSWORD
from tests.e2e.server import Server, running
from tests.postgres import as_login
from tests.waiting import until

pytestmark = pytest.mark.slow

PROCESSES, MOST_CONNECTIONS = 32, 300
#: Each process listens for events on one connection.
LISTENERS = 1
#: Pages that need a connection beside those of the API.
ELSEWHERE = ("/health/ready", "/metrics", "/admin/login/")
COUNT = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


@pytest.fixture
def server(committing_database: str) -> Iterator[Server]:
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{committing_database}")
    with running(as_login(url.geturl(), "dashtam_app")) as server:
        yield server


def connections() -> int:
    with psycopg.connect(**parameters()) as observer:
        found = observer.execute(COUNT).fetchone()
        assert found
        return int(found[0])


def test_only_the_api_and_the_relay_keep_connections(server: Server) -> None:
    server.enter({"email": "ada@example.org", "password": PASSWORD})
    kept = connections()
    assert LISTENERS < kept <= settings.DB_POOL_SIZE + LISTENERS

    for path in ELSEWHERE:
        assert server.download(path)

    until(lambda: connections() <= kept)


def test_many_processes_fit_on_one_server() -> None:
    assert PROCESSES * (settings.DB_POOL_SIZE + LISTENERS) <= MOST_CONNECTIONS
