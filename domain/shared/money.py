"""Exact amounts of money."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Context, Decimal, InvalidOperation
from functools import reduce
from typing import Self

from domain.shared.errors import Invalid
from domain.shared.result import Failure, Result, Success

# ISO 4217: minor digits of the currencies that do not have two.
_MINOR_DIGITS = {
    **dict.fromkeys(
        "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0
    ),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}
# ISO 4217: all codes of money, with most of those that were replaced since 1990. XXX and XTS are
# none.
_CODES = frozenset(
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD"
    " BTN BWP BYN BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD"
    " EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD"
    " IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL"
    " MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN"
    " PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN"
    " SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES"
    " VND VUV WST XAD XAF XAG XAU XCD XCG XDR XOF XPD XPF XPT XSU XUA YER ZAR ZMW ZWG ATS AZM"
    " BEF BYR CSD CUC CYP DEM EEK ESP FIM FRF GHC GRD HRK IEP ITL LTL LUF LVL MGF MRO MTL MZM"
    " NLG PTE ROL RUR SDD SIT SKK SLL SRG STD TMM TRL VEB VEF YUM ZMK ZWD ZWL".split()
)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)


class InvalidMoney(Invalid):
    """The text is not an amount in an ISO 4217 currency."""

    code = "invalid-money"


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount in a currency (ISO 4217 code); negative when it leaves the account."""

    amount: Decimal
    currency: str

    @classmethod
    def parse(cls, amount: str, currency: str) -> Result[Self, InvalidMoney]:
        """Parse an amount with a decimal point and without grouping."""
        if not is_currency(currency):
            return Failure(InvalidMoney("The currency is not an ISO 4217 code."))
        value = parse_decimal(amount)
        if value is None:
            return Failure(InvalidMoney("The amount is not a number that can be stored exactly."))
        return Success(cls(value, currency))

    def __add__(self, other: Self) -> Self:
        self._require_same_currency(other)
        return type(self)(self.amount + other.amount, self.currency)

    def __sub__(self, other: Self) -> Self:
        self._require_same_currency(other)
        return type(self)(self.amount - other.amount, self.currency)

    def __neg__(self) -> Self:
        return type(self)(-self.amount, self.currency)

    def __str__(self) -> str:
        return f"{self.digits} {self.currency}"

    @property
    def digits(self) -> str:
        """The exact amount, with at least the decimals of its currency (ISO 4217)."""
        exact = self.amount.normalize() + 0
        decimals = max(-int(exact.as_tuple().exponent), minor_digits(self.currency), 0)
        return f"{exact:.{decimals}f}"

    def _require_same_currency(self, other: Self) -> None:
        if self.currency != other.currency:
            raise ValueError(f"cannot combine {self.currency} with {other.currency}")


MAX_WHOLE_DIGITS = 18
MAX_DECIMALS = 10
# A million of the greatest amounts fit, and a million of such sums.
_WIDE = Context(prec=MAX_WHOLE_DIGITS + MAX_DECIMALS + 12)


def minor_digits(currency: str) -> int:
    """Return how many decimals a currency has."""
    return _MINOR_DIGITS.get(currency, 2)


def exact_sum(amount: Decimal, other: Decimal) -> Decimal:
    """Add exactly, however long the sum gets: Python's default context rounds to 28 digits."""
    return _WIDE.add(amount, other)


def is_listed(code: str) -> bool:
    """Say whether a code is one of the list of ISO 4217, and not only written as one."""
    return code in _CODES


def is_currency(code: str) -> bool:
    """Return whether this has the form of an ISO 4217 code."""
    return _CURRENCY.fullmatch(code) is not None


def parse_decimal(text: str) -> Decimal | None:
    """Parse a finite number of at most 18 digits before the point and 10 after it, or None."""
    text = text.strip()
    if len(text) > 64 or not _NUMBER.fullmatch(text):
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return _plain(value) if _fits(value) else None


def _fits(value: Decimal) -> bool:
    shortest = value.normalize()
    decimals = -int(shortest.as_tuple().exponent)
    return not value or (decimals <= MAX_DECIMALS and shortest.adjusted() < MAX_WHOLE_DIGITS)


def _plain(value: Decimal) -> Decimal:
    """Format a number without an exponent: 1E+5 becomes 100000."""
    return Decimal(f"{value:f}") if value else Decimal(0)


def add_up(parts: Iterable[Decimal], whole: Decimal) -> bool:
    """Return whether parts sum to a whole exactly."""
    return reduce(exact_sum, parts) == whole
