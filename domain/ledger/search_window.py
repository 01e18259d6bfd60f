"""The days in which to search for transfers."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from domain.ledger.errors import PeriodTooLong
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True)
class SearchWindow:
    """The booking days of outgoing transactions, both ends included; without ends, all days."""

    first: date | None = None
    last: date | None = None

    USUAL_DAYS: ClassVar = 90
    #: A search reads every transaction of its days.
    MOST_DAYS: ClassVar = 366

    @property
    def is_open(self) -> bool:
        """Whether neither end is set."""
        return self.first is None and self.last is None

    def to_search(self, newest: date) -> Result["SearchWindow", PeriodTooLong]:
        """Return the days to search, up to the newest booking unless an end is set."""
        if self.first and self.last:
            if (self.last - self.first).days >= self.MOST_DAYS:
                return Failure(
                    PeriodTooLong(f"At most {self.MOST_DAYS} days can be searched at once.")
                )
            return Success(self)
        if self.first:
            return Success(SearchWindow(self.first, _moved(self.first, self.USUAL_DAYS)))
        last = self.last or newest
        return Success(SearchWindow(_moved(last, -self.USUAL_DAYS), last))

    def contains(self, day: date) -> bool:
        return (self.first or date.min) <= day <= (self.last or date.max)


def _moved(day: date, days: int) -> date:
    """Return the day so many days later, or the last possible date."""
    ordinal = min(max(day.toordinal() + days, 1), date.max.toordinal())
    return date.fromordinal(ordinal)
