"""List, show, annotate and delete transactions."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.ledger.check_annotation import AnnotationError, CheckAnnotation
from dashtam.application.ledger.reconcile import ReconcileAccounts
from dashtam.application.query import audited_query, count_items
from dashtam.application.use_case import UseCase
from domain.ledger.actions import TRANSACTION_VIEWED, TRANSACTIONS_VIEWED
from domain.ledger.allocations import Annotation, CategoryChoice
from domain.ledger.as_of import NOW, AsOf, InvalidAsOf
from domain.ledger.entities import Transaction
from domain.ledger.errors import AccountNotFound, ImportNotFound, TransactionNotFound
from domain.ledger.listing import TransactionFilter, TransactionSort
from domain.ledger.ports import (
    AccountRepository,
    ImportRepository,
    ListedTransaction,
    TransactionHistory,
    TransactionRepository,
)
from domain.shared.errors import Unavailable
from domain.shared.events import ResourceType
from domain.shared.ids import AccountId, ImportId, TransactionId, UserId
from domain.shared.pages import Cursor, Page
from domain.shared.result import Failure, Result, Success

_NOT_OF_A_MOMENT = (
    "As of a moment, the newest transactions are listed, without `unreconciled` and another `sort`."
    " Use a date."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListTransactions(UseCase):
    """List a page of the transactions of an account, or of all, as they are or were."""

    accounts: AccountRepository
    imports: ImportRepository
    transactions: TransactionRepository
    history: TransactionHistory

    @audited_query("transactions.view", TRANSACTIONS_VIEWED, count_items)
    async def __call__(
        self,
        *,
        user_id: UserId,
        where: TransactionFilter,
        after: Cursor | None,
        limit: int,
        account_id: AccountId | None = None,
        sort: TransactionSort = TransactionSort.NEWEST,
        as_of: AsOf = NOW,
    ) -> Result[
        Page[ListedTransaction], AccountNotFound | ImportNotFound | InvalidAsOf | Unavailable
    ]:
        if as_of.moment and not (sort is TransactionSort.NEWEST and where.is_of_the_past):
            return Failure(InvalidAsOf(_NOT_OF_A_MOMENT))
        known = await self._whose(where, user_id)
        if isinstance(known, Failure):
            return known
        if as_of.moment:
            found = await self.history.page(
                account_id, owner=user_id, where=where, after=after, limit=limit, at=as_of.moment
            )
        else:
            until = where.until(as_of.day)
            found = await self.transactions.page(
                account_id, owner=user_id, where=until, after=after, limit=limit, sort=sort
            )
        if isinstance(found, Success) and not found.value.items:
            missing = await self._missing(account_id, where.import_id, user_id)
            return missing or found
        return found

    async def _missing(
        self, account_id: AccountId | None, import_id: ImportId | None, user_id: UserId
    ) -> Failure[AccountNotFound | ImportNotFound | Unavailable] | None:
        """Look for what has no transactions: whatever has some exists."""
        if account_id:
            account = await self.accounts.get(account_id, owner=user_id)
            if isinstance(account, Failure):
                return account
        if import_id:
            done = await self.imports.get(import_id, owner=user_id)
            if isinstance(done, Failure):
                return done
        return None

    async def _whose(
        self, where: TransactionFilter, user_id: UserId
    ) -> Result[None, AccountNotFound | Unavailable]:
        """Make sure that a filter names accounts of the user alone."""
        if not where.account_ids:
            return Success(None)
        found = await self.accounts.all(owner=user_id)
        if isinstance(found, Failure):
            return found
        known = {account.id for account in found.value}
        return Success(None) if where.account_ids <= known else Failure(AccountNotFound())


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowTransaction(UseCase):
    """Show one transaction as it is or was, with everything that the statement said."""

    transactions: TransactionRepository
    history: TransactionHistory

    @audited_query("transaction.view", TRANSACTION_VIEWED)
    async def __call__(
        self, *, transaction_id: TransactionId, user_id: UserId, as_of: AsOf = NOW
    ) -> Result[Transaction, TransactionNotFound | Unavailable]:
        if as_of.moment:
            return await self.history.get(transaction_id, owner=user_id, at=as_of.moment)
        found = await self.transactions.get(transaction_id, owner=user_id)
        if as_of.day and isinstance(found, Success) and found.value.booking_date > as_of.day:
            return Failure(TransactionNotFound())
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class EditTransaction(UseCase):
    """Set note, category and tags; an import never changes those that its owner set."""

    transactions: TransactionRepository
    check_annotation: CheckAnnotation

    @audit_failures("transaction.edit", ResourceType.TRANSACTION)
    @retry_on_conflict
    async def __call__(
        self,
        *,
        transaction_id: TransactionId,
        user_id: UserId,
        note: str | None = None,
        category: CategoryChoice | None = None,
        tags: Sequence[str] | None = None,
    ) -> Result[Transaction, TransactionNotFound | AnnotationError]:
        annotation = Annotation(note=note, category=category, tags=tags)
        async with self.unit_of_work(owner=user_id) as uow:
            said = await self.check_annotation(annotation, owner=user_id)
            if isinstance(said, Failure):
                return said
            found = await self.transactions.lock(transaction_id, owner=user_id)
            if isinstance(found, Failure):
                return found
            edited, event = found.value.edit(**said.value.said, at=self.clock.now())
            stored = await self.transactions.edit(edited)
            if isinstance(stored, Failure):
                return stored
            await uow.commit(event)
        return Success(edited)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteTransaction(UseCase):
    """Delete a transaction: no import restores it, only its user does."""

    accounts: AccountRepository
    transactions: TransactionRepository
    reconcile_accounts: ReconcileAccounts

    @audit_failures("transaction.delete", ResourceType.TRANSACTION)
    @retry_on_conflict
    async def __call__(
        self, *, transaction_id: TransactionId, user_id: UserId
    ) -> Result[None, TransactionNotFound | Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            found = await self._locked(transaction_id, user_id)
            if isinstance(found, Failure):
                return found
            deleted, event = found.value.delete(at=self.clock.now())
            stored = await self.transactions.delete(deleted)
            if isinstance(stored, Failure):
                return stored
            reconciled = await self.reconcile_accounts.after_deletion(deleted)
            if isinstance(reconciled, Failure):
                return reconciled
            await uow.commit(event)
        return Success(None)

    async def _locked(
        self, transaction_id: TransactionId, user_id: UserId
    ) -> Result[Transaction, TransactionNotFound | Unavailable]:
        """Lock the account before the transaction, as imports do, or both deadlock."""
        found = await self.transactions.get(transaction_id, owner=user_id)
        if isinstance(found, Failure):
            return found
        locked = await self.accounts.lock({found.value.account_id}, owner=user_id)
        if isinstance(locked, Failure):
            return locked
        return await self.transactions.lock(transaction_id, owner=user_id)
