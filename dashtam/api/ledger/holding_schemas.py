"""Bodies of responses about holdings. Numbers are strings: exact decimals."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel

from dashtam.api.ledger.as_of import AsOfQuery
from dashtam.api.ledger.pages import PageQuery
from dashtam.api.ledger.security_schemas import SecurityResponse, plain
from dashtam.application.ledger.holding_queries import HoldingsPage
from domain.ledger.holdings import Holding
from domain.shared.money import Money


class HoldingsQuery(PageQuery, AsOfQuery):
    """Which holdings are wanted: a page of those of a day or moment."""


class HoldingResponse(BaseModel):
    """A position as a statement gives it; price, value and cost basis are in `currency`."""

    id: UUID
    account_id: UUID
    import_id: UUID
    day: date
    security_id: UUID
    security: SecurityResponse
    quantity: str
    currency: str
    price: str | None
    value: str | None
    cost_basis: str | None

    @classmethod
    def of(cls, holding: Holding) -> "HoldingResponse":
        return cls(
            id=holding.id,
            account_id=holding.account_id,
            import_id=holding.import_id,
            day=holding.day,
            security_id=holding.security_id,
            security=SecurityResponse.of(holding.security),
            quantity=plain(holding.quantity),
            currency=holding.currency,
            price=_digits(holding.price, holding.currency),
            value=_digits(holding.value, holding.currency),
            cost_basis=_digits(holding.cost_basis, holding.currency),
        )


class HoldingsResponse(BaseModel):
    """A page of holdings; without `next_cursor` it is the last."""

    items: list[HoldingResponse]
    next_cursor: str | None

    @classmethod
    def of(cls, page: HoldingsPage) -> "HoldingsResponse":
        items = [HoldingResponse.of(holding) for holding in page.items]
        return cls(items=items, next_cursor=str(page.next) if page.next else None)


def _digits(amount: Decimal | None, currency: str) -> str | None:
    return None if amount is None else Money(amount, currency).digits
