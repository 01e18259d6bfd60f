"""What all tests share: a PostgreSQL, a migrated database, and async tests without a plugin."""

import asyncio
import gc
import inspect
import tempfile
from collections.abc import Generator, Iterator, Set
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import connections, transaction
from pytest_django import DjangoDbBlocker

from adapters.persistence.database.worker import Call, Worker
from adapters.security.passwords import LowMemoryArgon2
from dashtam.container import container
from domain.audit.origin import Origin, origin
from tests import canaries
from tests.contracts.world import World
from tests.lanes import LONG, SEED, processes
from tests.owner_transactions import called_by_owners
from tests.postgres import (
    MIGRATED,
    borrowed,
    cloned_database,
    migrated_database,
    postgres,
    server_log,
)
from tests.unaudited import open_net

# Before anything needs a key: the tests write nothing into the developer's directory.
_data = tempfile.TemporaryDirectory(prefix="dashtam-tests-data-")
settings.DATA_DIR = Path(_data.name)

canaries.install()

# The cost of a password is for attackers. Tests pay it only where they are about it: `real_argon2`.
REAL_COST = {name: getattr(LowMemoryArgon2, name) for name in ("time_cost", "memory_cost")}
CHEAP_COST = {"time_cost": 1, "memory_cost": 64}
for _name, _cost in CHEAP_COST.items():
    setattr(LowMemoryArgon2, _name, _cost)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--quick", action="store_true", help="leave out the slow lane")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("quick"):
        hypothesis.settings.load_profile("quick")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the slow lane out of a quick run; in a whole one it comes first, so that none waits."""
    slow = [item for item in items if item.get_closest_marker("slow")]
    quick = [item for item in items if not item.get_closest_marker("slow")]
    if config.getoption("quick"):
        config.hook.pytest_deselected(items=slow)
        slow = []
    items[:] = slow + quick


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Have the garbage collector leave alone what was collected: it stays until the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Have a test that starts a process fail unless it is in the slow lane."""
    allowed = item.get_closest_marker("slow") is not None
    with processes.allowing() if allowed else processes.refusing(item.nodeid):
        done = yield
    # Otherwise pytest would store the log of every test until the last one is over.
    item._report_sections.clear()
    return done


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the log of failed tests only: sending and storing all of it needs memory."""
    report = yield
    if report.passed:
        report.sections.clear()
    return report


def pytest_report_header() -> str:
    return f"faults: {'long' if LONG else 'short'}, seed {SEED}"


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name bytes by their length: compressed ones vary, and workers must agree on names."""
    return f"{argname}-{len(val)}" if isinstance(val, bytes) else None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Refuse a set of cases: its order changes from process to process, and workers must agree."""
    for mark in metafunc.definition.iter_markers("parametrize"):
        if any(isinstance(cases, Set) for cases in mark.args[1:]):
            raise pytest.UsageError(f"{metafunc.definition.nodeid}: give the cases an order")


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run `async def` tests as Django does: on the thread with the test's transaction."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    wanted = pyfuncitem._fixtureinfo.argnames
    async_to_sync(pyfuncitem.obj)(**{name: pyfuncitem.funcargs[name] for name in wanted})
    return True


@pytest.fixture(autouse=True)
def _work_of_nobody() -> None:
    """Each test begins without a user, whatever the one before did."""
    origin.set(Origin())


@pytest.fixture
def real_argon2(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords at the cost of production."""
    for name, cost in REAL_COST.items():
        monkeypatch.setattr(LowMemoryArgon2, name, cost)


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> Iterator[None]:
    """Start PostgreSQL when the first test needs it, and stop it after the last."""
    server = ExitStack()
    with processes.allowing():
        server.enter_context(postgres())
    yield
    with processes.allowing():
        server.close()


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """Migrate the test database, also for tests that only copy it."""
    with django_db_blocker.unblock(), migrated_database():
        yield


@pytest.fixture
def call_cancelled(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Set once database work is cancelled because its client has disconnected."""
    event, cancel = asyncio.Event(), Worker.cancel

    def watched(worker: Worker, call: Call[Any]) -> None:
        cancel(worker, call)
        event.set()

    monkeypatch.setattr(Worker, "cancel", watched)
    return event


@pytest.fixture(autouse=True)
def no_canary_leaks() -> Iterator[None]:
    """No test leaks a secret: see `tests.canaries`."""
    canaries.watch.begin()
    canaries.listen_closely()
    server_log.new()
    yield
    canaries.watch.hear("PostgreSQL's own log", server_log.new())
    assert canaries.watch.leaks() == []


@pytest.fixture
def database(db: None) -> Iterator[None]:
    """The migrated database, for one test: whatever it does is rolled back.

    What goes through `Database` has the rights of the application; the test itself is above them.
    """
    _do_without_entries()
    with borrowed(connections["default"]):
        yield
    canaries.hear_rows(connections["default"])


@pytest.fixture
def database_without_policies(db: None) -> Iterator[None]:
    """The same, with nothing between tests and repositories."""
    _do_without_entries()
    with borrowed(connections["default"], policies=False):
        yield
    canaries.hear_rows(connections["default"])


def _do_without_entries() -> None:
    # Examples are put in by hand, and all of it is rolled back.
    with connections["default"].cursor() as cursor:
        open_net(cursor)


@pytest.fixture
def committing_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A copy of the migrated database, for a test that must commit for real."""
    with django_db_blocker.unblock(), cloned_database("dashtam_committing", MIGRATED) as name:
        yield name
        canaries.hear_committed_rows(connections["default"])
        container.close()


@pytest.fixture
def django_world(database_without_policies: None) -> World:
    """All ports on PostgreSQL."""
    return World.over(container.ports)


@pytest.fixture
def owners_world(database: None) -> World:
    """The same, called as the application calls them: with its rights and policies."""
    return called_by_owners(World.over(container.ports))


@pytest.fixture(scope="class")
def class_world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """All ports, in a transaction of the whole class: each test of it has a savepoint."""
    with django_db_blocker.unblock(), transaction.atomic():
        _do_without_entries()
        with borrowed(connections["default"], policies=False):
            yield World.over(container.ports)
        transaction.set_rollback(True)
