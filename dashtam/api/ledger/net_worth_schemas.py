"""Bodies of responses about net worth. Amounts are strings: exact decimals."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel

from dashtam.api.http import Query
from dashtam.api.ledger.days import Day
from domain.ledger.net_worth import NetWorth, Worth
from domain.shared.money import Money


class NetWorthQuery(Query):
    """Which days are wanted; both bounds are inclusive."""

    date_from: Day | None = None
    date_to: Day | None = None


class WorthResponse(BaseModel):
    """What all accounts came to at the end of a day, in one currency."""

    day: date
    currency: str
    cash: str
    holdings: str
    total: str
    holdings_without_value: int

    @classmethod
    def of(cls, worth: Worth) -> "WorthResponse":
        return cls(
            day=worth.day,
            currency=worth.currency,
            cash=Money(worth.cash, worth.currency).digits,
            holdings=Money(worth.holdings, worth.currency).digits,
            total=Money(worth.total, worth.currency).digits,
            holdings_without_value=worth.unvalued,
        )


class NetWorthResponse(BaseModel):
    """Day by day and currency by currency; of `unknown_accounts` nothing is in it."""

    items: list[WorthResponse]
    unknown_accounts: list[UUID]

    @classmethod
    def of(cls, net_worth: NetWorth) -> "NetWorthResponse":
        return cls(
            items=[WorthResponse.of(worth) for worth in net_worth.items],
            unknown_accounts=list(net_worth.unknown_accounts),
        )
