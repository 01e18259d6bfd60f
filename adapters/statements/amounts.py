"""Amounts as banks write them: the decimal separator is decided for a whole file."""

import re
from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from adapters.statements.limits import MAX_AMOUNT
from domain.shared.money import MAX_DECIMALS, MAX_WHOLE_DIGITS, parse_decimal

AMBIGUOUS = "the amount is ambiguous: its comma or point may group digits or begin the decimals"
NOT_A_NUMBER = "the amount is not a number"
TOO_LONG = (
    f"the amount has more than {MAX_WHOLE_DIGITS} digits before its decimals,"
    f" or more than {MAX_DECIMALS} decimals"
)

_SPACES = str.maketrans("", "", " \u00a0\u202f'")
_ONES = str.maketrans("23456789", "11111111")
_NUMBER = re.compile(r"[+-]?(?:\d++(?:\.\d*+)?|\.\d++)", re.ASCII)
_MARKED = re.compile(r"[+-]?\d*[.,][\d.,]*", re.ASCII)
# A single separator before three digits: it may group thousands or begin the decimals.
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)


class DecimalMark(StrEnum):
    """The decimal separator of a file."""

    POINT = "."
    COMMA = ","
    UNKNOWN = "?"


_GROUPED = {
    # In India the thousands are grouped by three digits, and what is above them by two.
    DecimalMark.POINT: re.compile(
        r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d{1,2}(?:,\d{2})+,\d{3})(?:\.\d*)?", re.ASCII
    ),
    DecimalMark.COMMA: re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d*)?", re.ASCII),
}


class _Usual(NamedTuple):
    """The form that most amounts have, and the separator that groups its thousands."""

    form: re.Pattern[str]
    grouping: str


_ZERO = Decimal(0)
_USUAL = {
    DecimalMark.POINT: _Usual(
        re.compile(r"-?(?:\d{1,15}|[1-9]\d{0,2}(?:,\d{3}){1,4})(?:\.\d{1,10})?", re.ASCII),
        ",",
    ),
    DecimalMark.COMMA: _Usual(
        re.compile(r"-?(?:\d{1,15}|[1-9]\d{0,2}(?:\.\d{3}){1,4})(?:,\d{1,10})?", re.ASCII),
        ".",
    ),
}


def decimal_mark(texts: Iterable[str]) -> DecimalMark:
    """Decide the decimal separator of a file from all of its amounts.

    Only unambiguous amounts count. Without any, a point begins the decimals and a comma is
    ambiguous.
    """
    amounts = {_compact(text) for text in texts}
    shown = shown_marks(amounts)
    if len(shown) == 1:
        return shown.pop()
    commas = any("," in amount for amount in amounts)
    return DecimalMark.UNKNOWN if shown or commas else DecimalMark.POINT


def shown_marks(texts: Iterable[str]) -> set[DecimalMark]:
    """Return the decimal separators of the amounts that are unambiguous."""
    # Which digits an amount has does not matter, but for a zero: few are then different.
    shapes = {text.translate(_ONES) if len(text) <= MAX_AMOUNT else "" for text in texts}
    return {_own_mark(_compact(text)) for text in shapes} - {DecimalMark.UNKNOWN}


def is_ambiguous(text: str) -> bool:
    """Return whether an amount on its own can be read in two ways."""
    return _EITHER.fullmatch(_compact(text)) is not None


def usual_amount(text: str, mark: DecimalMark) -> Decimal | None:
    """Return an amount in the form that most amounts have, or None: this is the fast path."""
    usual = _USUAL.get(mark)
    if usual is None or not usual.form.fullmatch(text):
        return None
    # Normalise zero, so that -0.00 and 0 are the same in every file.
    return Decimal(text.replace(usual.grouping, "").replace(",", ".")) or _ZERO


def parse_amount(text: str, mark: DecimalMark) -> Decimal | str:
    """Return the amount, or the reason why it cannot be read."""
    known = usual_amount(text, mark)
    return _parsed(text, mark) if known is None else known


def _parsed(text: str, mark: DecimalMark) -> Decimal | str:
    digits = _compact(text)
    if _MARKED.fullmatch(digits):
        own = _own_mark(digits)
        mark = mark if own is DecimalMark.UNKNOWN else own
        if mark is DecimalMark.UNKNOWN:
            return AMBIGUOUS
        digits = _with_point(digits, mark)
    value = parse_decimal(digits)
    if value is None:
        return TOO_LONG if _NUMBER.fullmatch(digits) else NOT_A_NUMBER
    return value


def _compact(text: str) -> str:
    """Remove the characters that only group digits; an overlong text becomes empty."""
    return text.strip().translate(_SPACES) if len(text) <= MAX_AMOUNT else ""


def _own_mark(digits: str) -> DecimalMark:
    """Return the separator that the amount itself shows: its last one, unless that one groups."""
    if not _MARKED.fullmatch(digits) or _EITHER.fullmatch(digits):
        return DecimalMark.UNKNOWN
    last = "." if digits.rfind(".") > digits.rfind(",") else ","
    groups = digits.count(last) > 1
    return DecimalMark.POINT if (last == ".") != groups else DecimalMark.COMMA


def _with_point(digits: str, mark: DecimalMark) -> str:
    grouping = "," if mark is DecimalMark.POINT else "."
    if grouping in digits and not _GROUPED[mark].fullmatch(digits):
        return "?"
    return digits.replace(grouping, "").replace(mark.value, ".")
