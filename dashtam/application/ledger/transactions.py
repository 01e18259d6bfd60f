"""List, show, annotate and delete transactions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.ledger.check_annotation import AnnotationError, CheckAnnotation
from dashtam.application.ledger.locking import lock_transaction
from dashtam.application.ledger.reconcile import ReconcileAccounts
from dashtam.application.query import audited_query, count_items
from dashtam.application.use_case import UseCase
from domain.ledger.actions import TRANSACTION_VIEWED, TRANSACTIONS_VIEWED
from domain.ledger.allocations import Annotation, CategoryChoice, Split
from domain.ledger.as_of import NOW, AsOf, InvalidAsOf
from domain.ledger.categories import check_splits
from domain.ledger.entities import Transaction
from domain.ledger.errors import AccountNotFound, ImportNotFound, TransactionNotFound
from domain.ledger.listing import BulkEdit, CurrencyTotal, TransactionFilter, TransactionSort
from domain.ledger.ports import (
    AccountRepository,
    ImportRepository,
    ListedTransaction,
    TransactionHistory,
    TransactionRepository,
)
from domain.shared.errors import Unavailable
from domain.shared.events import ResourceType
from domain.shared.ids import AccountId, TransactionId, UserId
from domain.shared.pages import Cursor, Page
from domain.shared.result import Failure, Result, Success

_NOT_OF_A_MOMENT = (
    "As of a moment, transactions are listed newest first, without `q`, `unreconciled` and"
    " `totals`. Use a date."
)


@dataclass(frozen=True, slots=True)
class TransactionsPage:
    """Some transactions, the cursor for the ones after them, and totals of the list if wanted."""

    items: Sequence[ListedTransaction]
    next: Cursor | None
    totals: Sequence[CurrencyTotal] | None = None


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
        totals: bool = False,
    ) -> Result[TransactionsPage, AccountNotFound | ImportNotFound | InvalidAsOf | Unavailable]:
        newest = sort is TransactionSort.NEWEST
        if as_of.moment and not (newest and where.is_of_the_past and not totals):
            return Failure(InvalidAsOf(_NOT_OF_A_MOMENT))
        if as_of.moment:
            found = await self.history.page(
                account_id, owner=user_id, where=where, after=after, limit=limit, at=as_of.moment
            )
        else:
            until = where.until(as_of.day)
            found = await self.transactions.page(
                account_id, owner=user_id, where=until, after=after, limit=limit, sort=sort
            )
        if isinstance(found, Failure):
            return found
        known = await self._known(account_id, where, found.value, user_id, as_of.moment)
        if isinstance(known, Failure):
            return known
        page = TransactionsPage(found.value.items, found.value.next)
        return await self._sum(page, account_id, where.until(as_of.day), user_id, wanted=totals)

    async def _known(
        self,
        account_id: AccountId | None,
        where: TransactionFilter,
        page: Page[ListedTransaction],
        user_id: UserId,
        moment: datetime | None,
    ) -> Result[None, AccountNotFound | ImportNotFound | Unavailable]:
        """Make sure that a list is one of what the user has: whatever has transactions exists."""
        if where.account_ids:
            accounts = await self.accounts.all(owner=user_id, moment=moment)
            if isinstance(accounts, Failure):
                return accounts
            if not where.account_ids <= {account.id for account in accounts.value}:
                return Failure(AccountNotFound())
        if account_id and not page.items:
            account = await self.accounts.get(account_id, owner=user_id, moment=moment)
            if isinstance(account, Failure):
                return account
        if where.import_id and not page.items:
            done = await self.imports.get(where.import_id, owner=user_id)
            if isinstance(done, Failure):
                return done
        return Success(None)

    async def _sum(
        self,
        page: TransactionsPage,
        account_id: AccountId | None,
        where: TransactionFilter,
        user_id: UserId,
        *,
        wanted: bool,
    ) -> Result[TransactionsPage, Unavailable]:
        """Add the totals of the list, if they are wanted."""
        if not wanted:
            return Success(page)
        totals = await self.transactions.totals(account_id, owner=user_id, where=where)
        if isinstance(totals, Failure):
            return totals
        return Success(replace(page, totals=totals.value))


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
    """Set note, tags, and category or splits, which no import changes then."""

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
        splits: Sequence[Split] | None = None,
    ) -> Result[Transaction, TransactionNotFound | AnnotationError]:
        annotation = Annotation(note=note, category=category, tags=tags, splits=splits)
        async with self.unit_of_work(owner=user_id) as uow:
            said = await self.check_annotation(annotation, owner=user_id)
            if isinstance(said, Failure):
                return said
            found = await self.transactions.lock(transaction_id, owner=user_id)
            if isinstance(found, Failure):
                return found
            fits = check_splits(said.value.splits or (), found.value.amount)
            if isinstance(fits, Failure):
                return fits
            edited, event = found.value.edit(**said.value.said, at=self.clock.now())
            stored = await self.transactions.edit(edited)
            if isinstance(stored, Failure):
                return stored
            await uow.commit(event)
        return Success(edited)


@dataclass(frozen=True, slots=True, kw_only=True)
class EditTransactions(UseCase):
    """Set note, category or tags of several transactions at once: of all of them, or of none."""

    transactions: TransactionRepository
    check_annotation: CheckAnnotation

    @audit_failures("transactions.edit", ResourceType.TRANSACTION)
    @retry_on_conflict
    async def __call__(
        self, edit: BulkEdit, *, user_id: UserId
    ) -> Result[None, TransactionNotFound | AnnotationError]:
        async with self.unit_of_work(owner=user_id) as uow:
            said = await self.check_annotation(edit.annotation, owner=user_id)
            if isinstance(said, Failure):
                return said
            edit = replace(edit, annotation=said.value)
            stored = await self.transactions.edit_all(edit, owner=user_id)
            if isinstance(stored, Failure):
                return stored
            await uow.commit(edit.event(owner=user_id, at=self.clock.now()))
        return Success(None)


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
            found = await lock_transaction(
                self.accounts, self.transactions, transaction_id, user_id
            )
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
