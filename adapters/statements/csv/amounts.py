"""Amounts: how a cell writes one, with its sign and its currency."""

import re
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from adapters.statements.amounts import NOT_A_NUMBER, DecimalMark, parse_amount, usual_amount
from adapters.statements.csv.words.comparing import MAX_HEADER, normalize
from adapters.statements.csv.words.currencies import SYMBOLS
from adapters.statements.csv.words.debits import CREDITS, DEBITS
from adapters.statements.limits import MAX_AMOUNT
from domain.shared.folding import comparable

_CURRENCY = (
    r"[A-Z]{3}|(?:US|CA|AU|NZ|HK|R|A|C|S|NT|MX)?\$|[€£¥₹₽₩₺₴₪฿₫₱₦₸₼₾₲₡₵]|[Kk]r\.?|zł|Kč|Fr\.?"
    r"|Rs\.?|Rp\.?|RM|Ft|[Ll]ei|[Dd]in\.?|руб\.?|р\.|грн\.?|лв\.?|元|円|원"
)
_AMOUNT = re.compile(
    rf"(?P<before>[+-])?(?P<outer>{_CURRENCY})?(?P<open>\()?(?P<behind>[+-])?"
    rf"(?P<left>{_CURRENCY})?(?P<inner>[+-])?"
    # “12,-” has no decimals: its dash is no minus.
    r"(?P<digits>[.,]*+\d[\d.,]*+)(?:(?<=[.,])-{1,2})?"
    rf"(?P<near>[+-])?(?P<right>{_CURRENCY})?(?P<after>[+-])?"
    rf"(?P<side>CR|DR|OD)?\.?(?P<close>\))?(?P<last>{_CURRENCY})?",
    re.ASCII,
)
# Amounts have few shapes, and each is parsed several times.
_CACHED = 4096
_BARE = re.compile(r"-?\d[\d.,]{0,40}", re.ASCII)
_DIGIT = re.compile(r"\d")
# An amount between two words; a currency may stand between the amount and a word.
_WORDS = re.compile(
    r"\(?(?P<lead>[^\W\d_]{1,12}(?=[\W\d]))?[.:]?"
    r"(?P<rest>(?:\s*+[^\W\d_]{1,4}\.?)??\W*+\d[\W\d]*(?:[^\W\d_]{1,4}\.?\s++)??)"
    r"\(?(?P<trail>[^\W\d_]{1,12})?\.?\)?"
)
_MARK_OF_DECIMALS = re.compile(r"\d[.,]|[.,]\d")
# Arabic, Persian, Devanagari, Bengali and Thai digits begin here.
_ZEROS = (0x0660, 0x06F0, 0x0966, 0x09E6, 0x0E50)
_OTHERS = {
    **{zero + digit: str(digit) for zero in _ZEROS for digit in range(10)},
    **{ord(mark): "-" for mark in "−–‒—－"},
    **{ord(mark): "'" for mark in "’´٬\u200e\u200f\u061c"},
    ord("٫"): ".",
}


class AmountToken(NamedTuple):
    """An amount as it is written: its digits with a minus, and the currency beside them.

    It is signed where a plus, a minus, parentheses, or a word for debit or credit stands beside it.
    """

    digits: str
    currency: str = ""
    signed: bool = False
    #: A word says the direction, which no rule for signs turns round.
    directed: bool = False

    @property
    def is_negative(self) -> bool:
        return self.digits.startswith("-")

    @property
    def sign(self) -> str:
        return "-" if self.is_negative else "+" * self.signed

    @property
    def is_zero(self) -> bool:
        return not any("1" <= digit <= "9" for digit in self.digits)


class SignedAmount(NamedTuple):
    """An amount with its sign, and the currency written beside it."""

    amount: Decimal
    currency: str = ""


def parse_token(cell: str) -> AmountToken | None:
    """Split the cell of an amount into its parts, or return nothing when it is not an amount."""
    return _parsed(cell) if len(cell) <= MAX_AMOUNT else None


@lru_cache(_CACHED)
def _parsed(cell: str) -> AmountToken | None:
    if _BARE.fullmatch(cell):
        return AmountToken(cell, signed=cell.startswith("-"))
    if not _DIGIT.search(cell):
        return None
    if not cell.isascii():
        cell = comparable(cell.translate(_OTHERS), "NFKC")
    return _token(_compact(cell), set()) or _worded(cell)


def _compact(text: str) -> str:
    """Remove what only groups digits."""
    return "".join(text.split()).replace("'", "")


def _token(text: str, signs: set[str]) -> AmountToken | None:
    """Return the amount in a text without blanks, unless its signs contradict each other."""
    match = _AMOUNT.fullmatch(text)
    if match is None or (match["open"] is None) != (match["close"] is None):
        return None
    dashes = [match[name] for name in ("before", "behind", "inner", "near", "after") if match[name]]
    symbols = [match[name] for name in ("outer", "left", "right", "last") if match[name]]
    if len(dashes) > 1 or len(symbols) > 1:
        return None
    symbol = symbols[0] if symbols else ""
    side = match["side"] or (symbol if direction(symbol) else "")
    found = {
        *signs,
        *dashes,
        *(["-"] if match["open"] else []),
        *([direction(side)] if side else []),
    }
    if len(found) > 1:
        return None
    code = symbol if len(symbol) == 3 and symbol.isalpha() and symbol.isupper() else ""
    sign = "-" if "-" in found else ""
    currency = "" if symbol == side else code or SYMBOLS.get(symbol, "")
    return AmountToken(sign + match["digits"], currency, bool(found), bool(signs or side))


def _worded(cell: str) -> AmountToken | None:
    """Return an amount with a word for debit or credit before or behind it, as in “5,00 S”."""
    # A whole number beside a word may be anything, such as “in 2026”.
    match = _WORDS.fullmatch(cell.strip()) if "." in cell or "," in cell else None
    if match is None:
        return None
    lead, trail = (direction(match[name] or "") for name in ("lead", "trail"))
    if not (lead or trail) or not _MARK_OF_DECIMALS.search(match["rest"]):
        return None
    before, behind = "" if lead else match["lead"], "" if trail else match["trail"]
    text = f"{before or ''}{match['rest'].rstrip(' (')}{behind or ''}"
    return _token(_compact(text), {lead, trail} - {""})


def direction(word: str) -> str:
    """Return the sign that a word for debit or credit stands for, or nothing."""
    return _direction(word[:MAX_HEADER])


@lru_cache(_CACHED)
def _direction(word: str) -> str:
    word = normalize(word)
    return "-" if word in DEBITS else "+" if word in CREDITS else ""


def is_direction(value: str) -> bool:
    return value in ("+", "-") or bool(direction(value))


def read_amount(cell: str, mark: DecimalMark) -> SignedAmount | str:
    """Return the amount in a cell, or the reason why it cannot be read."""
    usual = usual_amount(cell, mark)
    if usual is not None:
        return SignedAmount(usual)
    token = parse_token(cell)
    if token is None:
        return NOT_A_NUMBER
    amount = parse_amount(token.digits, mark)
    return amount if isinstance(amount, str) else SignedAmount(amount, token.currency)


def read_number(cell: str, mark: DecimalMark) -> Decimal | None:
    """Return the amount in a cell without its currency, or None where it cannot be read."""
    usual = usual_amount(cell, mark)
    if usual is not None or not cell:
        return usual
    found = read_amount(cell, mark)
    return None if isinstance(found, str) else found.amount
