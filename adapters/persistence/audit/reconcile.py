"""Rows that were written by a transaction which left no entry: what a hostile writer hid.

Every row carries 32 bits of the id of the transaction that wrote its present version (`xmin`); the
rest follows from where the server's counter stands. Rows that a restore has written are its own.
"""

from collections.abc import Sequence

from psycopg import sql

from adapters.persistence.audit.checkpoints import Connection
from adapters.persistence.audit.findings import Kind, Report

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
), written AS (
    SELECT row.id, row.xmin::text::bigint AS short, now.*,
        (now.xid >> 32 << 32) + row.xmin::text::bigint
        - CASE WHEN row.xmin::text::bigint > (now.xid & 4294967295) THEN 4294967296 ELSE 0 END
        AS full_xid
    FROM {table} AS row, now
)
SELECT id FROM written
WHERE full_xid >= restored_below AND full_xid + xid_offset >= first_number
AND NOT EXISTS (SELECT FROM public.audit_entry WHERE txid = full_xid + xid_offset)
AND NOT EXISTS (
    -- Within a transaction's savepoint, rows and entry carry the savepoint's id.
    SELECT FROM public.audit_entry AS entry WHERE entry.xmin::text::bigint = short
)
LIMIT {most}
"""


def reconcile(connection: Connection, tables: Sequence[str], report: Report) -> None:
    """Look for rows of these tables whose writing nobody told of."""
    for table in tables:
        statement = sql.SQL(_UNAUDITED).format(
            table=sql.Identifier("public", table), most=sql.Literal(NAMED)
        )
        for (row,) in connection.execute(statement):
            detail = f"{table}: the transaction that wrote it left no entry"
            report.find(Kind.UNAUDITED, detail, row=str(row))
