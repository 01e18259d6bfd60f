"""Operations of migrations that Django does not have."""

from typing import Any

from django.db import models
from django.db.migrations import RunSQL
from django.db.models.functions import Now

from adapters.persistence.roles import Role
from domain.shared.ids import new_id

_TOUCH = """
CREATE OR REPLACE FUNCTION touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.created_at := OLD.created_at;
    NEW.updated_at := clock_timestamp();
    RETURN NEW;
END $$
"""


def row_columns() -> "list[tuple[str, models.Field[Any, Any]]]":
    """Return the columns of `base.BaseModel`."""
    return [
        (
            "id",
            models.UUIDField(default=new_id, editable=False, primary_key=True, serialize=False),
        ),
        ("created_at", models.DateTimeField(db_default=Now(), editable=False)),
        ("updated_at", models.DateTimeField(db_default=Now(), editable=False)),
    ]


def owner(**options: Any) -> "models.ForeignKey[Any, Any]":
    """Return the column of the owner, with which the primary key begins."""
    return models.ForeignKey(
        "identity.usermodel",
        models.CASCADE,
        **{"db_index": False, "related_name": "+", **options},
    )


def key_by_owner(table: str, column: str = "id") -> RunSQL:
    """Make the primary key `(user_id, id)`, so that rows are found by their owner."""
    return RunSQL(sql=_key(table, f"user_id, {column}"), reverse_sql=_key(table, column))


def _key(table: str, columns: str) -> str:
    name = f"{table}_pkey"
    return f"""ALTER TABLE {table}
        DROP CONSTRAINT {name}, ADD CONSTRAINT {name} PRIMARY KEY ({columns})"""


def set_updated_at(table: str) -> RunSQL:
    """Let the database set when a row was created and last updated."""
    return RunSQL(
        sql=f"""{_TOUCH};
            CREATE TRIGGER {table}_updated_at BEFORE UPDATE ON {table}
            FOR EACH ROW EXECUTE FUNCTION touch_updated_at()""",
        reverse_sql=f"DROP TRIGGER {table}_updated_at ON {table}",
    )


def owned_reference(table: str, column: str, target: str) -> RunSQL:
    """Add a foreign key to `(user_id, id)`, so that rows refer only to rows of the same user."""
    name = f"{table}_{column}_owned"
    return RunSQL(
        sql=f"""ALTER TABLE {table} ADD CONSTRAINT {name}
            FOREIGN KEY (user_id, {column}) REFERENCES {target} (user_id, id)
            DEFERRABLE INITIALLY DEFERRED""",
        reverse_sql=f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


def refuse_nan(table: str, column: str) -> RunSQL:
    """Refuse NaN, which PostgreSQL allows in numbers."""
    name = f"{table}_{column}_number"
    return RunSQL(
        sql=f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({column} <> 'NaN')",
        reverse_sql=f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


def refuse_unsealed(table: str, column: str, key_column: str) -> RunSQL:
    """Refuse values that are not envelopes (`adapters.security.envelope`), or name another key."""
    name = f"{table}_{column}_form"
    length = f"get_byte({column}, 1)"
    return RunSQL(
        sql=f"""
            ALTER TABLE {table} ADD CONSTRAINT {name} CHECK (
                octet_length({column}) >= 2 + 1 + 60 + 28
                AND get_byte({column}, 0) = 1 AND {length} BETWEEN 1 AND 63
                AND octet_length({column}) >= 2 + {length} + 60 + 28
                AND substring({column} FROM 3 FOR {length}) = convert_to({key_column}, 'UTF8')
            )""",
        reverse_sql=f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


def grant(table: str, role: Role, rights: str) -> RunSQL:
    """Grant a role rights on a table: `SELECT, UPDATE (status)`. There are none by default."""
    return RunSQL(
        sql=f"GRANT {rights} ON {table} TO {role}",
        reverse_sql=f"REVOKE {rights} ON {table} FROM {role}",
    )


def require_audit_entry(table: str) -> RunSQL:
    """Refuse, at COMMIT, a transaction that wrote here without an audit entry (the safety net).

    Triggers ask after each statement, not each row, so that a bulk load pays next to nothing.
    """
    triggers = ("audited", "changed", "deleted", "kept")
    return RunSQL(
        sql=f"SELECT guard.cast_net('{table}')",
        reverse_sql="; ".join(f"DROP TRIGGER {table}_{name} ON {table}" for name in triggers),
    )


def show_to_owner(table: str, column: str = "user_id") -> RunSQL:
    """Show rows to their owner and to staff. The policies bind the table's owner too.

    The sub-select is evaluated once for a statement, not once for a row.
    """
    user = "(SELECT nullif(current_setting('app.user_id', true), '')::uuid)"
    return RunSQL(
        sql=f"""
            ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
            ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
            CREATE POLICY {table}_owner ON {table} TO {Role.APPLICATION}
                USING ({column} = {user}) WITH CHECK ({column} = {user});
            CREATE POLICY {table}_staff ON {table} FOR SELECT
                TO {Role.STAFF}, {Role.AUDITOR} USING (true)""",
        reverse_sql=f"""
            DROP POLICY {table}_owner ON {table};
            DROP POLICY {table}_staff ON {table};
            ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;
            ALTER TABLE {table} DISABLE ROW LEVEL SECURITY""",
    )


def business_table(
    table: str, rights: str, *, owner: str = "user_id", staff: str = "SELECT"
) -> list[RunSQL]:
    """Return the operations for a table of users' data. `rights` are the application's.

    The auditor sees who wrote a row (`xmin`) and which it is, and nothing of what it says.
    """
    return [
        *([key_by_owner(table)] if owner == "user_id" else []),
        set_updated_at(table),
        require_audit_entry(table),
        show_to_owner(table, owner),
        grant(table, Role.APPLICATION, rights),
        grant(table, Role.STAFF, staff),
        grant(table, Role.AUDITOR, "SELECT (id, xmin)"),
    ]


def erase_when_due(table: str, *, owner: str = "user_id", or_when: str = "false") -> RunSQL:
    """Let the application delete rows of users who are due for erasure, and those `or_when`.

    The policy restricts: whatever others permit, rows of a user who stays cannot be deleted.
    """
    due = "erase_after <= now()"
    if owner != "id":
        # Evaluated once for a statement: policies show at most one row of the table of users.
        due = f"{owner} IN (SELECT id FROM identity_user WHERE {due})"  # noqa: S608
    return RunSQL(
        sql=f"""
            CREATE POLICY {table}_due ON {table} AS RESTRICTIVE FOR DELETE
                TO {Role.APPLICATION} USING ({due} OR {or_when});
            GRANT DELETE ON {table} TO {Role.APPLICATION}""",
        reverse_sql=f"""
            REVOKE DELETE ON {table} FROM {Role.APPLICATION};
            DROP POLICY {table}_due ON {table}""",
    )


def show_by_value(table: str, column: str, kind: str, lookup: str) -> RunSQL:
    """Let a row be found by the value of `column`, before it is known which user is asking.

    Makes a function `<table>_by_<lookup>` whose one argument is the value; nothing else is shown.
    """
    function, setting = f"{table}_by_{lookup}", f"app.{lookup}"
    read, write = _CONVERSIONS[kind]
    named = f"nullif(current_setting('{setting}', true), '')"
    given = f"(SELECT {read.format(named)})"
    # The statement is put together from names in migrations only.
    return RunSQL(
        sql=f"""
            CREATE POLICY {function} ON {table} FOR SELECT TO {Role.APPLICATION}
                USING ({column} = {given});
            CREATE FUNCTION {function}(given {kind}) RETURNS SETOF {table} LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM set_config('{setting}', {write.format("given")}, true);
                RETURN QUERY SELECT * FROM {table} WHERE {column} = given;
                PERFORM set_config('{setting}', '', true);
            END $$""",  # noqa: S608
        reverse_sql=f"""
            DROP FUNCTION {function};
            DROP POLICY {function} ON {table}""",
    )


# How a value is read from a setting, which is text, and written to one.
_CONVERSIONS = {"bytea": ("decode({}, 'hex')", "encode({}, 'hex')"), "text": ("{}", "{}")}
