"""Rows of imports put in by hand, for transactions that were put in by hand."""

from adapters.persistence.ledger.imported_rows import STATE
from dashtam.application.ledger.post_statement import ROWS_AT_ONCE


def record_rows(where: str = "true", *, batch: int = ROWS_AT_ONCE) -> str:
    """Return SQL by which imports state their transactions, as new, in one statement each."""
    return f"""
INSERT INTO ledger_imported_rows (
    id, user_id, account_id, import_id, place, first_day, last_day, first_line, last_line,
    transaction_ids, states, lines, results
)
SELECT uuidv7(), user_id, account_id, import_id, 1, min(booking_date), max(booking_date),
    min(line), max(line), array_agg(id), array_agg({STATE}), array_agg(line),
    repeat('n', count(*)::int)
FROM (
    SELECT *, (row_number() OVER (PARTITION BY account_id, import_id) - 1) / {batch} AS batch
    FROM ledger_transaction WHERE {where}
) AS stated GROUP BY user_id, account_id, import_id, batch
"""
