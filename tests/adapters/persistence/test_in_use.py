"""Whether anything was written is known of every database, from before its first migration on."""

from collections.abc import Iterator

import pytest
from asgiref.sync import async_to_sync
from django.db import connections
from pytest_django import DjangoDbBlocker

from adapters.persistence.guard.bootstrap import bootstrap
from adapters.persistence.plain import connect, is_in_use
from dashtam.container import container
from tests.factories import make_entry
from tests.postgres import created_database, url_of


@pytest.fixture
def empty(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    with django_db_blocker.unblock(), created_database("dashtam_empty") as name:
        yield name


def test_a_database_without_an_audit_table_is_not_in_use(empty: str) -> None:
    assert not is_in_use()
    bootstrap(url_of(empty))
    assert not is_in_use()


def test_a_database_without_the_roles_is_not_in_use(empty: str) -> None:
    options = {"assume_role": "nobody_here"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(connections["default"].settings_dict, "OPTIONS", options)

        assert not is_in_use()


def test_a_database_whose_trail_cannot_be_read_may_be_in_use(empty: str) -> None:
    with connect() as connection:
        connection.execute("CREATE TABLE public.audit_entry ()")
        assert is_in_use()
        connection.execute("CREATE SCHEMA guard")
        assert is_in_use()


def test_a_database_with_an_audit_entry_is_in_use(committing_database: str) -> None:
    assert not is_in_use()
    async_to_sync(container.audit_trail.append)(make_entry())
    assert is_in_use()
