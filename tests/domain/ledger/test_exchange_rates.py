"""Exchange rates: which one counts, and what comes of it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ledger.exchange_rates import (
    VALID_DAYS,
    InvalidRate,
    RateKey,
    RateList,
    Rates,
    RateSource,
    first_day_of_rates,
    parse_rate,
)
from domain.ledger.net_worth import NetWorth, Worth
from domain.shared.ids import UserId, new_id
from domain.shared.result import Failure, Success

ADA = UserId(new_id())
DAY = date(2026, 3, 2)
ECB, TYPED, PAID = RateSource.ECB, RateSource.TYPED, RateSource.TRANSACTION


def rates_of(
    base: str = "EUR", day: date = DAY, source: RateSource = ECB, **rates: str
) -> RateList:
    numbers = {code: Decimal(rate) for code, rate in rates.items()}
    return RateList(user_id=ADA, day=day, base=base, source=source, rates=numbers)


def found(rates: Rates, base: str, quote: str, day: date = DAY) -> Decimal:
    rate = rates.find(base, quote, day)
    assert rate is not None
    return rate.shown


class TestRates:
    def test_are_found_in_both_directions_and_through_the_euro(self) -> None:
        rates = Rates([rates_of(USD="1.25", GBP="0.8")])

        assert found(rates, "EUR", "USD") == Decimal("1.25")
        assert found(rates, "USD", "EUR") == Decimal("0.8")
        assert found(rates, "USD", "GBP") == Decimal("0.64")
        assert found(rates, "GBP", "USD") == Decimal("1.5625")
        assert rates.find("USD", "CHF", DAY) is None

    def test_the_latest_one_counts_for_ten_days(self) -> None:
        rates = Rates([rates_of(USD="2"), rates_of(USD="4", day=DAY + timedelta(days=3))])

        assert rates.find("EUR", "USD", DAY - timedelta(days=1)) is None
        assert found(rates, "EUR", "USD", DAY + timedelta(days=2)) == 2
        last = DAY + timedelta(days=3 + VALID_DAYS)
        applied = rates.find("EUR", "USD", last)
        assert applied is not None
        assert (applied.rate, applied.day) == (Decimal(4), DAY + timedelta(days=3))
        assert rates.find("EUR", "USD", last + timedelta(days=1)) is None

    def test_of_a_day_the_typed_one_counts_most(self) -> None:
        rates = [
            rates_of(USD="2"),
            rates_of(USD="3", source=PAID),
            rates_of(USD="4", source=TYPED),
        ]

        assert found(Rates(reversed(rates)), "EUR", "USD") == 4
        assert found(Rates(rates[:2]), "EUR", "USD") == 3
        assert found(Rates(rates), "USD", "EUR") == Decimal("0.25")

    def test_a_rate_that_was_stated_in_this_direction_counts_before_its_inverse(self) -> None:
        one, other = rates_of(USD="3", source=TYPED), rates_of("USD", EUR="0.4", source=TYPED)

        for rates in (Rates([one, other]), Rates([other, one])):
            assert found(rates, "EUR", "USD") == 3
            assert found(rates, "USD", "EUR") == Decimal("0.4")

    def test_a_pair_counts_before_two_rates_through_the_euro_unless_it_is_older(self) -> None:
        pair = rates_of("USD", GBP="0.7", source=PAID)
        rates = Rates([pair, rates_of(USD="2", GBP="1"), rates_of(day=DAY + timedelta(1), USD="4")])
        later = Rates([pair, rates_of(day=DAY + timedelta(1), USD="2", GBP="1")])

        assert found(rates, "USD", "GBP") == Decimal("0.7")
        crossed = later.find("USD", "GBP", DAY + timedelta(1))
        assert crossed is not None
        assert (crossed.rate, crossed.sources) == (Decimal("0.5"), (ECB,))

    def test_two_rates_have_the_day_of_the_older_one_and_both_sources(self) -> None:
        rates = Rates([rates_of(USD="2", source=TYPED), rates_of(day=DAY + timedelta(2), GBP="1")])

        crossed = rates.find("USD", "GBP", DAY + timedelta(2))

        assert crossed is not None
        assert (crossed.day, crossed.sources) == (DAY, (ECB, TYPED))

    @given(st.decimals("0.0001", "99999", places=6, allow_nan=False))
    def test_there_and_back_is_the_same_amount(self, rate: Decimal) -> None:
        rates = Rates([rates_of(USD=str(rate))])
        there, back = rates.find("EUR", "USD", DAY), rates.find("USD", "EUR", DAY)
        assert there is not None
        assert back is not None

        assert abs(there.then(back).rate - 1) < Decimal("1e-28")

    def test_amounts_are_rounded_half_to_even_to_the_decimals_of_the_currency(self) -> None:
        rates = Rates([rates_of(USD="0.5", JPY="0.5", BHD="0.5")])

        for quote, amount, converted in (
            ("USD", "0.05", "0.02"),
            ("USD", "0.07", "0.04"),
            ("JPY", "-5", "-2"),
            ("BHD", "0.007", "0.004"),
        ):
            rate = rates.find("EUR", quote, DAY)
            assert rate is not None
            assert rate.convert(Decimal(amount), quote) == Decimal(converted)

    def test_a_day_needs_the_rates_of_ten_days_before(self) -> None:
        assert first_day_of_rates(DAY) == date(2026, 2, 20)
        assert first_day_of_rates(date(1, 1, 5)) == date.min


class TestNetWorthInOneCurrency:
    def test_lists_each_part_and_what_is_not_converted(self) -> None:
        worth = NetWorth(
            [
                Worth(day=DAY, currency="CHF", cash=Decimal(7)),
                Worth(day=DAY, currency="EUR", cash=Decimal(100)),
                Worth(day=DAY, currency="USD", cash=Decimal(30), holdings=Decimal(20)),
            ],
            [],
        )

        (day,) = worth.converted_to("EUR", Rates([rates_of(USD="2")])).converted

        assert (day.total, day.is_complete) == (Decimal(125), False)
        assert [(part.amount.currency, part.converted) for part in day.parts] == [
            ("CHF", None),
            ("EUR", 100),
            ("USD", 25),
        ]
        assert [part.rate and part.rate.day for part in day.parts] == [None, None, DAY]

    def test_is_complete_with_all_rates(self) -> None:
        worth = NetWorth([Worth(day=DAY, currency="USD", cash=Decimal(3))], [])

        (day,) = worth.converted_to("EUR", Rates([rates_of("USD", EUR="1.5")])).converted

        assert (day.total, day.is_complete) == (Decimal("4.50"), True)


@pytest.mark.parametrize(
    "parts",
    [
        *(("2026-3-1", "USD", "EUR"), ("2026-02-30", "USD", "EUR"), ("20260301", "USD", "EUR")),
        *(("2026-03-01", "USD", "USD"), ("2026-03-01", "usd", "EUR"), ("2026-03-01", "XXX", "EUR")),
    ],
)
def test_a_key_is_a_day_and_two_currencies(parts: tuple[str, str, str]) -> None:
    result = RateKey.parse(*parts)

    assert isinstance(result, Failure)
    assert isinstance(result.error, InvalidRate)


@pytest.mark.parametrize("text", ["0", "-1", "", "one", "NaN", "1e99", "0.00000000001"])
def test_a_rate_is_a_positive_number(text: str) -> None:
    assert isinstance(parse_rate(text), Failure)
    assert parse_rate("0.92") == Success(Decimal("0.92"))
