"""Conflicts in memory."""

from datetime import datetime

from domain.ledger.conflicts import Conflict
from domain.ledger.entities import Leg, Transaction
from domain.ledger.errors import ConflictNotFound
from domain.ledger.suggested_matches import MatchStatus, NewSuggestion
from domain.ledger.values import MatchResult
from domain.shared.errors import Unavailable
from domain.shared.ids import MatchId, TransactionId, UserId, new_id
from domain.shared.pages import IdPage
from domain.shared.result import Result, Success
from tests.fakes import Store, StoredMatch, one


class InMemoryConflictRepository:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def page(
        self, *, owner: UserId, after: TransactionId | None, limit: int
    ) -> Result[IdPage[Conflict], Unavailable]:
        found = [each for each in self._all(owner) if after is None or each.id < after]
        return Success(IdPage.of(found[: limit + 1], limit))

    async def get(
        self, conflict_id: TransactionId, *, owner: UserId
    ) -> Result[Conflict, ConflictNotFound | Unavailable]:
        found = next((each for each in self._all(owner) if each.id == conflict_id), None)
        return one(found, ConflictNotFound("No such conflict."))

    async def accept(self, conflict: Conflict, *, at: datetime) -> Result[None, Unavailable]:
        suggestion = NewSuggestion(
            id=MatchId(new_id()),
            user_id=conflict.user_id,
            added_id=conflict.added.transaction_id,
            existing_id=conflict.existing.transaction_id,
        )
        pair = frozenset((suggestion.added_id, suggestion.existing_id))
        known = [key for key, each in self._store.matches.items() if each.pair == pair]
        key = known[0] if known else suggestion.id
        self._store.matches[key] = StoredMatch(suggestion, MatchStatus.REFUSED, at)
        return Success(None)

    def _all(self, owner: UserId) -> list[Conflict]:
        contested = {
            each.transaction_id
            for each in self._store.imported_rows
            if each.user_id == owner and each.result is MatchResult.CONFLICT
        }
        found = []
        for each in sorted(contested, reverse=True):
            added = self._store.transactions[each]
            others = sorted(self._others(added), key=lambda other: other.id)
            if added.removal is None and others:
                legs = {"added": Leg.of(added), "existing": Leg.of(others[0])}
                found.append(Conflict(user_id=owner, **legs))
        return found

    def _others(self, added: Transaction) -> list[Transaction]:
        refused = {
            each.pair for each in self._store.matches.values() if each.status is MatchStatus.REFUSED
        }
        return [
            each
            for each in self._store.transactions.values()
            if (each.account_id, each.provider_id) == (added.account_id, added.provider_id)
            if each.id != added.id and each.removal is None
            if frozenset((each.id, added.id)) not in refused
        ]
