"""Migrations go forth and back, and say all that the models say."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import Error, connection

from adapters.persistence.roles import Role
from tests.postgres import speaking_as

pytestmark = pytest.mark.slow

_STAFF = """
INSERT INTO staff_user (id, username, password, is_superuser, is_staff, is_active, email,
    first_name, last_name, date_joined)
VALUES (uuidv7(), %s, 'x', %s, %s, true, '', '', '', now())
"""
UNDONE = ["limits", "staff", "outbox", "ledger", "connections", "identity"]


def _tables() -> set[str]:
    return set(connection.introspection.table_names())


def test_models_and_migrations_agree(database: None) -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_migration_can_be_undone_and_done_again(committing_database: str) -> None:
    before = _tables()
    functions = _functions()

    with speaking_as(Role.OWNER):
        for app in UNDONE:
            call_command("migrate", app, "zero", verbosity=0)
        assert {name for name in _tables() if name.split("_")[0] in UNDONE} == set()

        call_command("migrate", verbosity=0)
    assert _tables() == before
    assert _functions() == functions


def test_who_was_staff_keeps_a_role_or_stays_out(committing_database: str) -> None:
    with speaking_as(Role.OWNER):
        call_command("migrate", "staff", "0002", verbosity=0)
        with connection.cursor() as cursor:
            for name, superuser, staff in (
                ("root", True, True),
                ("clerk", False, True),
                ("guest", False, False),
            ):
                cursor.execute(_STAFF, [name, superuser, staff])

        call_command("migrate", "staff", verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute("SELECT username, role, is_active FROM staff_user ORDER BY username")
            assert cursor.fetchall() == [
                ("clerk", "support", True),
                ("guest", "support", False),
                ("root", "administrator", True),
            ]

        call_command("migrate", "staff", "0002", verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute("SELECT username FROM staff_user WHERE is_superuser AND is_staff")
            assert cursor.fetchall() == [("root",)]


def test_the_audit_trail_is_never_unmade(committing_database: str) -> None:
    with speaking_as(Role.OWNER), pytest.raises(Error, match="never unmade"):
        call_command("migrate", "audit", "zero", verbosity=0)


def test_history_is_shown(database: None) -> None:
    out = StringIO()

    call_command("showmigrations", stdout=out)

    assert "[ ]" not in out.getvalue()


def _functions() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace")
        return {name for (name,) in cursor.fetchall()}
