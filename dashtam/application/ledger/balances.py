"""Read the balances of an account: by day, and as they were stated."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dashtam.application.query import audited_query, count_items
from dashtam.application.use_case import UseCase
from domain.ledger.actions import BALANCES_VIEWED, STATED_BALANCES_VIEWED
from domain.ledger.as_of import NOW, AsOf
from domain.ledger.balances import (
    BalanceCursor,
    BalancesPage,
    BalancesRange,
    DailyBalance,
    last_days,
)
from domain.ledger.errors import AccountNotFound
from domain.ledger.imported import BalanceSnapshot
from domain.ledger.ports import AccountRepository, BalanceRepository, DailyBalanceRepository
from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId, UserId
from domain.shared.pages import Cursor, Page
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class ListBalances(UseCase):
    """List the balance of each day and currency of an account, latest day first."""

    accounts: AccountRepository
    daily_balances: DailyBalanceRepository

    @audited_query("balances.view", BALANCES_VIEWED, count_items)
    async def __call__(
        self,
        *,
        account_id: AccountId,
        user_id: UserId,
        days: BalancesRange,
        after: BalanceCursor | None = None,
        limit: int,
        as_of: AsOf = NOW,
    ) -> Result[BalancesPage, AccountNotFound | Unavailable]:
        account = await self.accounts.get(account_id, owner=user_id, moment=as_of.moment)
        if isinstance(account, Failure):
            return account
        first = await self._first_day(account_id, user_id, days, as_of)
        if isinstance(first, Failure):
            return first
        last = min(days.last, after.day) if after else days.last
        if first.value is None or first.value > last:
            return Success(BalancesPage([], None))
        # A day more: it may have been on the page before, or be on the next one.
        found = await self.daily_balances.by_day(
            last_days(first.value, last, limit + 2),
            owner=user_id,
            account_id=account_id,
            moment=as_of.moment,
        )
        return found if isinstance(found, Failure) else Success(_page(found.value, after, limit))

    async def _first_day(
        self, account_id: AccountId, user_id: UserId, days: BalancesRange, as_of: AsOf
    ) -> Result[date | None, Unavailable]:
        if days.first:
            return Success(days.first)
        return await self.daily_balances.first_day(account_id, owner=user_id, moment=as_of.moment)


def _page(found: Sequence[DailyBalance], after: BalanceCursor | None, limit: int) -> BalancesPage:
    rest = [
        each
        for each in found
        if after is None or each.day < after.day or each.currency > after.currency
    ]
    items, last = rest[:limit], rest[:limit][-1:]
    more = len(rest) > limit and last
    return BalancesPage(items, BalanceCursor(last[0].day, last[0].currency) if more else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListStatedBalances(UseCase):
    """List the balances of an account as imports state them, latest day first."""

    accounts: AccountRepository
    balances: BalanceRepository

    @audited_query("stated_balances.view", STATED_BALANCES_VIEWED, count_items)
    async def __call__(
        self,
        *,
        account_id: AccountId,
        user_id: UserId,
        after: Cursor | None = None,
        limit: int,
        as_of: AsOf = NOW,
    ) -> Result[Page[BalanceSnapshot], AccountNotFound | Unavailable]:
        account = await self.accounts.get(account_id, owner=user_id, moment=as_of.moment)
        if isinstance(account, Failure):
            return account
        return await self.balances.page(
            account_id, owner=user_id, after=after, limit=limit, as_of=as_of
        )
