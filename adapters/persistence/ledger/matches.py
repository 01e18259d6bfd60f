"""Matches: transactions of one account that may be the same, and decisions about them."""

from collections.abc import Collection, Sequence
from typing import Any, Never

from django.db import connection

from adapters.persistence.database import Database, in_database
from adapters.persistence.ledger.columns import rows_of, texts_of, types_of
from adapters.persistence.ledger.imported_rows import statements_stating
from adapters.persistence.ledger.models import MatchModel
from adapters.persistence.ledger.transfers import LEG_COLUMNS, leg_of
from domain.ledger.errors import MatchNotFound
from domain.ledger.suggested_matches import (
    MatchStatus,
    NewSuggestion,
    SuggestedMatch,
)
from domain.ledger.values import StatementRef
from domain.shared.ids import MatchId, UserId
from domain.shared.pages import IdPage
from domain.shared.result import Failure, Result, Success

_COLUMNS = types_of(MatchModel, ("id", "user_id", "added_id", "existing_id"))
_NAMES = ", ".join(_COLUMNS)
_SUGGEST = f"""
INSERT INTO ledger_match ({_NAMES}, status)
SELECT {_NAMES}, 'suggested' FROM {rows_of(_COLUMNS)} AS new WHERE NOT EXISTS (
    SELECT FROM ledger_match known WHERE known.user_id = %(owner)s AND (
        (known.added_id, known.existing_id) = (new.added_id, new.existing_id)
        OR (known.added_id, known.existing_id) = (new.existing_id, new.added_id)
    )
)
"""  # noqa: S608
_LEGS = ", ".join(f"{leg}.{column}" for leg in ("added", "existing") for column in LEG_COLUMNS)
_FOUND = f"""
SELECT m.id, m.user_id, m.status, m.decided_at, {_LEGS} FROM ledger_match m
JOIN ledger_transaction added ON added.user_id = m.user_id AND added.id = m.added_id
JOIN ledger_transaction existing ON existing.user_id = m.user_id AND existing.id = m.existing_id
WHERE m.user_id = %(owner)s AND existing.removal IS NULL
AND (added.removal IS NULL OR m.status = 'confirmed')
"""  # noqa: S608
_ONE = f"{_FOUND} AND m.id = %(id)s"
_PAGE = f"""{_FOUND} AND m.status = %(status)s AND (%(after)s::uuid IS NULL OR m.id < %(after)s)
ORDER BY m.id DESC LIMIT %(limit)s
"""
# In one order, so that this and other use cases that lock both cannot deadlock.
_LOCK = """
SELECT FROM ledger_transaction t JOIN ledger_match m
    ON m.user_id = t.user_id AND t.id IN (m.added_id, m.existing_id)
WHERE m.user_id = %(owner)s AND m.id = %(id)s ORDER BY t.id FOR NO KEY UPDATE OF t
"""
# The other transactions that may be the merged one; the pair may be known already.
_FOLLOW = """
UPDATE ledger_match m SET
    added_id = CASE added_id WHEN %(added)s THEN %(existing)s ELSE added_id END,
    existing_id = CASE existing_id WHEN %(added)s THEN %(existing)s ELSE existing_id END
WHERE m.user_id = %(owner)s AND m.id <> %(id)s AND %(added)s IN (m.added_id, m.existing_id)
AND NOT EXISTS (
    SELECT FROM ledger_match known WHERE known.user_id = %(owner)s
    AND %(existing)s IN (known.added_id, known.existing_id)
    AND (known.added_id IN (m.added_id, m.existing_id)
        OR known.existing_id IN (m.added_id, m.existing_id))
    AND known.id <> %(id)s
)
"""


class DjangoMatchRepository:
    """`MatchRepository` on PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @in_database
    def suggest(self, suggestions: Sequence[NewSuggestion]) -> Result[None, Never]:
        if suggestions:
            (owner,) = {each.user_id for each in suggestions}
            rows = [
                (each.id, each.user_id, each.added_id, each.existing_id) for each in suggestions
            ]
            with connection.cursor() as cursor:
                cursor.execute(_SUGGEST, {**texts_of(_COLUMNS, rows), "owner": owner})
        return Success(None)

    @in_database
    def page(
        self, status: MatchStatus, *, owner: UserId, after: MatchId | None, limit: int
    ) -> Result[IdPage[SuggestedMatch], Never]:
        found = _rows(_PAGE, owner=owner, status=status.value, after=after, limit=limit + 1)
        return Success(IdPage.of([_entity(row) for row in found], limit))

    @in_database
    def get(self, match_id: MatchId, *, owner: UserId) -> Result[SuggestedMatch, MatchNotFound]:
        return _one(match_id, owner)

    @in_database
    def lock(self, match_id: MatchId, *, owner: UserId) -> Result[SuggestedMatch, MatchNotFound]:
        _rows(_LOCK, owner=owner, id=match_id)
        return _one(match_id, owner)

    @in_database
    def listed_together(self, match: SuggestedMatch) -> Result[Collection[StatementRef], Never]:
        ids = (match.added.transaction_id, match.existing.transaction_id)
        stating = statements_stating(ids, match.user_id)
        one, other = (stating.get(each, set()) for each in ids)
        return Success(one & other)

    @in_database
    def decide(self, match: SuggestedMatch) -> Result[None, Never]:
        rows = MatchModel.objects.filter(id=match.id, user_id=match.user_id)
        rows.update(status=match.status, decided_at=match.decided_at)
        if match.status is MatchStatus.CONFIRMED:
            its: dict[str, Any] = {"owner": match.user_id, "id": match.id}
            its |= {"added": match.added.transaction_id, "existing": match.existing.transaction_id}
            with connection.cursor() as cursor:
                cursor.execute(_FOLLOW, its)
        return Success(None)


def _one(match_id: MatchId, owner: UserId) -> Result[SuggestedMatch, MatchNotFound]:
    for row in _rows(_ONE, owner=owner, id=match_id):
        return Success(_entity(row))
    return Failure(MatchNotFound("No such match."))


def _entity(row: Sequence[Any]) -> SuggestedMatch:
    match_id, user_id, status, decided_at, *legs = row
    return SuggestedMatch(
        id=MatchId(match_id),
        user_id=UserId(user_id),
        added=leg_of(legs[: len(LEG_COLUMNS)]),
        existing=leg_of(legs[len(LEG_COLUMNS) :]),
        status=MatchStatus(status),
        decided_at=decided_at,
    )


def _rows(sql: str, **parameters: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        found: list[Any] = cursor.fetchall()
        return found
