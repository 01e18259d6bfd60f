"""Dates and amounts as OFX writes them (OFX 2.2, sections 3.2.8 and 3.2.9)."""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

_AMOUNT = re.compile(
    r"<(?:TRNAMT|TOTAL|BALAMT|AVAILCASH|(?:OLD|NEW)?UNITS|UNITPRICE|MKTVAL|AVGCOSTBASIS)>"
    r"([^<]{0,64})",
    re.IGNORECASE,
)
_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)


def amounts_in(text: str) -> Iterator[str]:
    """Yield every amount of a file, as it is written."""
    return (match[1] for match in _AMOUNT.finditer(text))


def parse_day(text: str) -> date | str:
    """Read the date as the bank wrote it, whatever time and zone stand behind it."""
    return _day(text[:8]) if text else "no booking date"


@lru_cache(4096)
def _day(text: str) -> date | str:
    match = _DAY.fullmatch(text)
    try:
        return date(*(int(part) for part in match.groups())) if match else "the date is not a date"
    except ValueError:
        return "the date does not exist"
