"""Requests through the whole stack, in process, on PostgreSQL."""

from collections.abc import Iterator

import pytest

from dashtam.container import container
from tests.api.client import Api
from tests.postgres import pointing_django_at


@pytest.fixture
def api(database: None) -> Api:
    """A client whom nobody knows yet."""
    return Api(delivers=True)


@pytest.fixture
def outage(committing_database: str) -> Iterator[None]:
    """From here on connections lead nowhere."""
    container.database.close()
    with pointing_django_at("no_such_database"):
        yield
        container.database.close()
