"""Bodies of responses about securities, and numbers of them. Strings: exact decimals."""

from decimal import Decimal

from pydantic import BaseModel

from domain.ledger.values import Security, Trade


class SecurityResponse(BaseModel):
    """A security as a statement names it."""

    scheme: str
    number: str
    name: str
    ticker: str

    @classmethod
    def of(cls, security: Security) -> "SecurityResponse":
        return cls(
            scheme=security.scheme,
            number=security.number,
            name=security.name,
            ticker=security.ticker,
        )


class TradeResponse(BaseModel):
    """What moved beside cash; the quantity is negative when it left the account."""

    security: SecurityResponse
    quantity: str
    unit_price: str | None

    @classmethod
    def of(cls, trade: Trade) -> "TradeResponse":
        return cls(
            security=SecurityResponse.of(trade.security),
            quantity=plain(trade.quantity),
            unit_price=exact(trade.unit_price),
        )


def plain(number: Decimal) -> str:
    """Write a number exactly, with no more digits than it has."""
    return f"{number.normalize() + 0:f}"


def exact(number: Decimal | None) -> str | None:
    """Write a number, if there is one."""
    return None if number is None else plain(number)
