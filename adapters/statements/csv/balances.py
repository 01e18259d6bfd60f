"""Running balances: they prove the order of the rows and the opening balance."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from domain.ledger.values import BalanceKind, StatedBalance, StatementRow
from domain.shared.money import Money

Run = Sequence[tuple[Decimal, Decimal]]


class ParsedRow(NamedTuple):
    """A row, the account that it names, and the balance that it states."""

    row: StatementRow
    account: str
    balance: Decimal | None


def runs_down(run: Run) -> bool:
    """Say whether every balance is the balance above it plus the amount of its row."""
    return all(above + amount == after for (_, above), (amount, after) in pairwise(run))


def stated_balances(rows: Sequence[ParsedRow]) -> list[StatedBalance]:
    """Return the closing balance, and the opening balance where it is proven.

    It is proven when the balances follow from the amounts of all rows in exactly one order.
    """
    booked = [each for each in rows if not each.row.pending]
    run = [(each.row.amount.amount, each.balance) for each in booked if each.balance is not None]
    if not run:
        return []
    ordered = _in_order(run, booked) if len(run) == len(booked) > 1 else None
    if ordered is None:
        return _of_last_day(booked)
    (amount, first), (_, last) = ordered[0], ordered[-1]
    days = [each.row.booking_date for each in booked]
    currency = booked[0].row.amount.currency
    return [
        StatedBalance(
            kind=BalanceKind.OPENING, money=Money(first - amount, currency), day=min(days)
        ),
        StatedBalance(kind=BalanceKind.BOOKED, money=Money(last, currency), day=max(days)),
    ]


def _in_order(run: Run, booked: Sequence[ParsedRow]) -> Run | None:
    """Return the run from its beginning; if both orders are possible, the dates decide."""
    ordered = [order for order in (run, run[::-1]) if runs_down(order)]
    above, below = booked[0].row.booking_date, booked[-1].row.booking_date
    if len(ordered) == 2 and above != below:
        return run if above < below else run[::-1]
    return ordered[0] if len(ordered) == 1 else None


def _of_last_day(booked: Sequence[ParsedRow]) -> list[StatedBalance]:
    """Return the balance of the last day, if that day has a single row."""
    last = max(each.row.booking_date for each in booked)
    (first, *others) = [each for each in booked if each.row.booking_date == last]
    if others or first.balance is None:
        return []
    money = Money(first.balance, first.row.amount.currency)
    return [StatedBalance(kind=BalanceKind.BOOKED, money=money, day=last)]
