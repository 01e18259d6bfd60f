"""Read accounts and their balances."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashtam.application.connections.account_sources import AccountSource, FindAccountSources
from dashtam.application.query import audited_query, count
from dashtam.application.use_case import UseCase
from domain.ledger.accounts import Freshness
from domain.ledger.actions import ACCOUNT_VIEWED, ACCOUNTS_VIEWED
from domain.ledger.as_of import NOW, AsOf
from domain.ledger.balances import DailyBalance
from domain.ledger.days import Days
from domain.ledger.entities import Account
from domain.ledger.errors import AccountNotFound
from domain.ledger.ports import (
    AccountRepository,
    DailyBalanceRepository,
    FreshnessRepository,
    ReconciliationRepository,
)
from domain.ledger.reconciling import AccountReconciliation
from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId, UserId
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountOverview:
    """An account, its balance in each currency, and whether the ledger agrees.

    How the ledger agrees with all balances, how far statements reach, and which connection fills
    the account is known of the present alone.
    """

    account: Account
    balances: Sequence[DailyBalance] = ()
    reconciliation: AccountReconciliation | None = None
    freshness: Freshness | None = None
    source: AccountSource | None = None

    @property
    def balance(self) -> DailyBalance | None:
        """The balance in the currency of the account, unless it is not known."""
        own = [each for each in self.balances if each.currency == self.account.currency]
        return own[0] if own and own[0].amount is not None else None

    @property
    def other_balances(self) -> Sequence[DailyBalance]:
        return [each for each in self.balances if each.currency != self.account.currency]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowsAccounts(UseCase):
    """Adds to accounts their balances, and whether the ledger agrees with these."""

    accounts: AccountRepository
    daily_balances: DailyBalanceRepository
    reconciliations: ReconciliationRepository
    freshness: FreshnessRepository
    find_account_sources: FindAccountSources

    async def overviews(
        self, accounts: Sequence[Account], user_id: UserId, as_of: AsOf
    ) -> Result[list[AccountOverview], Unavailable]:
        day = as_of.day_or(self.clock.now().date())
        only = accounts[0].id if len(accounts) == 1 else None
        known = await self.daily_balances.by_day(
            Days(day, day), owner=user_id, account_id=only, moment=as_of.moment
        )
        if isinstance(known, Failure):
            return known
        found = await self.reconciliations.by_account(owner=user_id)
        if isinstance(found, Failure):
            return found
        fresh = await self.freshness.by_account(owner=user_id)
        if isinstance(fresh, Failure):
            return fresh
        is_now = as_of == NOW
        sources = await self.find_account_sources(owner=user_id)
        if isinstance(sources, Failure):
            return sources
        return Success(
            [
                AccountOverview(
                    account=each,
                    balances=[one for one in known.value if one.account_id == each.id],
                    reconciliation=found.value.get(each.id, AccountReconciliation())
                    if is_now
                    else None,
                    freshness=fresh.value.get(each.id, Freshness()) if is_now else None,
                    source=sources.value.get(each.id) if is_now else None,
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
        accounts = await self.accounts.all(owner=user_id, moment=as_of.moment)
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
        account = await self.accounts.get(account_id, owner=user_id, moment=as_of.moment)
        if isinstance(account, Failure):
            return account
        shown = await self.overviews([account.value], user_id, as_of)
        return shown if isinstance(shown, Failure) else Success(shown.value[0])
