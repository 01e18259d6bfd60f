"""List the transactions that a user deleted, and restore them."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.ledger.reconcile import ReconcileAccounts
from dashtam.application.query import audited_query, count_items
from dashtam.application.use_case import UseCase
from domain.ledger.actions import DELETED_TRANSACTIONS_VIEWED, TRANSACTION_VIEWED
from domain.ledger.entities import Transaction
from domain.ledger.errors import TransactionIsUndone, TransactionNotFound
from domain.ledger.ports import (
    AccountRepository,
    DeletedTransactions,
    TransactionRepository,
)
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, ResourceType
from domain.shared.ids import TransactionId, UserId
from domain.shared.pages import Cursor, Page
from domain.shared.ports import UnitOfWork
from domain.shared.result import Failure, Result, Success

RestoreError = TransactionNotFound | TransactionIsUndone | Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class ListDeletedTransactions(UseCase):
    """List a page of the transactions that a user deleted in any account, newest first."""

    deleted_transactions: DeletedTransactions

    @audited_query("deleted_transactions.view", DELETED_TRANSACTIONS_VIEWED, count_items)
    async def __call__(
        self, *, user_id: UserId, after: Cursor | None, limit: int
    ) -> Result[Page[Transaction], Unavailable]:
        return await self.deleted_transactions.page(owner=user_id, after=after, limit=limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreTransaction(UseCase):
    """Restore a transaction that its user deleted, as if it had never been.

    What imports stated meanwhile counts: it may have been booked since. One that is not deleted
    stays as it is.
    """

    accounts: AccountRepository
    transactions: TransactionRepository
    deleted_transactions: DeletedTransactions
    reconcile_accounts: ReconcileAccounts

    @audit_failures("transaction.restore", ResourceType.TRANSACTION)
    @retry_on_conflict
    async def __call__(
        self, *, transaction_id: TransactionId, user_id: UserId
    ) -> Result[Transaction, RestoreError]:
        async with self.unit_of_work(owner=user_id) as uow:
            found = await self.deleted_transactions.get(transaction_id, owner=user_id)
            if isinstance(found, Success):
                return await self._restore(found.value, uow)
            if not isinstance(found.error, TransactionNotFound):
                return found
            return await self._leave(transaction_id, user_id, uow)

    async def _restore(
        self, deleted: Transaction, uow: UnitOfWork
    ) -> Result[Transaction, RestoreError]:
        restored = await self._restored(deleted)
        if isinstance(restored, Failure):
            return restored
        unbalanced = await self.reconcile_accounts.after_restoration(deleted, restored.value)
        if isinstance(unbalanced, Failure):
            return unbalanced
        await uow.commit(restored.value.restored(at=self.clock.now()), *unbalanced.value)
        return restored

    async def _restored(self, deleted: Transaction) -> Result[Transaction, RestoreError]:
        """Lock the account before the transaction, as imports do, and restore it."""
        owner = deleted.user_id
        locked = await self.accounts.lock({deleted.account_id}, owner=owner)
        if isinstance(locked, Failure):
            return locked
        restored = await self.deleted_transactions.restore(deleted)
        if isinstance(restored, Failure):
            return restored
        expired = await self.transactions.expire({deleted.account_id}, owner=owner)
        if isinstance(expired, Failure):
            return expired
        found = await self.transactions.get(deleted.id, owner=owner)
        if isinstance(found, Failure) and isinstance(found.error, TransactionNotFound):
            return Failure(TransactionIsUndone("Its bank no longer states this transaction."))
        return found

    async def _leave(
        self, transaction_id: TransactionId, user_id: UserId, uow: UnitOfWork
    ) -> Result[Transaction, TransactionNotFound | Unavailable]:
        found = await self.transactions.get(transaction_id, owner=user_id)
        if isinstance(found, Failure):
            return found
        actor, now = Actor.user(user_id), self.clock.now()
        viewed = TRANSACTION_VIEWED.record(subject_id=transaction_id, actor=actor, occurred_at=now)
        await uow.commit(viewed)
        return found
