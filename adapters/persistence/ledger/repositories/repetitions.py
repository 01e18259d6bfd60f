"""Imports that state again what another one states: copied in the database, and never read."""

from collections.abc import Mapping, Sequence
from typing import Never

from django.db import connection

from adapters.persistence.database import Database, in_database
from adapters.persistence.ledger.repositories.columns import rows_of, texts_of
from domain.ledger.imports import StatementImport
from domain.ledger.matching import MatchResult
from domain.shared.ids import ImportId, StatementId
from domain.shared.result import Result, Success

# What its original states is in the ledger, unless its owner has deleted it.
_SEE_AGAIN = """
WITH seen AS (
    INSERT INTO ledger_imported_row (
        id, user_id, import_id, transaction_id, fingerprint, occurrence, result, place, line
    )
    SELECT uuidv7(), s.user_id, %(new)s, s.transaction_id, s.fingerprint, s.occurrence,
        CASE WHEN (
            SELECT removal FROM ledger_transaction t
            WHERE t.user_id = %(owner)s AND t.id = s.transaction_id
        ) = 'deleted' THEN 'deleted' ELSE 'same' END,
        s.place, s.line
    FROM (
        SELECT * FROM ledger_imported_row
        WHERE user_id = %(owner)s AND import_id = %(twin)s ORDER BY line, id
    ) AS s
    RETURNING place, result
)
SELECT place, result, count(*) FROM seen GROUP BY place, result
"""
_BALANCES = """
INSERT INTO ledger_balance (id, user_id, account_id, import_id, kind, day, amount, currency)
SELECT uuidv7(), user_id, account_id, %(new)s, kind, day, amount, currency
FROM ledger_balance WHERE user_id = %(owner)s AND import_id = %(twin)s
"""
_STATEMENTS = {"before": "uuid", "after": "uuid"}
_HELD = "security_id, day, quantity, currency, price, value, cost_basis, line"
_HOLDINGS = f"""
INSERT INTO ledger_holding (id, user_id, account_id, import_id, statement_id, {_HELD})
SELECT uuidv7(), user_id, account_id, %(new)s, after, {_HELD}
FROM ledger_holding JOIN {rows_of(_STATEMENTS)} AS statements ON before = statement_id
WHERE user_id = %(owner)s AND import_id = %(twin)s
"""  # noqa: S608


class PostgresImportCopies:
    """`ImportCopies` in three statements, whatever the file's size."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @in_database
    def copy_from(
        self, original: StatementImport, import_id: ImportId, statements: Sequence[StatementId]
    ) -> Result[Sequence[Mapping[MatchResult, int]], Never]:
        counts: list[dict[MatchResult, int]] = [{} for _ in statements]
        its = {"new": import_id, "twin": original.id, "owner": original.user_id}
        with connection.cursor() as cursor:
            cursor.execute(_SEE_AGAIN, its)
            for place, result, rows in cursor:
                counts[place - 1][MatchResult(result)] = rows
            cursor.execute(_BALANCES, its)
            pairs = [
                (before.id, after)
                for before, after in zip(original.statements, statements, strict=True)
            ]
            if pairs:
                cursor.execute(_HOLDINGS, {**its, **texts_of(_STATEMENTS, pairs)})
        return Success(counts)
