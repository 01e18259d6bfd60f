"""Exchange rates by day, and amounts of several currencies in one.

A rate is the number of units of `quote` that one unit of `base` is worth.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from enum import StrEnum
from typing import Self

from domain.shared.errors import Invalid, NotFound
from domain.shared.ids import UserId
from domain.shared.money import is_listed, minor_digits, parse_decimal
from domain.shared.result import Failure, Result, Success

#: The currency of the ECB's rates, through which others are converted.
PIVOT = "EUR"
#: A rate counts on its day and on so many days after it.
VALID_DAYS = 10
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# Rates are divided and multiplied to 34 digits, and shown to 12; only the result is rounded.
_PRECISE = Context(prec=34, rounding=ROUND_HALF_EVEN)
_SHOWN = Context(prec=12, rounding=ROUND_HALF_EVEN)


class RateSource(StrEnum):
    """Where a rate comes from: the ECB's file, its owner, or a confirmed exchange."""

    ECB = "ecb"
    TRANSACTION = "transaction"
    TYPED = "typed"


# Of two rates of a day, what the user typed counts more than what a bank charged, and this more
# than a reference rate.
_RANK = {RateSource.ECB: 0, RateSource.TRANSACTION: 1, RateSource.TYPED: 2}


class UnreadableRates(Invalid):
    """The file is not one of exchange rates, as the ECB publishes them, or too large."""

    code = "unreadable-rates"


class InvalidRate(Invalid):
    """The rate is not a positive number, or not of a day and two currencies."""

    code = "invalid-rate"


@dataclass(frozen=True)
class RateNotFound(NotFound):
    """The user has typed no such rate."""

    code = "rate-not-found"
    detail: str = "No such rate."


@dataclass(frozen=True, slots=True)
class RateKey:
    """A day, and two currencies: one unit of `base` is worth so much of `quote`."""

    day: date
    base: str
    quote: str

    @classmethod
    def parse(cls, day: str, base: str, quote: str) -> Result[Self, InvalidRate]:
        """Parse a day and two different currencies."""
        try:
            known = date.fromisoformat(day) if _DAY.fullmatch(day) else None
        except ValueError:
            known = None
        if known is None or not is_listed(base) or not is_listed(quote) or base == quote:
            return Failure(
                InvalidRate("A rate is of a day and two currencies, such as 2026-03-01/USD/EUR.")
            )
        return Success(cls(known, base, quote))


def parse_rate(text: str) -> Result[Decimal, InvalidRate]:
    """Parse a rate: a number greater than zero."""
    rate = parse_decimal(text)
    if rate is None or rate <= 0:
        return Failure(InvalidRate("A rate is a number greater than zero, such as 0.92."))
    return Success(rate)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateList:
    """Rates of one day and source, for one unit of `base`."""

    user_id: UserId
    day: date
    base: str
    source: RateSource
    rates: Mapping[str, Decimal] = field(repr=False)

    @classmethod
    def typed(cls, user_id: UserId, key: RateKey, rate: Decimal) -> "RateList":
        """Make a list of what a user typed."""
        return cls(
            user_id=user_id,
            day=key.day,
            base=key.base,
            source=RateSource.TYPED,
            rates={key.quote: rate},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedRates:
    """What a file of rates had."""

    days: int
    rates: int
    first_day: date
    last_day: date

    @classmethod
    def of(cls, rate_lists: Sequence[RateList]) -> "ImportedRates":
        """Count lists, which are in the order of their days."""
        return cls(
            days=len(rate_lists),
            rates=sum(len(rate_list.rates) for rate_list in rate_lists),
            first_day=rate_lists[0].day,
            last_day=rate_lists[-1].day,
        )


@dataclass(frozen=True, slots=True)
class AppliedRate:
    """The rate by which an amount was converted, its day, and where it comes from.

    Of two rates, through the euro, the day is that of the older one.
    """

    rate: Decimal
    day: date
    sources: tuple[RateSource, ...]

    @property
    def shown(self) -> Decimal:
        """The rate with twelve digits."""
        return _SHOWN.plus(self.rate)

    def inverse(self) -> "AppliedRate":
        return AppliedRate(_PRECISE.divide(Decimal(1), self.rate), self.day, self.sources)

    def then(self, other: "AppliedRate") -> "AppliedRate":
        sources = tuple(sorted({*self.sources, *other.sources}))
        rate = _PRECISE.multiply(self.rate, other.rate)
        return AppliedRate(rate, min(self.day, other.day), sources)

    def convert(self, amount: Decimal, currency: str) -> Decimal:
        """Convert an amount, rounded half to even to the decimals of the currency."""
        exact = _PRECISE.multiply(amount, self.rate)
        smallest = Decimal(1).scaleb(-minor_digits(currency))
        return exact.quantize(smallest, context=_PRECISE)


@dataclass(frozen=True, slots=True)
class _Ranked:
    """A rate with what it counts: by its source, and more if it was stated in this direction."""

    rank: tuple[int, int]
    stated: AppliedRate

    @property
    def applied(self) -> AppliedRate:
        return self.stated if self.rank[1] else self.stated.inverse()


def _add(of_pair: dict[date, _Ranked], ranked: _Ranked) -> None:
    known = of_pair.get(ranked.stated.day)
    if known is None or ranked.rank >= known.rank:
        of_pair[ranked.stated.day] = ranked


class Rates:
    """The rates of some days, to be looked up by pair and day."""

    def __init__(self, rate_lists: Iterable[RateList]) -> None:
        ranked: dict[tuple[str, str], dict[date, _Ranked]] = defaultdict(dict)
        for rate_list in rate_lists:
            for quote, rate in rate_list.rates.items():
                stated = AppliedRate(rate, rate_list.day, (rate_list.source,))
                _add(ranked[rate_list.base, quote], _Ranked((_RANK[rate_list.source], 1), stated))
                _add(ranked[quote, rate_list.base], _Ranked((_RANK[rate_list.source], 0), stated))
        self._rates = ranked
        self._days = {pair: sorted(of_pair) for pair, of_pair in ranked.items()}

    def find(self, base: str, quote: str, day: date) -> AppliedRate | None:
        """Return the latest rate of at most ten days before: of the pair, or through the euro."""
        direct = self._latest(base, quote, day)
        one, other = self._latest(base, PIVOT, day), self._latest(PIVOT, quote, day)
        crossed = one.then(other) if one and other else None
        if direct and crossed:
            return crossed if crossed.day > direct.day else direct
        return direct or crossed

    def _latest(self, base: str, quote: str, day: date) -> AppliedRate | None:
        days = self._days.get((base, quote), [])
        place = bisect_right(days, day)
        if place == 0 or (day - days[place - 1]).days > VALID_DAYS:
            return None
        return self._rates[base, quote][days[place - 1]].applied


def first_day_of_rates(first: date) -> date:
    """Return the first day whose rates may count on a day."""
    return first - timedelta(days=min(VALID_DAYS, first.toordinal() - 1))
