"""Holdings: positions in securities, as statements give them."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Self

from domain.ledger.entities import Account
from domain.ledger.values import Security, StatedHolding
from domain.shared.ids import (
    AccountId,
    HoldingId,
    ImportId,
    SecurityId,
    StatementId,
    UserId,
)
from domain.shared.money import MAX_DECIMALS, Money

_LAST_DECIMAL = Decimal(1).scaleb(-MAX_DECIMALS)
# Enough for the product of the two longest numbers that can be stored.
_EXACT = Context(prec=80, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A position in a security that an account held on a day. It is never changed.

    Price, value and cost basis are in `currency`; what a statement gives in another currency is not
    stored.
    """

    id: HoldingId
    user_id: UserId
    account_id: AccountId
    import_id: ImportId
    statement_id: StatementId
    security_id: SecurityId
    security: Security
    day: date
    quantity: Decimal
    currency: str
    price: Decimal | None = None
    value: Decimal | None = None
    cost_basis: Decimal | None = None
    line: int

    @classmethod
    def of(
        cls,
        stated: StatedHolding,
        *,
        id: HoldingId,
        account: Account,
        import_id: ImportId,
        statement_id: StatementId,
        security_id: SecurityId,
    ) -> Self:
        """Make a holding from a stated position; its currency is first of all that of its value."""
        amounts = (stated.value, stated.price, stated.cost_basis)
        currency = next((money.currency for money in amounts if money), account.currency)
        return cls(
            id=id,
            user_id=account.user_id,
            account_id=account.id,
            import_id=import_id,
            statement_id=statement_id,
            security_id=security_id,
            security=stated.security,
            day=stated.day,
            quantity=stated.quantity,
            currency=currency,
            price=_in(currency, stated.price),
            value=_in(currency, stated.value),
            cost_basis=_in(currency, stated.cost_basis),
            line=stated.line,
        )

    @property
    def worth(self) -> Decimal | None:
        """The stated value, or else price times quantity, rounded to the stored decimals."""
        if self.value is not None or self.price is None:
            return self.value
        return _EXACT.multiply(self.price, self.quantity).quantize(_LAST_DECIMAL, context=_EXACT)


def _in(currency: str, money: Money | None) -> Decimal | None:
    return money.amount if money and money.currency == currency else None
