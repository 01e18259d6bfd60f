"""List transactions that may be the same, and record what a user decides about them."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.ledger.reconcile import ReconcileAccounts
from dashtam.application.query import audited_query, count_items
from dashtam.application.use_case import UseCase
from domain.ledger.actions import MATCH_VIEWED, MATCHES_VIEWED
from domain.ledger.errors import MatchIsDecided, MatchNotFound, NotAMatch
from domain.ledger.events import LedgerUnbalanced
from domain.ledger.ports import AccountRepository, MatchRepository, TransactionRepository
from domain.ledger.suggested_matches import (
    MatchDecision,
    MatchStatus,
    SuggestedMatch,
)
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, ResourceType
from domain.shared.ids import MatchId, UserId
from domain.shared.pages import IdPage
from domain.shared.ports import UnitOfWork
from domain.shared.result import Failure, Result, Success

DecideMatchError = MatchNotFound | MatchIsDecided | NotAMatch | Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class ListMatches(UseCase):
    """List a page of a user's matches: suggested ones, or those that were decided."""

    matches: MatchRepository

    @audited_query("matches.view", MATCHES_VIEWED, count_items)
    async def __call__(
        self, *, user_id: UserId, status: MatchStatus, after: MatchId | None, limit: int
    ) -> Result[IdPage[SuggestedMatch], Unavailable]:
        return await self.matches.page(status, owner=user_id, after=after, limit=limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideMatch(UseCase):
    """Store a user's decision, and merge the two transactions if they are the same.

    The same decision again changes nothing.
    """

    accounts: AccountRepository
    matches: MatchRepository
    transactions: TransactionRepository
    reconcile_accounts: ReconcileAccounts

    @audit_failures("match.decide", ResourceType.MATCH)
    @retry_on_conflict
    async def __call__(
        self, *, match_id: MatchId, decision: MatchDecision, user_id: UserId
    ) -> Result[SuggestedMatch, DecideMatchError]:
        async with self.unit_of_work(owner=user_id) as uow:
            found = await self._locked(match_id, user_id)
            if isinstance(found, Failure):
                return found
            if found.value.status == decision.value:
                return await self._leave(found.value, uow)
            return await self._decide(found.value, decision, uow)

    async def _locked(
        self, match_id: MatchId, user_id: UserId
    ) -> Result[SuggestedMatch, MatchNotFound | Unavailable]:
        """Lock the account, as imports do, and then both transactions."""
        found = await self.matches.get(match_id, owner=user_id)
        if isinstance(found, Failure):
            return found
        locked = await self.accounts.lock({found.value.existing.account_id}, owner=user_id)
        if isinstance(locked, Failure):
            return locked
        return await self.matches.lock(match_id, owner=user_id)

    async def _leave(self, match: SuggestedMatch, uow: UnitOfWork) -> Success[SuggestedMatch]:
        actor, now = Actor.user(match.user_id), self.clock.now()
        await uow.commit(MATCH_VIEWED.record(subject_id=match.id, actor=actor, occurred_at=now))
        return Success(match)

    async def _decide(
        self, match: SuggestedMatch, decision: MatchDecision, uow: UnitOfWork
    ) -> Result[SuggestedMatch, DecideMatchError]:
        together = await self.matches.listed_together(match)
        if isinstance(together, Failure):
            return together
        decided = match.decide(decision, at=self.clock.now(), listed_together=together.value)
        if isinstance(decided, Failure):
            return decided
        changed, event = decided.value
        stored = await self._store(changed)
        if isinstance(stored, Failure):
            return stored
        await uow.commit(event, *stored.value)
        return Success(changed)

    async def _store(self, decided: SuggestedMatch) -> Result[list[LedgerUnbalanced], Unavailable]:
        """Store the decision; return the event if the ledger is unbalanced by it."""
        stored = await self.matches.decide(decided)
        if isinstance(stored, Failure):
            return stored
        if decided.status is MatchStatus.REFUSED:
            return Success([])
        merged = await self.transactions.merge(
            decided.added.transaction_id, decided.existing.transaction_id, owner=decided.user_id
        )
        if isinstance(merged, Failure):
            return merged
        return await self.reconcile_accounts.after_merge(decided)
