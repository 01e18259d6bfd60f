"""Dates and amounts as SWIFT writes them."""

from datetime import date
from decimal import Decimal

from domain.shared.money import parse_decimal

_FIRST_YEAR = 80


def read_date(text: str) -> date | None:
    """Read YYMMDD."""
    year = int(text[:2])
    try:
        century = 1900 if year >= _FIRST_YEAR else 2000
        return date(century + year, int(text[2:4]), int(text[4:6]))
    except ValueError:
        return None


def read_amount(text: str) -> Decimal | None:
    """Read an amount: a comma begins the decimals, and points may group."""
    whole, comma, decimals = text.partition(",")
    if not comma and whole.count(".") == 1:
        return parse_decimal(whole)
    return parse_decimal(f"{whole.replace('.', '')}.{decimals}")
