"""Amounts and dates as banks write them."""

import re
from datetime import date
from decimal import Decimal
from enum import Enum

from domain.shared.money import parse_decimal

_WITH_COMMA = re.compile(
    r"<(?:TRNAMT|TOTAL|BALAMT|AVAILCASH)>([^<,]{0,64},[^<]{0,64})", re.IGNORECASE
)
_BLANKS = str.maketrans("", "", " \u00a0\u202f'")
_GROUPED_BY_COMMA = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
_GROUPED_BY_POINT = re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d*)?")


class DecimalMark(Enum):
    """What a file writes before its decimals."""

    POINT = "."
    COMMA = ","
    UNKNOWN = "?"


def decimal_mark(text: str) -> DecimalMark:
    """Decide it for a whole file, from its own evidence.

    OFX allows both marks and no grouping, but banks group. A comma that cannot stand before three
    digits of a group is a decimal mark; a point behind a comma shows that commas group.
    """
    amounts = [_compact(match[1]) for match in _WITH_COMMA.finditer(text)]
    if any("." in amount.rpartition(",")[2] for amount in amounts):
        return DecimalMark.POINT
    if any(not _GROUPED_BY_COMMA.fullmatch(amount) for amount in amounts):
        return DecimalMark.COMMA
    return DecimalMark.UNKNOWN if amounts else DecimalMark.POINT


def parse_amount(text: str, mark: DecimalMark) -> Decimal | str:
    """Read an amount, or say why it cannot be read."""
    digits = _compact(text)
    if "," in digits:
        if mark is DecimalMark.UNKNOWN:
            return "the amount is ambiguous: its comma may group digits or begin the decimals"
        digits = _with_point(digits, mark)
    value = parse_decimal(digits)
    return "the amount is not a number" if value is None else value


def _compact(text: str) -> str:
    """Take out what groups digits without saying anything."""
    return text.strip().translate(_BLANKS)


def _with_point(digits: str, mark: DecimalMark) -> str:
    if mark is DecimalMark.POINT:
        return digits.replace(",", "") if _GROUPED_BY_COMMA.fullmatch(digits) else "?"
    if _GROUPED_BY_POINT.fullmatch(digits):
        digits = digits.replace(".", "")
    return digits.replace(",", ".", 1)


def parse_day(text: str) -> date | str:
    """Read the date as the bank wrote it, whatever time and zone stand behind it."""
    if not text:
        return "no booking date"
    match = re.match(r"(\d{4})(\d{2})(\d{2})", text, re.ASCII)
    try:
        return date(*(int(part) for part in match.groups())) if match else "the date is not a date"
    except ValueError:
        return "the date does not exist"
