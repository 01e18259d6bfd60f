"""Net worth: the total of a user's accounts by day and currency."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Self

from domain.ledger.errors import InvalidPeriod
from domain.ledger.exchange_rates import AppliedRate, Rates
from domain.shared.ids import AccountId
from domain.shared.money import Money
from domain.shared.result import Failure, Result, Success

DEFAULT_DAYS = 30
MAX_DAYS = 366


@dataclass(frozen=True, slots=True)
class NetWorthRange:
    """The days of a net worth, both ends included."""

    first: date
    last: date

    @classmethod
    def parse(
        cls, first: date | None, last: date | None, *, today: date
    ) -> Result[Self, InvalidPeriod]:
        """Parse a range: by default it ends today, and has 30 days."""
        last = last or today
        first = first or date.fromordinal(max(1, last.toordinal() - DEFAULT_DAYS + 1))
        if first > last:
            return Failure(InvalidPeriod("The first day is after the last one."))
        period = cls(first, last)
        if period.days > MAX_DAYS:
            return Failure(InvalidPeriod(f"At most {MAX_DAYS} days can be requested at once."))
        return Success(period)

    def __iter__(self) -> Iterator[date]:
        return map(date.fromordinal, range(self.first.toordinal(), self.last.toordinal() + 1))

    @property
    def days(self) -> int:
        return self.last.toordinal() - self.first.toordinal() + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """The total of all accounts at the end of a day, in one currency.

    `unvalued` counts the holdings with neither a value nor a price, which are not included.
    """

    day: date
    currency: str
    cash: Decimal = Decimal(0)
    holdings: Decimal = Decimal(0)
    unvalued: int = 0

    @property
    def total(self) -> Decimal:
        return self.cash + self.holdings


@dataclass(frozen=True, slots=True, kw_only=True)
class WorthPart:
    """What a user has in one currency, and in another: without a rate, it is not converted."""

    amount: Money
    rate: AppliedRate | None = None
    converted: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvertedWorth:
    """The net worth of a day in one currency: the sum of the parts that have a rate."""

    day: date
    currency: str
    total: Decimal
    parts: Sequence[WorthPart]

    @property
    def is_complete(self) -> bool:
        return all(part.converted is not None for part in self.parts)


@dataclass(frozen=True, slots=True)
class NetWorth:
    """Net worth by day and currency.

    The unknown accounts are not included on any day, and neither are transactions in the unknown
    currencies of other accounts: no balance was stated from which theirs follows.
    """

    items: Sequence[Worth]
    unknown_accounts: Sequence[AccountId]
    unknown_currencies: tuple[tuple[AccountId, str], ...] = ()
    converted: Sequence[ConvertedWorth] = ()

    def converted_to(self, currency: str, rates: Rates) -> Self:
        """Return this net worth with its sums in one currency."""
        by_day: dict[date, list[WorthPart]] = defaultdict(list)
        for worth in self.items:
            by_day[worth.day].append(_part(worth, currency, rates))
        converted = [
            ConvertedWorth(
                day=day,
                currency=currency,
                total=sum((part.converted or Decimal(0) for part in parts), Decimal(0)),
                parts=parts,
            )
            for day, parts in by_day.items()
        ]
        return replace(self, converted=converted)


def _part(worth: Worth, currency: str, rates: Rates) -> WorthPart:
    amount = Money(worth.total, worth.currency)
    if worth.currency == currency:
        return WorthPart(amount=amount, converted=worth.total)
    rate = rates.find(worth.currency, currency, worth.day)
    converted = rate.convert(worth.total, currency) if rate else None
    return WorthPart(amount=amount, rate=rate, converted=converted)
