"""Amounts as banks write them: the decimal separator is decided for a whole file."""

import re
from collections.abc import Iterable
from decimal import Decimal
from enum import Enum

from adapters.statements.limits import MAX_AMOUNT
from domain.shared.money import parse_decimal

AMBIGUOUS = "the amount is ambiguous: its comma or point may group digits or begin the decimals"

_SPACES = str.maketrans("", "", " \u00a0\u202f'")
_MARKED = re.compile(r"[+-]?\d*[.,][\d.,]*", re.ASCII)
# A single separator before three digits: it may group thousands or begin the decimals.
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)


class DecimalMark(Enum):
    """The decimal separator of a file."""

    POINT = "."
    COMMA = ","
    UNKNOWN = "?"


_GROUPED = {
    DecimalMark.POINT: re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", re.ASCII),
    DecimalMark.COMMA: re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d*)?", re.ASCII),
}
# The form that most amounts have, and the separator that groups its thousands.
_USUAL = {
    DecimalMark.POINT: (
        re.compile(r"-?(?:\d{1,15}|[1-9]\d{0,2}(?:,\d{3}){1,4})(?:\.\d{1,10})?", re.ASCII),
        ",",
    ),
    DecimalMark.COMMA: (
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
    return {_own_mark(_compact(text)) for text in texts} - {DecimalMark.UNKNOWN}


def is_ambiguous(text: str) -> bool:
    """Return whether an amount on its own can be read in two ways."""
    return _EITHER.fullmatch(_compact(text)) is not None


def usual_amount(text: str, mark: DecimalMark) -> Decimal | None:
    """Return an amount in the form that most amounts have, or None: this is the fast path."""
    usual, grouping = _USUAL.get(mark, (None, ""))
    if usual is None or len(text) > MAX_AMOUNT or not usual.fullmatch(text):
        return None
    # Normalise zero, so that -0.00 and 0 are the same in every file.
    return Decimal(text.replace(grouping, "").replace(",", ".")) or Decimal(0)


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
    return "the amount is not a number" if value is None else value


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
