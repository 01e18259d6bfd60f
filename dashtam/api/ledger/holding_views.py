"""Holdings and net worth over HTTP."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from dashtam.api.answers import answer
from dashtam.api.http import read_query
from dashtam.api.ledger.holding_schemas import (
    HoldingsQuery,
    HoldingsResponse,
)
from dashtam.api.ledger.net_worth_schemas import NetWorthQuery, NetWorthResponse
from dashtam.api.ledger.pages import id_place
from dashtam.api.ledger.scopes import READ_ACCOUNTS
from dashtam.api.problems import problem
from dashtam.api.session import CallerView
from dashtam.application.ledger.holding_queries import ListHoldings, ShowNetWorth
from domain.shared.ids import AccountId, HoldingId
from domain.shared.result import Failure, Success


class HoldingsView(CallerView):
    """What is held of which security: by one account, or by all of a user's."""

    scopes = {"get": READ_ACCOUNTS}
    list_holdings: ListHoldings

    async def get(self, request: HttpRequest, account_id: UUID | None = None) -> HttpResponse:
        """List a page of holdings, as the latest complete statements tell them."""
        query = read_query(request, HoldingsQuery)
        after = query.place(id_place)
        match await self.list_holdings(
            user_id=self.caller.user_id,
            account_id=AccountId(account_id) if account_id else None,
            as_of=query.look_back(self.list_holdings.clock),
            after=HoldingId(after) if after else None,
            limit=query.limit,
        ):
            case Success(page):
                return answer(HoldingsResponse.of(page))
            case Failure(error):
                return problem(error, request)


class NetWorthView(CallerView):
    """What all accounts of a user come to."""

    scopes = {"get": READ_ACCOUNTS}
    show_net_worth: ShowNetWorth

    async def get(self, request: HttpRequest) -> HttpResponse:
        """Tell it day by day and in each currency; of 30 days up to today, unless others are."""
        query = read_query(request, NetWorthQuery)
        match await self.show_net_worth(
            user_id=self.caller.user_id, first=query.date_from, last=query.date_to
        ):
            case Success(net_worth):
                return answer(NetWorthResponse.of(net_worth))
            case Failure(error):
                return problem(error, request)
