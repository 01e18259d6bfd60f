"""Migrations go forth and back, and say all that the models say."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import Error, connection

from adapters.persistence.roles import Role
from tests.postgres import speaking_as

pytestmark = pytest.mark.slow

UNDONE = ["limits", "staff", "outbox", "ledger", "connections", "identity"]


def _tables() -> set[str]:
    return set(connection.introspection.table_names())


def test_models_and_migrations_agree(database: None) -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_migration_can_be_reversed_and_applied_again(committing_database: str) -> None:
    before = _tables()
    functions = _functions()

    with speaking_as(Role.OWNER):
        for app in UNDONE:
            call_command("migrate", app, "zero", verbosity=0)
        assert {name for name in _tables() if name.split("_")[0] in UNDONE} == set()

        call_command("migrate", verbosity=0)
    assert _tables() == before
    assert _functions() == functions


def test_the_audit_trail_is_never_dropped(committing_database: str) -> None:
    with speaking_as(Role.OWNER), pytest.raises(Error, match="never unmade"):
        call_command("migrate", "audit", "zero", verbosity=0)


def test_every_migration_is_applied(database: None) -> None:
    out = StringIO()

    call_command("showmigrations", stdout=out)

    assert "[ ]" not in out.getvalue()


def _functions() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace")
        return {name for (name,) in cursor.fetchall()}
