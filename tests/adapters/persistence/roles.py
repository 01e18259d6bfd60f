"""Act as another role in the database for a while."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection
from django.db.models import Model
from psycopg.errors import Error, InsufficientPrivilege

from adapters.persistence.roles import Role
from adapters.persistence.staff.models import AUDITED_TABLES

NOBODY = ""
#: Tables of ours that are not a user's: staff's, those written without an entry, or entries.
NOT_BUSINESS = {"audit_entry", "audit_checkpoint", "outbox_event", *AUDITED_TABLES}
NOT_BUSINESS |= {"ledger_import_progress", "identity_usage"}
NOT_BUSINESS |= {"connections_schedule", "connections_request_count"}


@contextmanager
def acting_as(role: Role | str, user_id: UUID | str = NOBODY) -> Iterator[None]:
    """Have the rights of a role, and see the rows of a user."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {role}")
        cursor.execute("SELECT set_config('app.user_id', %s, true)", [str(user_id)])
        try:
            yield
        finally:
            if not connection.needs_rollback:
                cursor.execute("RESET ROLE; SELECT set_config('app.user_id', '', true)")


def outcome(role: Role | str, statement: str, parameters: Sequence[Any] = ()) -> str:
    """Try a statement and undo it; return `done`, or the name of the error."""
    with connection.cursor() as cursor:
        cursor.execute("SAVEPOINT attempt")
        try:
            cursor.execute(f"SET LOCAL ROLE {role}")
            cursor.execute(statement, parameters)
        except Exception as error:
            cause = error.__cause__
            if not isinstance(cause, Error):
                raise
            return type(cause).__name__
        else:
            return "done"
        finally:
            cursor.execute("ROLLBACK TO SAVEPOINT attempt")


def rows(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def value(statement: str, *parameters: Any) -> Any:
    return rows(statement, *parameters)[0][0]


def business_tables() -> list[type[Model]]:
    """Every table of ours with rows of users."""
    ours = (model for model in apps.get_models() if model.__module__.startswith("adapters."))
    found = [model for model in ours if model._meta.db_table not in NOT_BUSINESS]
    return sorted(found, key=lambda model: model._meta.db_table)


REFUSED = InsufficientPrivilege.__name__
