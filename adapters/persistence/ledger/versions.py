"""Versions of transactions, which a trigger writes whenever a transaction changes.

Which columns those are, the models say. A migration that adds one to them runs `versions_function`
with the new names, and with the old ones on its way back; a test fails until it is there.
"""

from collections.abc import Sequence

from django.db.migrations import RunSQL

# The owner, the account, the import with its line, and what the trigger itself sets: a change
# of these columns alone makes no new version.
_NO_CHANGE = frozenset(
    {
        "user_id",
        "account_id",
        "import_id",
        "line",
        "version",
        "recorded_at",
        "feed_position",
    }
)


def create_versions_trigger(columns: Sequence[str]) -> RunSQL:
    """Create the trigger that copies these columns of a transaction before it changes."""
    return RunSQL(
        sql=f"""{versions_function(columns)};
            CREATE TRIGGER ledger_transaction_version BEFORE UPDATE ON ledger_transaction
            FOR EACH ROW EXECUTE FUNCTION ledger_keep_version();
            ALTER TABLE ledger_transaction ENABLE ALWAYS TRIGGER ledger_transaction_version""",
        reverse_sql="""
            DROP TRIGGER ledger_transaction_version ON ledger_transaction;
            DROP FUNCTION ledger_keep_version()""",
    )


def versions_function(columns: Sequence[str]) -> str:
    """Return SQL for the trigger's function over these columns."""
    return f"""CREATE OR REPLACE FUNCTION ledger_keep_version() RETURNS trigger
        LANGUAGE plpgsql AS $${versions_body(columns)}$$"""


def versions_body(columns: Sequence[str]) -> str:
    """Return the body of the function, put together from our own names only."""
    columns = sorted(columns)
    said = [name for name in columns if name not in _NO_CHANGE]
    return f"""
BEGIN
    -- It is no change when another import states the same.
    IF ({_of("OLD", said)}) IS NOT DISTINCT FROM ({_of("NEW", said)}) THEN
        RETURN NEW;
    END IF;
    -- Not before the former version: a transaction that wrote elsewhere first, and then waited for
    -- this row, has an earlier time and a lower number.
    NEW.version := OLD.version + 1;
    NEW.recorded_at := greatest(OLD.recorded_at, ledger_moment());
    NEW.feed_position := greatest(OLD.feed_position, guard.transaction_number());
    INSERT INTO ledger_transaction_version
        (id, transaction_id, superseded_at, {", ".join(columns)})
    VALUES (uuidv7(), OLD.id, NEW.recorded_at, {_of("OLD", columns)});
    RETURN NEW;
END """  # noqa: S608


def _of(row: str, columns: Sequence[str]) -> str:
    return ", ".join(f"{row}.{name}" for name in columns)
