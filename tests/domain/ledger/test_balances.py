"""Balances by day: sources, ranges and cursors."""

from datetime import date
from decimal import Decimal

import pytest

from domain.ledger.balances import (
    BalanceCursor,
    BalanceSource,
    BalancesRange,
    DailyBalance,
    last_days,
)
from domain.ledger.days import Days
from domain.ledger.errors import InvalidPeriod
from domain.shared.ids import AccountId, new_id
from domain.shared.pages import INVALID_CURSOR
from domain.shared.result import Failure, Success

FIRST, SECOND = date(2026, 3, 1), date(2026, 3, 2)


@pytest.mark.parametrize(
    ("amount", "stated_on", "source"),
    [
        (Decimal(0), SECOND, BalanceSource.STATED),
        (Decimal(0), FIRST, BalanceSource.DERIVED),
        (None, None, BalanceSource.UNKNOWN),
    ],
)
def test_a_balance_has_a_source(
    amount: Decimal | None, stated_on: date | None, source: BalanceSource
) -> None:
    balance = DailyBalance(
        account_id=AccountId(new_id()),
        day=SECOND,
        currency="EUR",
        amount=amount,
        stated_on=stated_on,
    )

    assert balance.source is source


def test_a_range_ends_today_unless_another_day_is_given() -> None:
    assert BalancesRange.parse(None, None, today=SECOND) == Success(BalancesRange(None, SECOND))
    assert BalancesRange.parse(FIRST, FIRST, today=SECOND) == Success(BalancesRange(FIRST, FIRST))
    assert BalancesRange.parse(SECOND, FIRST, today=SECOND) == Failure(
        InvalidPeriod("The first day is after the last one.")
    )


def test_the_last_days_of_a_range_are_at_most_as_many() -> None:
    assert last_days(FIRST, date(2026, 3, 31), 2) == Days(date(2026, 3, 30), date(2026, 3, 31))
    assert last_days(FIRST, SECOND, 9) == Days(FIRST, SECOND)
    assert last_days(date.min, date.min, 9) == Days(date.min, date.min)


def test_a_cursor_comes_back_from_its_text() -> None:
    cursor = BalanceCursor(FIRST, "EUR")

    assert BalanceCursor.parse(str(cursor)) == Success(cursor)
    for text in ("", "AAAA", str(cursor)[:-1], f"{cursor}A"):
        assert BalanceCursor.parse(text) == INVALID_CURSOR
