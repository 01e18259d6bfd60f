"""What stands in the cell of an amount, whatever is around its figures."""

import re
from decimal import Decimal
from typing import NamedTuple

from adapters.statements.amounts import DecimalMark, parse_amount, usual_amount
from adapters.statements.csv.words import SYMBOLS
from adapters.statements.limits import MAX_AMOUNT

_CURRENCY = r"[A-Z]{3}|(?:US|CA|AU|NZ|HK|R|A|C|S)?\$|[€£¥₹₽₩₺₴₪฿₫₱₦]|kr\.?|zł|Kč|Fr\.?|Rs\.?"
_AMOUNT = re.compile(
    rf"(?P<open>\()?(?P<before>[+-])?(?P<left>{_CURRENCY})?(?P<inner>[+-])?"
    rf"(?P<digits>[.,]*+\d[\d.,]*+)(?P<near>[+-])?(?P<right>{_CURRENCY})?(?P<after>[+-])?"
    r"(?P<side>CR|DR)?(?P<close>\))?",
    re.ASCII,
)
_BARE = re.compile(r"-?\d[\d.,]{0,40}", re.ASCII)
_BLANKS = {ord(mark): "" for mark in " \t\n\u00a0\u202f\u2009'’"}
_SIGNS = {ord(mark): "-" for mark in "−–‒"}


class Written(NamedTuple):
    """An amount as it is written: its digits with a minus, and the currency beside them.

    It is signed where a plus, a minus, or a word for one stands there.
    """

    digits: str
    currency: str = ""
    signed: bool = False


def written(cell: str) -> Written | None:
    """Take an amount's cell apart, or return nothing where it is none."""
    if _BARE.fullmatch(cell):
        return Written(cell, signed=cell.startswith("-"))
    if len(cell) > MAX_AMOUNT:
        return None
    match = _AMOUNT.fullmatch(cell.translate(_SIGNS).translate(_BLANKS))
    if match is None or (match["open"] is None) != (match["close"] is None):
        return None
    signs = [match[name] for name in ("before", "inner", "near", "after") if match[name]]
    signs += {"CR": ["+"], "DR": ["-"]}.get(match["side"], []) + ["-"] * bool(match["open"])
    if len(signs) > 1 or (match["left"] and match["right"]):
        return None
    sign = "-" if signs == ["-"] else ""
    symbol = match["left"] or match["right"] or ""
    code = symbol if symbol.isalpha() and symbol.isupper() and len(symbol) == 3 else ""
    return Written(sign + match["digits"], code or SYMBOLS.get(symbol, ""), bool(signs))


def amount_of(cell: str, mark: DecimalMark) -> tuple[Decimal, str] | str:
    """Return an amount and the currency that is written with it, or why there is none."""
    usual = usual_amount(cell, mark)
    if usual is not None:
        return usual, ""
    found = written(cell)
    if found is None:
        return "the amount is not a number"
    amount = parse_amount(found.digits, mark)
    return amount if isinstance(amount, str) else (amount, found.currency)
