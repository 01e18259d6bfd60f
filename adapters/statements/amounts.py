"""Amounts as banks write them: which mark begins the decimals is decided for a whole file."""

import re
from collections.abc import Iterable
from decimal import Decimal
from enum import Enum

from adapters.statements.limits import MAX_AMOUNT
from domain.shared.money import parse_decimal

AMBIGUOUS = "the amount is ambiguous: its comma or point may group digits or begin the decimals"

_BLANKS = str.maketrans("", "", " \u00a0\u202f'")
_MARKED = re.compile(r"[+-]?\d*[.,][\d.,]*", re.ASCII)
# One mark before three digits: it may group, or begin decimals.
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)


class DecimalMark(Enum):
    """What a file writes before its decimals."""

    POINT = "."
    COMMA = ","
    UNKNOWN = "?"


_GROUPED = {
    DecimalMark.POINT: re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", re.ASCII),
    DecimalMark.COMMA: re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d*)?", re.ASCII),
}
# The form that most amounts have, and what groups its figures.
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
    """Decide from all amounts of a file what it writes before decimals.

    Only amounts that can be read in one way count; without any, a point begins the decimals, and a
    comma may be either.
    """
    amounts = {_compact(text) for text in texts}
    shown = shown_marks(amounts)
    if len(shown) == 1:
        return shown.pop()
    commas = any("," in amount for amount in amounts)
    return DecimalMark.UNKNOWN if shown or commas else DecimalMark.POINT


def shown_marks(texts: Iterable[str]) -> set[DecimalMark]:
    """Return the marks before decimals of the amounts that can be read in one way only."""
    return {_own_mark(_compact(text)) for text in texts} - {DecimalMark.UNKNOWN}


def is_open(text: str) -> bool:
    """Tell whether an amount by itself can be read in two ways."""
    return _EITHER.fullmatch(_compact(text)) is not None


def usual_amount(text: str, mark: DecimalMark) -> Decimal | None:
    """Read an amount of the form that most have, or nothing: it is soon done."""
    usual, grouping = _USUAL.get(mark, (None, ""))
    if usual is None or len(text) > MAX_AMOUNT or not usual.fullmatch(text):
        return None
    # Nothing has no sign and no decimals: it is the same in every file.
    return Decimal(text.replace(grouping, "").replace(",", ".")) or Decimal(0)


def parse_amount(text: str, mark: DecimalMark) -> Decimal | str:
    """Read an amount, or say why it cannot be read."""
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
    """Take out what groups digits without saying anything; nothing is left of what is too long."""
    return text.strip().translate(_BLANKS) if len(text) <= MAX_AMOUNT else ""


def _own_mark(digits: str) -> DecimalMark:
    """Return what an amount shows by its own form: the last mark, unless that one groups."""
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
