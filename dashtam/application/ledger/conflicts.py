"""List conflicts, and record which of two transactions stays."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.ledger.reconcile import ReconcileAccounts
from dashtam.application.query import audited_query, count_items
from dashtam.application.use_case import UseCase
from domain.ledger.actions import CONFLICTS_VIEWED
from domain.ledger.conflicts import Conflict, ConflictDecision
from domain.ledger.errors import ConflictNotFound, TransactionNotFound
from domain.ledger.ports import AccountRepository, ConflictRepository, TransactionRepository
from domain.shared.errors import Unavailable
from domain.shared.events import DomainEvent, ResourceType
from domain.shared.ids import TransactionId, UserId
from domain.shared.pages import IdPage
from domain.shared.result import Failure, Result, Success

DecideConflictError = ConflictNotFound | TransactionNotFound | Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class ListConflicts(UseCase):
    """List a page of a user's conflicts, latest first."""

    conflicts: ConflictRepository

    @audited_query("conflicts.view", CONFLICTS_VIEWED, count_items)
    async def __call__(
        self, *, user_id: UserId, after: TransactionId | None, limit: int
    ) -> Result[IdPage[Conflict], Unavailable]:
        return await self.conflicts.page(owner=user_id, after=after, limit=limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideConflict(UseCase):
    """Delete the transaction that does not stay, which can be restored, or let both stay."""

    accounts: AccountRepository
    conflicts: ConflictRepository
    transactions: TransactionRepository
    reconcile_accounts: ReconcileAccounts

    @audit_failures("conflict.decide", ResourceType.TRANSACTION)
    @retry_on_conflict
    async def __call__(
        self, *, conflict_id: TransactionId, decision: ConflictDecision, user_id: UserId
    ) -> Result[Conflict, DecideConflictError]:
        async with self.unit_of_work(owner=user_id) as uow:
            found = await self._locked(conflict_id, user_id)
            if isinstance(found, Failure):
                return found
            stored = await self._store(found.value, decision)
            if isinstance(stored, Failure):
                return stored
            event = found.value.decided(decision, at=self.clock.now())
            await uow.commit(event, *stored.value)
        return found

    async def _locked(
        self, conflict_id: TransactionId, user_id: UserId
    ) -> Result[Conflict, ConflictNotFound | Unavailable]:
        """Lock the account, as imports do; both transactions are of it."""
        found = await self.conflicts.get(conflict_id, owner=user_id)
        if isinstance(found, Failure):
            return found
        locked = await self.accounts.lock({found.value.added.account_id}, owner=user_id)
        if isinstance(locked, Failure):
            return locked
        return await self.conflicts.get(conflict_id, owner=user_id)

    async def _store(
        self, conflict: Conflict, decision: ConflictDecision
    ) -> Result[list[DomainEvent], TransactionNotFound | Unavailable]:
        now, loser = self.clock.now(), conflict.loser(decision)
        if loser is None:
            accepted = await self.conflicts.accept(conflict, at=now)
            return accepted if isinstance(accepted, Failure) else Success([])
        found = await self.transactions.lock(loser, owner=conflict.user_id)
        if isinstance(found, Failure):
            return found
        deleted, event = found.value.delete(at=now)
        stored = await self.transactions.delete(deleted)
        if isinstance(stored, Failure):
            return stored
        reconciled = await self.reconcile_accounts.after_deletion(deleted)
        return reconciled if isinstance(reconciled, Failure) else Success([event])
