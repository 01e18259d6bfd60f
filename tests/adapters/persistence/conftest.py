"""A scratch database for tests below our own tables."""

from collections.abc import Iterator

import psycopg
import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker

from adapters.persistence.database import Database
from tests.adapters.persistence import one_partition
from tests.adapters.persistence.scratch import Note, Scratch, wait_until
from tests.postgres import created_database


@pytest.fixture(scope="module")
def scratch_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Point Django at a database that has only the scratch table."""
    with django_db_blocker.unblock(), created_database("dashtam_scratch"):
        with connections["default"].schema_editor() as editor:
            editor.create_model(Note)
        connections["default"].close()
        yield


@pytest.fixture
def scratch(scratch_database: None) -> Iterator[Scratch]:
    """The scratch table, empty; whatever the test did, nothing may be left open after it."""
    parameters = connections["default"].get_connection_params()
    database = Database(size=20, timeout=120.0)
    with psycopg.connect(**parameters, autocommit=True) as beside:
        beside.execute("TRUNCATE scratch_note RESTART IDENTITY")
        scratch = Scratch(database, beside)
        yield scratch
        wait_until(scratch.is_whole)
        database.close()
        connections["default"].close()
        wait_until(lambda: scratch.backends() == 0)


@pytest.fixture(scope="session")
def schema_in_parts(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[one_partition.Planner]:
    """Have what the application sends planned over tables in parts."""
    with django_db_blocker.unblock(), one_partition.planner() as planner:
        yield planner


@pytest.fixture(autouse=True)
def each_statement_names_its_owner(schema_in_parts: one_partition.Planner) -> Iterator[None]:
    """No test sends a statement that looks into several users' parts: see `one_partition`."""
    schema_in_parts.is_listening = True
    yield
    schema_in_parts.is_listening = False
    assert schema_in_parts.faults() == []
