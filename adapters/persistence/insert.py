"""Inserting a row unless a constraint refuses it."""

from django.db import connection, models


def insert_unless_taken(row: models.Model, constraint: str) -> bool:
    """Insert a row, and return whether it was inserted or refused by this constraint.

    For a unique index with a condition, name its columns and the condition instead.
    There is no savepoint: a row's `xmin` is its transaction's, which `reconcile` relies on.
    """
    fields = [field for field in row._meta.concrete_fields if not field.has_db_default()]
    columns = ", ".join(str(field.column) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    target = f"ON CONSTRAINT {constraint}" if constraint.isidentifier() else constraint
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {row._meta.db_table} ({columns}) VALUES ({places})"  # noqa: S608
            f" ON CONFLICT {target} DO NOTHING",
            values,
        )
        return bool(cursor.rowcount == 1)
