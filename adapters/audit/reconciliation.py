"""Finds rows whose transaction left no audit entry: what a hostile writer hid.

Every row carries the lower 32 bits of the id of the transaction that wrote its current version
(`xmin`); the upper bits follow from the server's counter. Rows written by a restore are exempt.
For entries, the number that is sealed and hashed counts (`txid`), and `xmin` must match it:
nothing is written within a savepoint (see `insert.py`).
"""

from collections.abc import Sequence

from psycopg import sql

from adapters.audit.checkpoints import Connection
from adapters.audit.findings import Kind, Report

#: The most rows of a table that are reported.
NAMED = 100

_UNAUDITED = """
WITH now AS (
    -- No visible row is of a later transaction, unless this one wrote it.
    SELECT greatest(pg_snapshot_xmax(pg_current_snapshot()), pg_current_xact_id_if_assigned())
            ::text::bigint AS xid,
        xid_offset, restored_below,
        -- Rows of retired entries can no longer be compared.
        CASE WHEN EXISTS (SELECT FROM guard.audit_year WHERE retired_at IS NOT NULL)
            THEN (SELECT min(txid) FROM public.audit_entry) ELSE 0 END AS first_number
    FROM guard.state
), writers AS MATERIALIZED (
    -- Each transaction once: rows are many.
    SELECT DISTINCT row.xmin::text::bigint AS short FROM {table} AS row
), numbered AS (
    SELECT short, now.*, (now.xid >> 32 << 32) + short
        - CASE WHEN short > (now.xid & 4294967295) THEN 4294967296 ELSE 0 END AS full_xid
    FROM writers, now
), hidden AS MATERIALIZED (
    SELECT short FROM numbered
    WHERE full_xid >= restored_below AND full_xid + xid_offset >= first_number
    AND NOT EXISTS (SELECT FROM public.audit_entry WHERE txid = full_xid + xid_offset)
)
SELECT row.id FROM {table} AS row WHERE row.xmin::text::bigint IN (SELECT short FROM hidden)
LIMIT {most}
"""

_REWRITTEN = """
SELECT entry.id FROM public.audit_entry AS entry, guard.state
WHERE txid >= greatest(%s, restored_below + xid_offset)
AND entry.xmin::text::bigint <> (txid - xid_offset) & 4294967295
ORDER BY txid LIMIT %s
"""
_DELETIONS = """
SELECT relation, txid, rows, deleted_at FROM guard.deletion
WHERE txid >= CASE WHEN EXISTS (SELECT FROM guard.audit_year WHERE retired_at IS NOT NULL)
    THEN (SELECT min(txid) FROM public.audit_entry) ELSE 0 END
AND NOT EXISTS (SELECT FROM public.audit_entry AS entry WHERE entry.txid = deletion.txid)
ORDER BY txid, relation LIMIT %s
"""
# The entries of staff who were added in a retired year are gone.
_STAFF = """
SELECT id, role FROM public.staff_user AS staff
WHERE NOT EXISTS (
    SELECT FROM public.audit_entry
    WHERE action = 'staff.added' AND resource_type = 'staff' AND resource_id = staff.id
    AND result = 'success' AND details->>'role' = role
) AND NOT EXISTS (
    SELECT FROM guard.audit_year
    WHERE retired_at IS NOT NULL AND year = extract(year FROM uuid_extract_timestamp(staff.id))
)
ORDER BY id LIMIT %s
"""


def find_rewritten_entries(connection: Connection, first: int, report: Report) -> None:
    """Find entries, from a number on, whose row was not written by the transaction they name."""
    for (row,) in connection.execute(_REWRITTEN.encode(), (first, NAMED)):
        detail = "its row was not written by the transaction that it names, or again later"
        report.find(Kind.ENTRY_REWRITTEN, detail, row=str(row))


def find_unaudited_deletions(connection: Connection, report: Report) -> None:
    """Find deletions without an entry: the rows are gone, but the guard counts deletions."""
    for table, txid, rows, moment in connection.execute(_DELETIONS.encode(), (NAMED,)):
        detail = (
            f"{table}: transaction {txid} deleted {rows} rows at {moment:%Y-%m-%d %H:%M:%S}"
            " and left no entry"
        )
        report.find(Kind.UNAUDITED_DELETION, detail)


def find_unknown_staff(connection: Connection, report: Report) -> None:
    """Find staff without an entry, or with another role than their entry says."""
    for row, role in connection.execute(_STAFF.encode(), (NAMED,)):
        detail = f"no entry says that somebody was added to the staff as {role}"
        report.find(Kind.STAFF, detail, row=str(row))


def find_unaudited_rows(connection: Connection, tables: Sequence[str], report: Report) -> None:
    """Find rows of these tables whose transaction left no entry."""
    for table in tables:
        for (row,) in connection.execute(unaudited_rows(table)):
            detail = f"{table}: the transaction that wrote it left no entry"
            report.find(Kind.UNAUDITED, detail, row=str(row))


def unaudited_rows(table: str) -> sql.Composed:
    """Return the query for such rows of a table."""
    return sql.SQL(_UNAUDITED).format(
        table=sql.Identifier("public", table), most=sql.Literal(NAMED)
    )
