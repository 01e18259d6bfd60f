"""Conflicts, found among the rows that imports state."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Never

from django.db import connection

from adapters.persistence.database import UsesDatabase, in_database
from adapters.persistence.ledger.imported_rows import EACH_ROW, LETTERS
from adapters.persistence.ledger.transfers import LEG_COLUMNS, leg_of
from domain.ledger.conflicts import Conflict
from domain.ledger.errors import ConflictNotFound
from domain.ledger.values import MatchResult
from domain.shared.ids import MatchId, TransactionId, UserId, new_id
from domain.shared.pages import IdPage
from domain.shared.result import Failure, Result, Success

_LEGS = ", ".join(f"{leg}.{column}" for leg in ("added", "existing") for column in LEG_COLUMNS)
# Statements count their conflicts, so that no other rows are looked at.
_FOUND = f"""
WITH contested AS MATERIALIZED (
    SELECT DISTINCT transaction_id AS id
    FROM ledger_statement statement JOIN ledger_imported_rows listed
        ON listed.user_id = statement.user_id AND listed.import_id = statement.import_id
        AND listed.place = statement.place, {EACH_ROW}
    WHERE statement.user_id = %(owner)s AND statement.conflict > 0 AND NOT listed.undone
    AND result = '{LETTERS[MatchResult.CONFLICT]}'
)
SELECT DISTINCT ON (added.id) {_LEGS}
FROM contested JOIN ledger_transaction added
    ON added.user_id = %(owner)s AND added.id = contested.id
JOIN ledger_transaction existing ON existing.user_id = %(owner)s
    AND existing.account_id = added.account_id AND existing.provider_id = added.provider_id
    AND existing.id <> added.id
WHERE added.removal IS NULL AND existing.removal IS NULL AND NOT EXISTS (
    SELECT FROM ledger_match refused WHERE refused.user_id = %(owner)s
    AND refused.status = 'refused' AND (
        (refused.added_id, refused.existing_id) = (added.id, existing.id)
        OR (refused.added_id, refused.existing_id) = (existing.id, added.id)
    )
)
"""  # noqa: S608
_PAGE = f"""{_FOUND} AND (%(after)s::uuid IS NULL OR added.id < %(after)s)
ORDER BY added.id DESC, existing.id LIMIT %(limit)s
"""
_ONE = f"{_FOUND} AND added.id = %(id)s ORDER BY added.id, existing.id"
_ACCEPT = """
INSERT INTO ledger_match (id, user_id, added_id, existing_id, status, decided_at)
VALUES (%(id)s, %(owner)s, %(added)s, %(existing)s, 'refused', %(at)s)
ON CONFLICT ON CONSTRAINT ledger_match_pair DO UPDATE
SET status = 'refused', decided_at = excluded.decided_at
"""


class PostgresConflictRepository(UsesDatabase):
    """`ConflictRepository`; a conflict of which both stay is a match that was refused."""

    @in_database
    def page(
        self, *, owner: UserId, after: TransactionId | None, limit: int
    ) -> Result[IdPage[Conflict], Never]:
        found = _rows(_PAGE, owner=owner, after=after, limit=limit + 1)
        return Success(IdPage.of([_entity(row, owner) for row in found], limit))

    @in_database
    def get(
        self, conflict_id: TransactionId, *, owner: UserId
    ) -> Result[Conflict, ConflictNotFound]:
        for row in _rows(_ONE, owner=owner, id=conflict_id):
            return Success(_entity(row, owner))
        return Failure(ConflictNotFound("No such conflict."))

    @in_database
    def accept(self, conflict: Conflict, *, at: datetime) -> Result[None, Never]:
        its: dict[str, Any] = {"id": MatchId(new_id()), "owner": conflict.user_id, "at": at}
        its["added"] = conflict.added.transaction_id
        its["existing"] = conflict.existing.transaction_id
        with connection.cursor() as cursor:
            cursor.execute(_ACCEPT, its)
        return Success(None)


def _entity(row: Sequence[Any], owner: UserId) -> Conflict:
    width = len(LEG_COLUMNS)
    return Conflict(user_id=owner, added=leg_of(row[:width]), existing=leg_of(row[width:]))


def _rows(sql: str, **parameters: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        found: list[Any] = cursor.fetchall()
        return found
