"""Positions, and the period of net worth."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ledger.entities import Account, Holding
from domain.ledger.errors import InvalidPeriod
from domain.ledger.net_worth import DEFAULT_DAYS, MAX_DAYS, NetWorthRange, Worth
from domain.ledger.values import StatedHolding
from domain.shared.ids import HoldingId, ImportId, SecurityId, StatementId, UserId, new_id
from domain.shared.money import Money
from domain.shared.result import Failure, Success
from tests.factories import make_account, make_connection, make_holding

TODAY = date(2026, 3, 14)


def account() -> Account:
    return make_account(make_connection(UserId(new_id())))


def holding_of(stated: StatedHolding) -> Holding:
    return Holding.of(
        stated,
        id=HoldingId(new_id()),
        account=account(),
        import_id=ImportId(new_id()),
        statement_id=StatementId(new_id()),
        security_id=SecurityId(new_id()),
    )


def money(amount: str, currency: str = "USD") -> Money:
    return Money(Decimal(amount), currency)


class TestHolding:
    def test_has_the_currency_of_its_value(self) -> None:
        holding = holding_of(replace(make_holding(), value=money("7"), price=money("2")))

        assert holding.currency == "USD"
        assert (holding.value, holding.price) == (Decimal(7), Decimal(2))

    @pytest.mark.parametrize("stated", ["value", "price", "cost_basis"])
    def test_has_the_only_currency_that_is_stated(self, stated: str) -> None:
        amounts: dict[str, Any] = {stated: money("7")}

        holding = holding_of(replace(make_holding(value=None), **amounts))

        assert holding.currency == "USD"
        assert getattr(holding, stated) == 7

    def test_ignores_a_price_in_another_currency(self) -> None:
        dear = make_holding(cost_basis=money("9"), price=money("2", "EUR"))

        holding = holding_of(dear)

        assert holding.currency == "EUR"
        assert (holding.price, holding.cost_basis) == (Decimal(2), None)

    def test_has_the_currency_of_its_account_by_default(self) -> None:
        assert holding_of(make_holding(value=None)).currency == "EUR"

    def test_uses_the_stated_value(self) -> None:
        assert holding_of(make_holding(value="7.50", price=money("1", "EUR"))).worth == Decimal(
            "7.50"
        )
        assert holding_of(make_holding(value="0", price=money("1", "EUR"))).worth == 0

    def test_multiplies_price_by_quantity_without_a_stated_value(self) -> None:
        short = make_holding(quantity="-2.5", value=None, price=money("3.1"))

        assert holding_of(short).worth == Decimal("-7.75")

    def test_has_no_known_value_without_value_and_price(self) -> None:
        assert holding_of(make_holding(value=None, cost_basis=money("7"))).worth is None

    @given(
        st.decimals("-999999999", "999999999", places=10), st.decimals("0", "999999999", places=10)
    )
    def test_rounds_a_product_to_the_stored_decimals(
        self, quantity: Decimal, price: Decimal
    ) -> None:
        stated = make_holding(quantity=str(quantity), value=None, price=Money(price, "EUR"))

        worth = holding_of(stated).worth

        assert worth is not None
        assert worth.as_tuple().exponent == -10
        exact = int(quantity.scaleb(10)) * int(price.scaleb(10))
        assert abs(int(worth.scaleb(10)) * 10**10 - exact) <= 10**10 // 2


class TestPeriod:
    def test_is_the_last_thirty_days_by_default(self) -> None:
        period = NetWorthRange.parse(None, None, today=TODAY)

        assert period == Success(NetWorthRange(date(2026, 2, 13), TODAY))
        assert isinstance(period, Success)
        assert period.value.days == DEFAULT_DAYS

    def test_may_have_only_one_end(self) -> None:
        first, last = date(2026, 3, 1), date(2026, 1, 31)

        assert NetWorthRange.parse(first, None, today=TODAY) == Success(NetWorthRange(first, TODAY))
        assert NetWorthRange.parse(None, last, today=TODAY) == Success(
            NetWorthRange(date(2026, 1, 2), last)
        )

    def test_may_be_one_day_in_the_future(self) -> None:
        ahead = date(2030, 1, 1)

        assert NetWorthRange.parse(ahead, ahead, today=TODAY) == Success(
            NetWorthRange(ahead, ahead)
        )

    @pytest.mark.parametrize("last", [date.min, date(1, 1, 20), date.max])
    def test_stays_within_the_calendar(self, last: date) -> None:
        period = NetWorthRange.parse(None, last, today=TODAY)

        assert isinstance(period, Success)
        assert list(period.value)[-1] == last

    def test_does_not_run_backwards(self) -> None:
        backwards = NetWorthRange.parse(TODAY, TODAY - timedelta(1), today=TODAY)

        assert backwards == Failure(InvalidPeriod("The first day is after the last one."))
        assert isinstance(NetWorthRange.parse(TODAY + timedelta(1), None, today=TODAY), Failure)

    def test_has_a_maximum_length(self) -> None:
        year = NetWorthRange.parse(TODAY - timedelta(MAX_DAYS - 1), TODAY, today=TODAY)
        longer = NetWorthRange.parse(TODAY - timedelta(MAX_DAYS), TODAY, today=TODAY)

        assert isinstance(year, Success)
        assert longer == Failure(InvalidPeriod("At most 366 days can be requested at once."))

    @given(st.dates(), st.integers(0, 400))
    def test_lists_each_of_its_days(self, first: date, more: int) -> None:
        last = date.fromordinal(min(first.toordinal() + more, date.max.toordinal()))
        period = NetWorthRange(first, last)

        days = list(period)

        assert len(days) == period.days
        assert (days[0], days[-1]) == (first, last)
        assert {later - day for day, later in pairwise(days)} <= {timedelta(1)}


def test_a_total_is_cash_plus_holdings() -> None:
    worth = Worth(day=TODAY, currency="EUR", cash=Decimal("-1.5"), holdings=Decimal(4), unvalued=2)

    assert worth.total == Decimal("2.5")
