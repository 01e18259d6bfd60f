"""Rows that were written by a transaction which left no entry: what a hostile writer hid.

Every row carries 32 bits of the id of the transaction that wrote its present version (`xmin`); the
rest follows from where the server's counter stands. Rows that a restore has written are its own.
Of entries, the number that is sealed and hashed counts (`txid`), and their `xmin` must be the same:
nothing is written within a savepoint (see `insert.py`).
"""

from collections.abc import Sequence

from psycopg import sql

from adapters.audit.checkpoints import Connection
from adapters.audit.findings import Kind, Report

#: The most rows of a table that are named.
NAMED = 100

_UNAUDITED = """
WITH now AS (
    SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS xid,
        xid_offset, restored_below,
        -- What retired entries told of can no longer be compared.
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
# Of a retired year, nobody can say any more who was added in it.
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


def reconcile_entries(connection: Connection, first: int, report: Report) -> None:
    """Look, from a number on, for entries whose row another transaction wrote than they name."""
    for (row,) in connection.execute(_REWRITTEN.encode(), (first, NAMED)):
        detail = "its row was not written by the transaction that it names, or again later"
        report.find(Kind.ENTRY_REWRITTEN, detail, row=str(row))


def reconcile_deletions(connection: Connection, report: Report) -> None:
    """Look for deletions that nobody told of: what was deleted is gone, its number is not."""
    for table, txid, rows, moment in connection.execute(_DELETIONS.encode(), (NAMED,)):
        detail = (
            f"{table}: transaction {txid} deleted {rows} rows at {moment:%Y-%m-%d %H:%M:%S}"
            " and left no entry"
        )
        report.find(Kind.UNAUDITED_DELETION, detail)


def reconcile_staff(connection: Connection, report: Report) -> None:
    """Look for staff whom no entry names, or names with another role."""
    for row, role in connection.execute(_STAFF.encode(), (NAMED,)):
        detail = f"no entry says that somebody was added to the staff as {role}"
        report.find(Kind.STAFF, detail, row=str(row))


def reconcile(connection: Connection, tables: Sequence[str], report: Report) -> None:
    """Look for rows of these tables whose writing nobody told of."""
    for table in tables:
        for (row,) in connection.execute(unaudited(table)):
            detail = f"{table}: the transaction that wrote it left no entry"
            report.find(Kind.UNAUDITED, detail, row=str(row))


def unaudited(table: str) -> sql.Composed:
    """Return what asks for such rows of a table."""
    return sql.SQL(_UNAUDITED).format(
        table=sql.Identifier("public", table), most=sql.Literal(NAMED)
    )
