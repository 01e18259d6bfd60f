"""Parts of responses that several resources share. Numbers are strings: exact decimals."""

from datetime import date
from decimal import Decimal
from typing import Self
from uuid import UUID

from dashtam.api.responses import Response
from domain.ledger.balances import BalanceSource, DailyBalance
from domain.ledger.imported import BalanceSnapshot
from domain.ledger.kinds import BalanceKind
from domain.ledger.values import (
    LedgerReconciliation,
    Reconciliation,
    Security,
    StatedBalance,
    Trade,
)
from domain.shared.money import Money


class Imported(Response):
    """What identifies a thing in the ledger, and where it came from."""

    id: UUID
    account_id: UUID
    import_id: UUID


class StatedBalanceResponse(Response):
    """A balance as a statement gives it."""

    amount: str
    currency: str
    day: date

    @classmethod
    def of(cls, balance: StatedBalance | BalanceSnapshot) -> Self:
        money = balance.money
        return cls.copy_from(balance, amount=money.digits, currency=money.currency)


class LedgerReconciliationResponse(Response):
    """Whether the transactions in the ledger make the difference of two balances.

    The days are those after the one balance, up to the other; the difference is what they are short
    of it.
    """

    reconciliation: Reconciliation
    difference: str | None
    first_day: date | None
    last_day: date | None

    @classmethod
    def of(cls, ledger: LedgerReconciliation) -> Self:
        short = ledger.difference
        return cls.copy_from(
            ledger, reconciliation=ledger.state, difference=short.digits if short else None
        )


class BalanceResponse(StatedBalanceResponse):
    """A balance of an account as a statement gives it, with its kind."""

    kind: BalanceKind


class DailyBalanceResponse(Response):
    """The balance of an account at the end of a day, and what it rests on; without it, unknown."""

    day: date
    currency: str
    amount: str | None
    source: BalanceSource
    stated_on: date | None
    kind: BalanceKind | None

    @classmethod
    def of(cls, balance: DailyBalance) -> Self:
        amount = balance.amount
        digits = None if amount is None else Money(amount, balance.currency).digits
        return cls.copy_from(balance, amount=digits)


class SecurityResponse(Response):
    """A security as a statement names it."""

    scheme: str
    number: str
    name: str
    ticker: str

    @classmethod
    def of(cls, security: Security) -> Self:
        return cls.copy_from(security)


class TradeResponse(Response):
    """The securities that were traded; the quantity is negative when they left the account."""

    security: SecurityResponse
    quantity: str
    unit_price: str | None

    @classmethod
    def of(cls, trade: Trade) -> Self:
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
