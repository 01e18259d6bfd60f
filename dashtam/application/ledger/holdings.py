"""Read holdings and net worth."""

from dataclasses import dataclass
from datetime import date

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.query import audited_query, count_items
from dashtam.application.use_case import UseCase
from domain.ledger.actions import HOLDINGS_VIEWED, NET_WORTH_VIEWED
from domain.ledger.as_of import NOW, AsOf
from domain.ledger.entities import Holding
from domain.ledger.errors import AccountNotFound, InvalidPeriod
from domain.ledger.exchange_rates import Rates, first_day_of_rates
from domain.ledger.net_worth import NetWorth, NetWorthRange
from domain.ledger.ports import (
    AccountRepository,
    ExchangeRateRepository,
    HoldingRepository,
    NetWorthRepository,
)
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, ResourceType
from domain.shared.ids import AccountId, HoldingId, UserId
from domain.shared.pages import IdPage
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class ListHoldings(UseCase):
    """List a page of the holdings of one account, or of all accounts of a user."""

    accounts: AccountRepository
    holdings: HoldingRepository

    @audited_query("holdings.view", HOLDINGS_VIEWED, count_items)
    async def __call__(
        self,
        *,
        user_id: UserId,
        account_id: AccountId | None = None,
        as_of: AsOf = NOW,
        after: HoldingId | None = None,
        limit: int,
    ) -> Result[IdPage[Holding], AccountNotFound | Unavailable]:
        if account_id:
            account = await self.accounts.get(account_id, owner=user_id, moment=as_of.moment)
            if isinstance(account, Failure):
                return account
        found = await self.holdings.page(
            owner=user_id, account_id=account_id, as_of=as_of, after=after, limit=limit + 1
        )
        if isinstance(found, Failure):
            return found
        return Success(IdPage.of(found.value, limit))


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowNetWorth(UseCase):
    """Show the net worth of a user by day and currency, and in one currency, if asked for."""

    net_worth: NetWorthRepository
    exchange_rates: ExchangeRateRepository

    @audit_failures("net_worth.view", ResourceType.ACCOUNT)
    async def __call__(
        self,
        *,
        user_id: UserId,
        first: date | None = None,
        last: date | None = None,
        as_of: AsOf = NOW,
        currency: str | None = None,
    ) -> Result[NetWorth, InvalidPeriod | Unavailable]:
        now = self.clock.now()
        period = NetWorthRange.parse(first, last, today=as_of.day_or(now.date()))
        if isinstance(period, Failure):
            return period
        async with self.unit_of_work(owner=user_id) as uow:
            worth = await self.net_worth.by_day(period.value, owner=user_id, moment=as_of.moment)
            if isinstance(worth, Failure):
                return worth
            if currency:
                worth = await self._in_one(worth.value, currency, period.value, user_id)
                if isinstance(worth, Failure):
                    return worth
            viewed = NET_WORTH_VIEWED.record(
                subject_id=None,
                actor=Actor.user(user_id),
                occurred_at=now,
                days=period.value.days,
            )
            await uow.commit(viewed)
        return worth

    async def _in_one(
        self, worth: NetWorth, currency: str, period: NetWorthRange, user_id: UserId
    ) -> Result[NetWorth, Unavailable]:
        rate_lists = await self.exchange_rates.between(
            first_day_of_rates(period.first), period.last, owner=user_id
        )
        if isinstance(rate_lists, Failure):
            return rate_lists
        return Success(worth.converted_to(currency, Rates(rate_lists.value)))
