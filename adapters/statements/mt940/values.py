"""Dates and amounts as SWIFT writes them."""

from datetime import date
from decimal import Decimal
from functools import lru_cache

from adapters.statements.amounts import DecimalMark, parse_amount

_FIRST_YEAR = 80


@lru_cache(4096)
def read_date(text: str) -> date | None:
    """Read YYMMDD."""
    year = int(text[:2])
    try:
        century = 1900 if year >= _FIRST_YEAR else 2000
        return date(century + year, int(text[2:4]), int(text[4:6]))
    except ValueError:
        return None


def read_amount(text: str) -> Decimal | str:
    """Read an amount, or say why not: a comma begins the decimals; points may group, or do so."""
    return parse_amount(text, DecimalMark.UNKNOWN if "." in text else DecimalMark.COMMA)
