"""Matches in memory."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from domain.ledger.entities import Leg, Transaction
from domain.ledger.errors import MatchNotFound
from domain.ledger.suggested_matches import (
    MatchStatus,
    NewSuggestion,
    SuggestedMatch,
)
from domain.ledger.values import StatementRef
from domain.shared.errors import Unavailable
from domain.shared.ids import MatchId, TransactionId, UserId
from domain.shared.pages import IdPage
from domain.shared.result import Result, Success
from tests.fakes import Store, StoredMatch, one, owned


class InMemoryMatchRepository:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def suggest(self, suggestions: Sequence[NewSuggestion]) -> Result[None, Unavailable]:
        known = {each.pair for each in self._store.matches.values()}
        for each in map(StoredMatch, suggestions):
            if each.pair not in known:
                self._store.matches[each.suggestion.id] = each
        return Success(None)

    async def page(
        self, status: MatchStatus, *, owner: UserId, after: MatchId | None, limit: int
    ) -> Result[IdPage[SuggestedMatch], Unavailable]:
        stored = [owned(each, owner) for each in self._store.matches.values()]
        shown = [self._shown(each) for each in stored if each and each.status is status]
        found = sorted((each for each in shown if each), key=lambda each: each.id, reverse=True)
        later = [each for each in found if after is None or each.id < after]
        return Success(IdPage.of(later[: limit + 1], limit))

    async def get(
        self, match_id: MatchId, *, owner: UserId
    ) -> Result[SuggestedMatch, MatchNotFound | Unavailable]:
        stored = owned(self._store.matches.get(match_id), owner)
        return one(self._shown(stored) if stored else None, MatchNotFound("No such match."))

    async def lock(
        self, match_id: MatchId, *, owner: UserId
    ) -> Result[SuggestedMatch, MatchNotFound | Unavailable]:
        return await self.get(match_id, owner=owner)

    async def listed_together(
        self, match: SuggestedMatch
    ) -> Result[Collection[StatementRef], Unavailable]:
        return Success(self._stating(match.added) & self._stating(match.existing))

    async def decide(self, match: SuggestedMatch) -> Result[None, Unavailable]:
        stored = self._store.matches[match.id]
        self._store.matches[match.id] = replace(
            stored, status=match.status, decided_at=match.decided_at
        )
        if match.status is MatchStatus.CONFIRMED:
            self._follow(match)
        return Success(None)

    def _follow(self, match: SuggestedMatch) -> None:
        merged, into = match.added.transaction_id, match.existing.transaction_id
        for key, each in list(self._store.matches.items()):
            known = {other.pair for other in self._store.matches.values()}
            moved = replace(each, suggestion=_moved(each.suggestion, merged, into))
            if key != match.id and merged in each.pair and moved.pair not in known:
                self._store.matches[key] = moved

    def _shown(self, stored: StoredMatch) -> SuggestedMatch | None:
        suggestion, status = stored.suggestion, stored.status
        added = self._store.transactions[suggestion.added_id]
        existing = self._store.transactions[suggestion.existing_id]
        gone = added.removal and status is not MatchStatus.CONFIRMED
        if existing.removal or gone:
            return None
        return shown(suggestion, added, existing, status=status, decided_at=stored.decided_at)

    def _stating(self, leg: Leg) -> set[StatementRef]:
        return {
            StatementRef(each.import_id, each.place)
            for each in self._store.imported_rows
            if each.transaction_id == leg.transaction_id
        }


def shown(
    suggestion: NewSuggestion, added: Transaction, existing: Transaction, **decided: object
) -> SuggestedMatch:
    """Return how a suggestion is shown."""
    match = SuggestedMatch(
        id=suggestion.id,
        user_id=suggestion.user_id,
        added=Leg.of(added),
        existing=Leg.of(existing),
    )
    return replace(match, **decided)  # type: ignore[arg-type]


def _moved(
    suggestion: NewSuggestion, former: TransactionId, present: TransactionId
) -> NewSuggestion:
    added, existing = suggestion.added_id, suggestion.existing_id
    return replace(
        suggestion,
        added_id=present if added == former else added,
        existing_id=present if existing == former else existing,
    )
