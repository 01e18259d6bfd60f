"""Requests through the whole stack, in process, on PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connections

from dashtam.container import container
from tests.api.client import Api
from tests.postgres import pointing_django_at
from tests.removed_filters import remove_owner_filters


@pytest.fixture
def api(database: None) -> Api:
    """An unauthenticated client."""
    return Api(delivers=True)


@pytest.fixture(params=["both locks", "repositories alone", "policies alone"])
def locked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """One of the two locks is enough."""
    policies = request.param != "repositories alone"
    request.getfixturevalue("database" if policies else "database_without_policies")
    if request.param == "policies alone":
        remove_owner_filters(monkeypatch)
    return str(request.param)


Executed = list[tuple[str, Any]]


@contextmanager
def noting(note: Callable[[str, Any], None]) -> Iterator[None]:
    """Note statements of SQL and their parameters, as the database gets them."""

    def wrap(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        note(sql, params)
        return execute(sql, params, many, context)

    with connections["default"].execute_wrapper(wrap):
        yield


@pytest.fixture
def executed(database: None) -> Iterator[Executed]:
    """Statements of SQL and their parameters."""
    recorded: Executed = []
    with noting(lambda sql, params: recorded.append((sql, params))):
        yield recorded


@pytest.fixture
def queries(database: None) -> Iterator[list[str]]:
    """Statements of SQL."""
    recorded: list[str] = []
    with noting(lambda sql, params: recorded.append(sql)):
        yield recorded


@pytest.fixture
def outage(committing_database: str) -> Iterator[None]:
    """From here on connections lead nowhere."""
    container.close()
    with pointing_django_at("no_such_database"):
        yield
        container.close()
