"""Read accounts and their balances."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashtam.application.query import audited_query, count
from dashtam.application.use_case import UseCase
from domain.ledger.accounts import Freshness
from domain.ledger.actions import ACCOUNT_VIEWED, ACCOUNTS_VIEWED, BALANCES_VIEWED
from domain.ledger.as_of import NOW, AsOf
from domain.ledger.entities import Account, BalanceSnapshot
from domain.ledger.errors import AccountNotFound
from domain.ledger.ports import (
    AccountRepository,
    BalanceRepository,
    FreshnessRepository,
    ReconciliationRepository,
)
from domain.ledger.reconciling import AccountReconciliation
from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId, UserId
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountOverview:
    """An account, its latest booked balance, if there is one, and whether the ledger agrees.

    How the ledger agrees with all balances, and how far statements reach, is known of the present
    alone.
    """

    account: Account
    balance: BalanceSnapshot | None
    reconciliation: AccountReconciliation | None = None
    freshness: Freshness | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowsAccounts(UseCase):
    """Adds to accounts their balances, and whether the ledger agrees with these."""

    accounts: AccountRepository
    balances: BalanceRepository
    reconciliations: ReconciliationRepository
    freshness: FreshnessRepository

    async def overviews(
        self, accounts: Sequence[Account], user_id: UserId, as_of: AsOf
    ) -> Result[list[AccountOverview], Unavailable]:
        latest = await self.balances.latest(owner=user_id, as_of=as_of)
        if isinstance(latest, Failure):
            return latest
        found = await self.reconciliations.by_account(owner=user_id)
        if isinstance(found, Failure):
            return found
        fresh = await self.freshness.by_account(owner=user_id)
        if isinstance(fresh, Failure):
            return fresh
        is_now = as_of == NOW
        return Success(
            [
                AccountOverview(
                    account=each,
                    balance=latest.value.get(each.id),
                    reconciliation=found.value.get(each.id, AccountReconciliation())
                    if is_now
                    else None,
                    freshness=fresh.value.get(each.id, Freshness()) if is_now else None,
                )
                for each in accounts
            ]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ListAccounts(ShowsAccounts):
    """List a user's accounts with their balances."""

    @audited_query("accounts.view", ACCOUNTS_VIEWED, count)
    async def __call__(
        self, *, user_id: UserId, as_of: AsOf = NOW
    ) -> Result[Sequence[AccountOverview], Unavailable]:
        accounts = await self.accounts.all(owner=user_id)
        if isinstance(accounts, Failure):
            return accounts
        return await self.overviews(accounts.value, user_id, as_of)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowAccount(ShowsAccounts):
    """Show one account with its balance."""

    @audited_query("account.view", ACCOUNT_VIEWED)
    async def __call__(
        self, *, account_id: AccountId, user_id: UserId, as_of: AsOf = NOW
    ) -> Result[AccountOverview, AccountNotFound | Unavailable]:
        account = await self.accounts.get(account_id, owner=user_id)
        if isinstance(account, Failure):
            return account
        shown = await self.overviews([account.value], user_id, as_of)
        return shown if isinstance(shown, Failure) else Success(shown.value[0])


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
