"""What all tests share: a PostgreSQL, a migrated database, and async tests without a plugin."""

import inspect
from collections.abc import Iterator

import pytest
from asgiref.sync import async_to_sync
from django.db import connections
from django.test.utils import setup_databases, teardown_databases
from pytest_django import DjangoDbBlocker

from dashtam.container import container
from tests.contracts.world import World
from tests.postgres import cloned_database, postgres


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run `async def` tests as Django does: on the thread that holds the test's transaction."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    wanted = pyfuncitem._fixtureinfo.argnames
    async_to_sync(pyfuncitem.obj)(**{name: pyfuncitem.funcargs[name] for name in wanted})
    return True


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> Iterator[None]:
    """Start PostgreSQL when the first test needs it, and stop it after the last."""
    with postgres():
        yield


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """Migrate the test database, also for tests that only copy it."""
    with django_db_blocker.unblock():
        databases = setup_databases(verbosity=0, interactive=False)
        yield
        teardown_databases(databases, verbosity=0)


@pytest.fixture
def database(db: None) -> Iterator[None]:
    """The migrated database, for one test: whatever it does is rolled back."""
    with container.database.borrowing(connections["default"]):
        yield


@pytest.fixture
def committing_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A copy of the migrated database, for a test that must commit for real."""
    with django_db_blocker.unblock(), cloned_database("dashtam_committing") as name:
        yield name
        container.database.close()


@pytest.fixture
def django_world(database: None) -> World:
    """All repositories on PostgreSQL."""
    return World(
        users=container.users,
        sessions=container.sessions,
        connections=container.connections,
        accounts=container.accounts,
        transactions=container.transactions,
        balances=container.balances,
        imports=container.imports,
        audit_trail=container.audit_trail,
    )
