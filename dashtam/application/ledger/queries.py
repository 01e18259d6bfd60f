"""Reading the ledger. Every reading leaves an audit entry, in the transaction that reads."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.use_case import UseCase
from domain.ledger.as_of import NOW, AsOf
from domain.ledger.entities import Account, BalanceSnapshot, Transaction
from domain.ledger.errors import AccountNotFound, TransactionNotFound
from domain.ledger.events import (
    AccountsViewed,
    AccountViewed,
    BalancesViewed,
    TransactionsViewed,
    TransactionViewed,
)
from domain.ledger.ports import (
    AccountRepository,
    BalanceRepository,
    TransactionFilter,
    TransactionHistory,
    TransactionRepository,
)
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, ResourceType
from domain.shared.ids import AccountId, TransactionId, UserId
from domain.shared.pages import Cursor, Page
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountOverview:
    """An account and its latest booked balance, if one was ever stated."""

    account: Account
    balance: BalanceSnapshot | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListAccounts(UseCase):
    """List a user's accounts with their balances."""

    accounts: AccountRepository
    balances: BalanceRepository

    @audit_refusals("accounts.view", ResourceType.ACCOUNT)
    async def __call__(
        self, *, user_id: UserId, as_of: AsOf = NOW
    ) -> Result[Sequence[AccountOverview], Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            accounts = await self.accounts.all(owner=user_id)
            if isinstance(accounts, Failure):
                return accounts
            latest = await self.balances.latest(owner=user_id, as_of=as_of)
            if isinstance(latest, Failure):
                return latest
            await uow.commit(
                AccountsViewed(
                    subject_id=None,
                    actor=Actor.user(user_id),
                    occurred_at=self.clock.now(),
                    count=len(accounts.value),
                )
            )
        return Success(
            [
                AccountOverview(account=account, balance=latest.value.get(account.id))
                for account in accounts.value
            ]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowAccount(UseCase):
    """Show one account with its balance."""

    accounts: AccountRepository
    balances: BalanceRepository

    @audit_refusals("account.view", ResourceType.ACCOUNT)
    async def __call__(
        self, *, account_id: AccountId, user_id: UserId, as_of: AsOf = NOW
    ) -> Result[AccountOverview, AccountNotFound | Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            account = await self.accounts.get(account_id, owner=user_id)
            if isinstance(account, Failure):
                return account
            latest = await self.balances.latest(owner=user_id, as_of=as_of)
            if isinstance(latest, Failure):
                return latest
            await uow.commit(
                AccountViewed(
                    subject_id=account_id,
                    actor=Actor.user(user_id),
                    occurred_at=self.clock.now(),
                )
            )
        return Success(AccountOverview(account=account.value, balance=latest.value.get(account_id)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ListBalances(UseCase):
    """List what an account held, latest day first."""

    accounts: AccountRepository
    balances: BalanceRepository

    @audit_refusals("balances.view", ResourceType.ACCOUNT)
    async def __call__(
        self, *, account_id: AccountId, user_id: UserId, limit: int, as_of: AsOf = NOW
    ) -> Result[Sequence[BalanceSnapshot], AccountNotFound | Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            account = await self.accounts.get(account_id, owner=user_id)
            if isinstance(account, Failure):
                return account
            balances = await self.balances.of_account(
                account_id, owner=user_id, limit=limit, as_of=as_of
            )
            if isinstance(balances, Failure):
                return balances
            await uow.commit(
                BalancesViewed(
                    subject_id=account_id,
                    actor=Actor.user(user_id),
                    occurred_at=self.clock.now(),
                    count=len(balances.value),
                )
            )
        return balances


@dataclass(frozen=True, slots=True, kw_only=True)
class ListTransactions(UseCase):
    """List a page of an account's transactions, newest first, as they are or were."""

    accounts: AccountRepository
    transactions: TransactionRepository
    history: TransactionHistory

    @audit_refusals("transactions.view", ResourceType.ACCOUNT)
    async def __call__(
        self,
        *,
        account_id: AccountId,
        user_id: UserId,
        where: TransactionFilter,
        after: Cursor | None,
        limit: int,
        as_of: AsOf = NOW,
    ) -> Result[Page[Transaction], AccountNotFound | Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            account = await self.accounts.get(account_id, owner=user_id)
            if isinstance(account, Failure):
                return account
            page = await self._page(
                account_id, user_id, as_of, where=where, after=after, limit=limit
            )
            if isinstance(page, Failure):
                return page
            await uow.commit(
                TransactionsViewed(
                    subject_id=account_id,
                    actor=Actor.user(user_id),
                    occurred_at=self.clock.now(),
                    count=len(page.value.items),
                )
            )
        return page

    async def _page(
        self,
        account_id: AccountId,
        user_id: UserId,
        as_of: AsOf,
        *,
        where: TransactionFilter,
        after: Cursor | None,
        limit: int,
    ) -> Result[Page[Transaction], Unavailable]:
        if as_of.moment:
            return await self.history.page(
                account_id, owner=user_id, where=where, after=after, limit=limit, at=as_of.moment
            )
        where = where.until(as_of.day)
        return await self.transactions.page(
            account_id, owner=user_id, where=where, after=after, limit=limit
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowTransaction(UseCase):
    """Show one transaction as it is or was, with all that the statement said of it."""

    transactions: TransactionRepository
    history: TransactionHistory

    @audit_refusals("transaction.view", ResourceType.TRANSACTION)
    async def __call__(
        self, *, transaction_id: TransactionId, user_id: UserId, as_of: AsOf = NOW
    ) -> Result[Transaction, TransactionNotFound | Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            found = await self._find(transaction_id, user_id, as_of)
            if isinstance(found, Failure):
                return found
            await uow.commit(
                TransactionViewed(
                    subject_id=transaction_id,
                    actor=Actor.user(user_id),
                    occurred_at=self.clock.now(),
                )
            )
        return found

    async def _find(
        self, transaction_id: TransactionId, user_id: UserId, as_of: AsOf
    ) -> Result[Transaction, TransactionNotFound | Unavailable]:
        if as_of.moment:
            return await self.history.get(transaction_id, owner=user_id, at=as_of.moment)
        found = await self.transactions.get(transaction_id, owner=user_id)
        if as_of.day and isinstance(found, Success) and found.value.booking_date > as_of.day:
            return Failure(TransactionNotFound("No such transaction."))
        return found
