"""Holdings and net worth."""

from datetime import date
from decimal import Decimal
from typing import Self
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from dashtam.api.http import read_query
from dashtam.api.ledger.csv_profiles import Currency
from dashtam.api.ledger.parameters import READ_ACCOUNTS, AsOfQuery, PageQuery, PeriodQuery
from dashtam.api.ledger.values import Imported, SecurityResponse, plain
from dashtam.api.problems import unwrap
from dashtam.api.responses import PageResponse, Response, respond
from dashtam.api.session import CallerView
from dashtam.application.ledger.holdings import ListHoldings, ShowNetWorth
from domain.ledger.entities import Holding
from domain.ledger.exchange_rates import AppliedRate, RateSource
from domain.ledger.net_worth import ConvertedWorth, NetWorth, Worth, WorthPart
from domain.shared.ids import AccountId, HoldingId
from domain.shared.money import Money


class HoldingBody(Response):
    """A position as a statement gives it; price, value and cost basis are in `currency`."""

    day: date
    security: SecurityResponse
    quantity: str
    currency: str
    price: str | None
    value: str | None
    cost_basis: str | None

    @classmethod
    def of(cls, holding: Holding) -> Self:
        return cls.copy_from(
            holding,
            security=SecurityResponse.of(holding.security),
            quantity=plain(holding.quantity),
            price=_digits(holding.price, holding.currency),
            value=_digits(holding.value, holding.currency),
            cost_basis=_digits(holding.cost_basis, holding.currency),
        )


class HoldingResponse(HoldingBody, Imported):
    """A position in a security."""

    security_id: UUID


class HoldingsQuery(PageQuery, AsOfQuery):
    """Which page of holdings to return, and as of when."""


class NetWorthQuery(PeriodQuery, AsOfQuery):
    """The days of a net worth, as of when, and the currency to convert it to, if any."""

    currency: Currency | None = None


class WorthResponse(Response):
    """The total of all accounts at the end of a day, in one currency."""

    day: date
    currency: str
    cash: str
    holdings: str
    total: str
    holdings_without_value: int

    @classmethod
    def of(cls, worth: Worth) -> Self:
        return cls.copy_from(
            worth,
            cash=Money(worth.cash, worth.currency).digits,
            holdings=Money(worth.holdings, worth.currency).digits,
            total=Money(worth.total, worth.currency).digits,
            holdings_without_value=worth.unvalued,
        )


class UnknownCurrencyResponse(Response):
    """A currency in which an account has transactions, and no balance from which theirs follows."""

    account_id: UUID
    currency: str


class AppliedRateResponse(Response):
    """A rate of a day: how much one unit of the part's currency was worth, to twelve digits."""

    rate: str
    day: date
    sources: list[RateSource]

    @classmethod
    def of(cls, rate: AppliedRate) -> Self:
        return cls.copy_from(rate, rate=plain(rate.shown), sources=list(rate.sources))


class WorthPartResponse(Response):
    """What there is in one currency; without a rate it is not `converted`, and not in the total."""

    amount: str
    currency: str
    converted: str | None
    rate: AppliedRateResponse | None

    @classmethod
    def of(cls, part: WorthPart, currency: str) -> Self:
        return cls(
            amount=part.amount.digits,
            currency=part.amount.currency,
            converted=_digits(part.converted, currency),
            rate=AppliedRateResponse.of(part.rate) if part.rate else None,
        )


class ConvertedWorthResponse(Response):
    """The net worth of a day in one currency, and its parts."""

    day: date
    currency: str
    total: str
    is_complete: bool
    parts: list[WorthPartResponse]

    @classmethod
    def of(cls, worth: ConvertedWorth) -> Self:
        return cls.copy_from(
            worth,
            total=Money(worth.total, worth.currency).digits,
            parts=[WorthPartResponse.of(part, worth.currency) for part in worth.parts],
        )


class NetWorthResponse(Response):
    """Net worth by day and currency, without what is unknown: accounts, or currencies of them."""

    items: list[WorthResponse]
    unknown_accounts: list[UUID]
    unknown_currencies: list[UnknownCurrencyResponse]
    converted: list[ConvertedWorthResponse]

    @classmethod
    def of(cls, net_worth: NetWorth) -> Self:
        return cls(
            items=[WorthResponse.of(worth) for worth in net_worth.items],
            unknown_accounts=list(net_worth.unknown_accounts),
            unknown_currencies=[
                UnknownCurrencyResponse(account_id=account_id, currency=currency)
                for account_id, currency in net_worth.unknown_currencies
            ],
            converted=[ConvertedWorthResponse.of(worth) for worth in net_worth.converted],
        )


class HoldingsView(CallerView):
    """The securities that one account holds, or all accounts of a user."""

    scopes = {"get": READ_ACCOUNTS}
    list_holdings: ListHoldings

    async def get(self, request: HttpRequest, account_id: UUID | None = None) -> HttpResponse:
        """List a page of holdings, as the latest complete statements give them."""
        query = read_query(request, HoldingsQuery)
        page = unwrap(
            await self.list_holdings(
                user_id=self.caller.user_id,
                account_id=AccountId(account_id) if account_id else None,
                as_of=query.look_back(self.list_holdings.clock),
                after=query.after_id(HoldingId),
                limit=query.limit,
            )
        )
        return respond(PageResponse[HoldingResponse].of(page, HoldingResponse.of))


class NetWorthView(CallerView):
    """The total of all accounts of a user."""

    scopes = {"get": READ_ACCOUNTS}
    show_net_worth: ShowNetWorth

    async def get(self, request: HttpRequest) -> HttpResponse:
        """Show net worth by day and currency: of the last 30 days, unless others are given."""
        query = read_query(request, NetWorthQuery)
        net_worth = unwrap(
            await self.show_net_worth(
                user_id=self.caller.user_id,
                first=query.date_from,
                last=query.date_to,
                as_of=query.look_back(self.show_net_worth.clock),
                currency=query.currency,
            )
        )
        return respond(NetWorthResponse.of(net_worth))


def _digits(amount: Decimal | None, currency: str) -> str | None:
    return None if amount is None else Money(amount, currency).digits
