"""Balances of an account: by day, and as they were stated."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from dashtam.api.http import read_query
from dashtam.api.ledger.parameters import READ_ACCOUNTS, AsOfQuery, PageQuery, PeriodQuery
from dashtam.api.ledger.values import BalanceResponse, DailyBalanceResponse
from dashtam.api.problems import unwrap
from dashtam.api.responses import PageResponse, respond
from dashtam.api.session import CallerView
from dashtam.application.ledger.balances import ListBalances, ListStatedBalances
from domain.ledger.balances import BalanceCursor, BalancesRange
from domain.shared.ids import AccountId
from domain.shared.pages import Cursor


class BalancesQuery(PageQuery, PeriodQuery, AsOfQuery):
    """The days, which page of them, and as of when."""


class StatedBalancesQuery(PageQuery, AsOfQuery):
    """Which page of stated balances to return, and as of when."""


class BalancesView(CallerView):
    """The balances of an account by day."""

    scopes = {"get": READ_ACCOUNTS}
    list_balances: ListBalances

    async def get(self, request: HttpRequest, account_id: UUID) -> HttpResponse:
        """List the balance of each day and currency, latest day first."""
        query = read_query(request, BalancesQuery)
        as_of = query.look_back(self.list_balances.clock)
        today = as_of.day_or(self.list_balances.clock.now().date())
        page = unwrap(
            await self.list_balances(
                account_id=AccountId(account_id),
                user_id=self.caller.user_id,
                days=unwrap(BalancesRange.parse(query.date_from, query.date_to, today=today)),
                after=query.after(BalanceCursor),
                limit=query.limit,
                as_of=as_of,
            )
        )
        return respond(PageResponse[DailyBalanceResponse].of(page, DailyBalanceResponse.of))


class StatedBalancesView(CallerView):
    """The balances that statements of an account give."""

    scopes = {"get": READ_ACCOUNTS}
    list_stated_balances: ListStatedBalances

    async def get(self, request: HttpRequest, account_id: UUID) -> HttpResponse:
        """List a page of stated balances, latest day first."""
        query = read_query(request, StatedBalancesQuery)
        page = unwrap(
            await self.list_stated_balances(
                account_id=AccountId(account_id),
                user_id=self.caller.user_id,
                after=query.after(Cursor),
                limit=query.limit,
                as_of=query.look_back(self.list_stated_balances.clock),
            )
        )
        return respond(PageResponse[BalanceResponse].of(page, BalanceResponse.of))
