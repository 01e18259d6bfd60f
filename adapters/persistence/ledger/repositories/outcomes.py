"""From the row of a statement to what became of it."""

from datetime import date
from decimal import Decimal

from adapters.persistence.ledger.models import StatementModel
from domain.ledger.imports import StatementOutcome
from domain.ledger.values import BalanceKind, Reconciliation, StatedBalance
from domain.shared.ids import AccountId, StatementId
from domain.shared.money import Money


def outcome_of(row: StatementModel) -> StatementOutcome:
    return StatementOutcome(
        id=StatementId(row.id),
        account_id=AccountId(row.account_id),
        currency=row.currency,
        number=row.number,
        first_day=row.first_day,
        last_day=row.last_day,
        opening=_balance(BalanceKind.OPENING, row.opening, row.opening_day, row.currency),
        closing=_balance(BalanceKind.BOOKED, row.closing, row.closing_day, row.currency),
        holdings_day=row.holdings_day,
        reconciliation=Reconciliation(row.reconciliation),
        new=row.new,
        same=row.same,
        updates=row.updates,
        conflict=row.conflict,
        deleted=row.deleted,
        balances=row.balances,
    )


def _balance(
    kind: BalanceKind, amount: Decimal | None, day: date | None, currency: str
) -> StatedBalance | None:
    if amount is None or day is None:
        return None
    return StatedBalance(kind=kind, money=Money(amount, currency), day=day)
