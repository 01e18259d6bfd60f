"""List, show, annotate and delete transactions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.ledger.reconcile import ReconcileAccounts
from dashtam.application.query import audited_query, count_items
from dashtam.application.use_case import UseCase
from domain.ledger.actions import TRANSACTION_VIEWED, TRANSACTIONS_VIEWED
from domain.ledger.allocations import CategoryChoice, Split
from domain.ledger.as_of import NOW, AsOf
from domain.ledger.categories import check_splits, parse_tags
from domain.ledger.entities import Transaction
from domain.ledger.errors import (
    AccountNotFound,
    CategoryNotFound,
    InvalidSplits,
    InvalidTags,
    TransactionNotFound,
)
from domain.ledger.ports import (
    AccountRepository,
    CategoryRepository,
    ListedTransaction,
    TransactionFilter,
    TransactionHistory,
    TransactionRepository,
)
from domain.shared.errors import Unavailable
from domain.shared.events import ResourceType
from domain.shared.ids import AccountId, CategoryId, TransactionId, UserId
from domain.shared.pages import Cursor, Page
from domain.shared.result import Failure, Result, Success

EditTransactionError = (
    TransactionNotFound | CategoryNotFound | InvalidSplits | InvalidTags | Unavailable
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListTransactions(UseCase):
    """List a page of an account's transactions, newest first, as they are or were."""

    accounts: AccountRepository
    transactions: TransactionRepository
    history: TransactionHistory

    @audited_query("transactions.view", TRANSACTIONS_VIEWED, count_items)
    async def __call__(
        self,
        *,
        account_id: AccountId,
        user_id: UserId,
        where: TransactionFilter,
        after: Cursor | None,
        limit: int,
        as_of: AsOf = NOW,
    ) -> Result[Page[ListedTransaction], AccountNotFound | Unavailable]:
        if as_of.moment:
            found = await self.history.page(
                account_id, owner=user_id, where=where, after=after, limit=limit, at=as_of.moment
            )
        else:
            found = await self.transactions.page(
                account_id, owner=user_id, where=where.until(as_of.day), after=after, limit=limit
            )
        if isinstance(found, Success) and not found.value.items:
            # Only an account that exists has transactions, so others need no look.
            account = await self.accounts.get(account_id, owner=user_id)
            return account if isinstance(account, Failure) else found
        return found


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
    categories: CategoryRepository

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
    ) -> Result[Transaction, EditTransactionError]:
        parsed = Success(None) if tags is None else parse_tags(tags)
        if isinstance(parsed, Failure):
            return parsed
        async with self.unit_of_work(owner=user_id) as uow:
            chosen = await self._chosen(category, user_id)
            if isinstance(chosen, Failure):
                return chosen
            parts = await self._named(splits, user_id)
            if isinstance(parts, Failure):
                return parts
            found = await self.transactions.lock(transaction_id, owner=user_id)
            if isinstance(found, Failure):
                return found
            fits = check_splits(parts.value or (), found.value.amount)
            if isinstance(fits, Failure):
                return fits
            edited, event = found.value.edit(
                note=note,
                category=chosen.value,
                tags=parsed.value,
                splits=parts.value,
                at=self.clock.now(),
            )
            stored = await self.transactions.edit(edited)
            if isinstance(stored, Failure):
                return stored
            await uow.commit(event)
        return Success(edited)

    async def _chosen(
        self, category: CategoryChoice | None, owner: UserId
    ) -> Result[CategoryChoice | None, CategoryNotFound | Unavailable]:
        """Return the choice with its path; lock its category first, as those who change it do."""
        if category is None or category.id is None:
            return Success(category)
        found = await self.categories.lock(category.id, owner=owner, shared=True)
        if isinstance(found, Failure):
            return found
        return Success(replace(category, path=found.value.path))

    async def _named(
        self, splits: Sequence[Split] | None, owner: UserId
    ) -> Result[tuple[Split, ...] | None, CategoryNotFound | Unavailable]:
        """Return the parts with the paths of their categories, which are locked."""
        if splits is None:
            return Success(None)
        paths: dict[CategoryId | None, str] = {None: ""}
        # In order, so that two who split with the same categories do not wait for one another.
        for category_id in sorted({each.category_id for each in splits if each.category_id}):
            found = await self.categories.lock(category_id, owner=owner, shared=True)
            if isinstance(found, Failure):
                return found
            paths[category_id] = found.value.path
        return Success(tuple(replace(each, category=paths[each.category_id]) for each in splits))


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteTransaction(UseCase):
    """Delete a transaction for good: no import restores it."""

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
