"""Balances: those that rows state beside their amounts, and those that are rows of their own."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from adapters.statements.csv.words import labelled_balance, names_balance
from domain.ledger.values import BalanceKind, StatedBalance, StatementRow
from domain.shared.money import Money

Run = Sequence[tuple[Decimal, Decimal]]


class BalanceRow(NamedTuple):
    """A row that states a balance and is no transaction.

    Its account, currency and day may be missing.
    """

    line: int
    kind: BalanceKind
    amount: Decimal
    account: str = ""
    currency: str = ""
    day: date | None = None


def runs_down(run: Run) -> bool:
    """Say whether every balance is the balance above it plus the amount of its row."""
    return all(above + amount == after for (_, above), (amount, after) in pairwise(run))


def stated_balances(
    rows: Sequence[StatementRow], stated: Sequence[BalanceRow], currency: str
) -> list[StatedBalance]:
    """Return the opening and the closing balance, where they are stated or proven.

    What a row of its own states counts for more than what the balances beside the rows prove.
    """
    booked = [row for row in rows if not row.pending]
    found = {each.kind: each for each in _proven(booked)}
    is_down = not rows or rows[0].booking_date <= rows[-1].booking_date
    days = [row.booking_date for row in booked or rows] or [each.day for each in stated if each.day]
    for each in _outermost(stated if is_down else stated[::-1]):
        bound = min if each.kind is BalanceKind.OPENING else max
        day = each.day or bound(days, default=None)
        if day:
            money = Money(each.amount, currency)
            found[each.kind] = StatedBalance(kind=each.kind, money=money, day=day)
    return list(found.values())


def without_balance_rows(
    rows: Sequence[StatementRow],
) -> tuple[Sequence[StatementRow], list[BalanceRow]]:
    """Return the rows without the first and the last, if these are the balances of the others.

    Then they stand in the column of amounts, and the others lead from the one to the other.
    """
    between = rows[1:-1]
    moved = sum((row.amount.amount for row in between if not row.pending), Decimal(0))
    for opening, closing in _bounds(rows) if len(rows) > 1 else ():
        if opening.amount.amount + moved == closing.amount.amount:
            bounds = ((BalanceKind.OPENING, opening), (BalanceKind.BOOKED, closing))
            return between, [
                BalanceRow(row.line, kind, row.amount.amount, day=row.booking_date)
                for kind, row in bounds
            ]
    return rows, []


def _bounds(rows: Sequence[StatementRow]) -> Sequence[tuple[StatementRow, StatementRow]]:
    """Return what the labels allow to be the opening and the closing balance.

    If rows are between them, it is enough that one of the two is labelled as one of these.
    """
    first, last = rows[0], rows[-1]
    down, up = (first, last), (last, first)
    kinds = labelled_balance(first.description), labelled_balance(last.description)
    if kinds[0] is kinds[1]:
        named = kinds[0] is None and all(names_balance(each.description) for each in down)
        likely = [down, up] if first.booking_date <= last.booking_date else [up, down]
        return likely if named else []
    if None in kinds and (len(rows) == 2 or not all(map(_may_be_balance, down))):
        return []
    is_down = kinds[0] is BalanceKind.OPENING or kinds[1] is BalanceKind.BOOKED
    return [down if is_down else up]


def _may_be_balance(row: StatementRow) -> bool:
    """Return whether nothing shows that a row is a transaction."""
    return not row.provider_id and row.balance in (None, row.amount.amount)


def follow(rows: Iterable[StatementRow]) -> bool:
    """Say whether all booked rows state balances, which follow from their amounts in one order."""
    booked = [row for row in rows if not row.pending]
    run = _run(booked)
    return len(run) == len(booked) and _in_order(run, booked) is not None


def _outermost(stated: Sequence[BalanceRow]) -> list[BalanceRow]:
    """Return the first opening and the last closing balance."""
    opening = [each for each in stated if each.kind is BalanceKind.OPENING][:1]
    return opening + [each for each in stated if each.kind is BalanceKind.BOOKED][-1:]


def _proven(booked: Sequence[StatementRow]) -> list[StatedBalance]:
    """Return the closing balance, and the opening balance where it is proven.

    It is proven when the balances follow from the amounts of all rows in exactly one order. If they
    do so from most, the others are wrong, and the statement does not add up.
    """
    run = _run(booked)
    if not run:
        return []
    complete = len(run) == len(booked)
    ordered = (_in_order(run, booked) or _nearly_in_order(run)) if complete else None
    if ordered is None:
        return _of_last_day(booked)
    (amount, first), (_, last) = ordered[0], ordered[-1]
    days = [row.booking_date for row in booked]
    currency = booked[0].amount.currency
    return [
        StatedBalance(
            kind=BalanceKind.OPENING, money=Money(first - amount, currency), day=min(days)
        ),
        StatedBalance(kind=BalanceKind.BOOKED, money=Money(last, currency), day=max(days)),
    ]


def _run(booked: Sequence[StatementRow]) -> Run:
    return [(row.amount.amount, row.balance) for row in booked if row.balance is not None]


def _in_order(run: Run, booked: Sequence[StatementRow]) -> Run | None:
    """Return the run from its beginning; if both orders are possible, the dates decide."""
    if len(run) < 2:
        return run or None
    ordered = [order for order in (run, run[::-1]) if runs_down(order)]
    above, below = booked[0].booking_date, booked[-1].booking_date
    if len(ordered) == 2 and above != below:
        return run if above < below else run[::-1]
    return ordered[0] if len(ordered) == 1 else None


def _nearly_in_order(run: Run) -> Run | None:
    """Return the run from its beginning if at least half of its balances follow in one order."""
    if any(above == after and amount for (_, above), (amount, after) in pairwise(run)):
        # Some banks state the balance of the day beside each row of it.
        return None
    down, up = _following(run), _following(run[::-1])
    if down == up or max(down, up) * 2 < len(run) - 1:
        return None
    return run if down > up else run[::-1]


def _following(run: Run) -> int:
    return sum(above + amount == after for (_, above), (amount, after) in pairwise(run))


def _of_last_day(booked: Sequence[StatementRow]) -> list[StatedBalance]:
    """Return the balance of the last day, if that day has a single row."""
    last = max(row.booking_date for row in booked)
    (first, *others) = [row for row in booked if row.booking_date == last]
    if others or first.balance is None:
        return []
    money = Money(first.balance, first.amount.currency)
    return [StatedBalance(kind=BalanceKind.BOOKED, money=money, day=last)]
