"""Requests through the whole stack, in process, on PostgreSQL."""

import pytest

from tests.api.client import Api


@pytest.fixture
def api(database: None) -> Api:
    """A client whom nobody knows yet."""
    return Api(delivers=True)
