"""Money is exact, and refuses what cannot be stored exactly."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.shared.money import InvalidMoney, Money, exact_sum, parse_decimal
from domain.shared.result import Failure, Success

EUR_5 = Money(Decimal(5), "EUR")


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1", "1"),
        ("1.", "1"),
        ("-.5", "-0.5"),
        ("+12.30", "12.30"),
        (" 7 ", "7"),
        ("1e5", "100000"),
        ("0.0000000001", "0.0000000001"),
        ("999999999999999999.9999999999", "999999999999999999.9999999999"),
        ("1.50000000000000", "1.5"),
        ("0e-400", "0"),
    ],
)
def test_amounts_are_parsed(text: str, amount: str) -> None:
    assert Money.parse(text, "EUR") == Success(Money(Decimal(amount), "EUR"))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "-",
            ".",
            "1,5",
            "1 2",
            "$5",
            "NaN",
            "sNaN",
            "Infinity",
            "-inf",
            "0x10",
            "1_000",
            "١٢",
        ),
        *("1e999", "1E+9999999", "1e-11", "1234567890123456789", "1" * 65),
    ],
)
def test_an_amount_that_cannot_be_stored_exactly_is_refused(text: str) -> None:
    result = Money.parse(text, "EUR")

    assert isinstance(result, Failure)
    assert isinstance(result.error, InvalidMoney)


@pytest.mark.parametrize("currency", ["", "EU", "EURO", "eur", "E1R", "ÉUR", "EUR\n"])
def test_an_unknown_currency_is_refused(currency: str) -> None:
    assert isinstance(Money.parse("1", currency), Failure)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=10, min_value=-(10**18) + 1))
def test_an_amount_survives_a_round_trip(amount: Decimal) -> None:
    value = parse_decimal(f"{amount:f}")

    assert value is None or value == amount


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    value = parse_decimal(text)

    assert value is None or value.is_finite()


def test_amounts_are_added_subtracted_and_negated() -> None:
    assert EUR_5 + Money(Decimal("0.10"), "EUR") == Money(Decimal("5.10"), "EUR")
    assert EUR_5 - Money(Decimal(7), "EUR") == Money(Decimal(-2), "EUR")
    assert Money(Decimal(-5), "EUR") == -EUR_5


def test_a_total_may_have_more_digits_than_an_amount() -> None:
    greatest, least = Decimal("999999999999999999.9999999999"), Decimal("0.0000000001")

    assert exact_sum(greatest, least) == Decimal("1e18")
    assert str(exact_sum(greatest, greatest)) == "1999999999999999999.9999999998"


def test_currencies_do_not_mix() -> None:
    for combine in (Money.__add__, Money.__sub__):
        with pytest.raises(ValueError, match="cannot combine EUR with USD"):
            combine(EUR_5, Money(Decimal(5), "USD"))


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("1", "EUR", "1.00 EUR"),
        ("1000", "JPY", "1000 JPY"),
        ("1.2500000000", "USD", "1.25 USD"),
        ("-0.1", "KWD", "-0.100 KWD"),
        ("0.12345", "EUR", "0.12345 EUR"),
        ("-0", "EUR", "0.00 EUR"),
        ("100000", "EUR", "100000.00 EUR"),
    ],
)
def test_an_amount_is_printed_with_the_decimals_of_its_currency(
    amount: str, currency: str, text: str
) -> None:
    assert str(Money(Decimal(amount), currency)) == text
