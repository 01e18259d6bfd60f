"""Read accounts and their balances."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashtam.application.query import audited_query, count
from dashtam.application.use_case import UseCase
from domain.ledger.actions import ACCOUNT_VIEWED, ACCOUNTS_VIEWED, BALANCES_VIEWED
from domain.ledger.as_of import NOW, AsOf
from domain.ledger.entities import Account, BalanceSnapshot
from domain.ledger.errors import AccountNotFound
from domain.ledger.ports import AccountRepository, BalanceRepository
from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId, UserId
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountOverview:
    """An account and its latest booked balance, if there is one."""

    account: Account
    balance: BalanceSnapshot | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListAccounts(UseCase):
    """List a user's accounts with their balances."""

    accounts: AccountRepository
    balances: BalanceRepository

    @audited_query("accounts.view", ACCOUNTS_VIEWED, count)
    async def __call__(
        self, *, user_id: UserId, as_of: AsOf = NOW
    ) -> Result[Sequence[AccountOverview], Unavailable]:
        accounts = await self.accounts.all(owner=user_id)
        if isinstance(accounts, Failure):
            return accounts
        latest = await self.balances.latest(owner=user_id, as_of=as_of)
        if isinstance(latest, Failure):
            return latest
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

    @audited_query("account.view", ACCOUNT_VIEWED)
    async def __call__(
        self, *, account_id: AccountId, user_id: UserId, as_of: AsOf = NOW
    ) -> Result[AccountOverview, AccountNotFound | Unavailable]:
        account = await self.accounts.get(account_id, owner=user_id)
        if isinstance(account, Failure):
            return account
        latest = await self.balances.latest(owner=user_id, as_of=as_of)
        if isinstance(latest, Failure):
            return latest
        return Success(AccountOverview(account=account.value, balance=latest.value.get(account_id)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ListBalances(UseCase):
    """List the balances of an account, latest day first."""

    accounts: AccountRepository
    balances: BalanceRepository

    @audited_query("balances.view", BALANCES_VIEWED, count)
    async def __call__(
        self, *, account_id: AccountId, user_id: UserId, limit: int, as_of: AsOf = NOW
    ) -> Result[Sequence[BalanceSnapshot], AccountNotFound | Unavailable]:
        account = await self.accounts.get(account_id, owner=user_id)
        if isinstance(account, Failure):
            return account
        return await self.balances.of_account(account_id, owner=user_id, limit=limit, as_of=as_of)
