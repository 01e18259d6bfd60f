"""Versions of transactions and accounts, which a trigger writes whenever one of them changes.

Which columns those are, the models say. A migration that adds one to them runs `versions_function`
with the new names, and with the old ones on its way back; a test fails until it is there.
"""

from collections.abc import Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Versioned:
    """A table whose rows have versions in `<table>_version`, where `reference` is their id."""

    table: str
    reference: str
    function: str


TRANSACTIONS = Versioned("ledger_transaction", "transaction_id", "ledger_keep_version")
ACCOUNTS = Versioned("ledger_account", "account_id", "ledger_keep_account_version")


def create_versions_trigger(columns: Sequence[str], of: Versioned = TRANSACTIONS) -> RunSQL:
    """Create the trigger that copies these columns of a row before it changes."""
    return RunSQL(
        sql=f"""{versions_function(columns, of)};
            CREATE TRIGGER {of.table}_version BEFORE UPDATE ON {of.table}
            FOR EACH ROW EXECUTE FUNCTION {of.function}();
            ALTER TABLE {of.table} ENABLE ALWAYS TRIGGER {of.table}_version""",
        reverse_sql=f"""
            DROP TRIGGER {of.table}_version ON {of.table};
            DROP FUNCTION {of.function}()""",
    )


def versions_function(columns: Sequence[str], of: Versioned = TRANSACTIONS) -> str:
    """Return SQL for the trigger's function over these columns."""
    return f"""CREATE OR REPLACE FUNCTION {of.function}() RETURNS trigger
        LANGUAGE plpgsql AS $${versions_body(columns, of)}$$"""


def versions_body(columns: Sequence[str], of: Versioned = TRANSACTIONS) -> str:
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
    INSERT INTO {of.table}_version
        (id, {of.reference}, superseded_at, {", ".join(columns)})
    VALUES (uuidv7(), OLD.id, NEW.recorded_at, {_of("OLD", columns)});
    RETURN NEW;
END """  # noqa: S608


def _of(row: str, columns: Sequence[str]) -> str:
    return ", ".join(f"{row}.{name}" for name in columns)
