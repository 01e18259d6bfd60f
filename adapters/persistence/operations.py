"""Parts of migrations that Django has no words for."""

from django.db.migrations import RunSQL

_TOUCH = """
CREATE OR REPLACE FUNCTION touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.created_at := OLD.created_at;
    NEW.updated_at := clock_timestamp();
    RETURN NEW;
END $$
"""


def keep_updated_at(table: str) -> RunSQL:
    """Let the database alone decide when a row was made and last changed."""
    return RunSQL(
        sql=f"""{_TOUCH};
            CREATE TRIGGER {table}_updated_at BEFORE UPDATE ON {table}
            FOR EACH ROW EXECUTE FUNCTION touch_updated_at()""",
        reverse_sql=f"DROP TRIGGER {table}_updated_at ON {table}",
    )


def owned_reference(table: str, column: str, target: str) -> RunSQL:
    """Let a row point only at a row of the same user: a foreign key over both columns."""
    name = f"{table}_{column}_owned"
    return RunSQL(
        sql=f"""ALTER TABLE {table} ADD CONSTRAINT {name}
            FOREIGN KEY ({column}, user_id) REFERENCES {target} (id, user_id)
            DEFERRABLE INITIALLY DEFERRED""",
        reverse_sql=f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


def refuse_nan(table: str, column: str) -> RunSQL:
    """Refuse NaN, which PostgreSQL's numbers may be and amounts may not."""
    name = f"{table}_{column}_number"
    return RunSQL(
        sql=f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({column} <> 'NaN')",
        reverse_sql=f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


def refuse_changes(table: str) -> RunSQL:
    """Make a table append-only for everyone, its owner included: UPDATE, DELETE, TRUNCATE raise."""
    return RunSQL(
        sql=f"""
            CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION '{table} is append-only: % is refused', TG_OP
                USING ERRCODE = 'insufficient_privilege';
            END $$;
            CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse();
            ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_append_only""",
        reverse_sql=f"""
            DROP TRIGGER {table}_append_only ON {table};
            DROP FUNCTION {table}_refuse()""",
    )
