"""Days, and ranges of them."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

ONE_DAY = timedelta(days=1)


class Days(NamedTuple):
    """The days from one to another, both included."""

    first: date
    last: date

    def has(self, day: date) -> bool:
        return self.first <= day <= self.last

    def meets(self, other: "Days") -> bool:
        """Return whether both have a day in common."""
        return self.first <= other.last and other.first <= self.last

    def joined(self, other: "Days") -> "Days":
        return Days(min(self.first, other.first), max(self.last, other.last))


def with_days(covered: Sequence[Days], days: Days | None) -> list[Days]:
    """Add days to ranges of days; those that follow one another are one range."""
    if days is None or days.last < days.first:
        return list(covered)
    reach = Days(days.first - ONE_DAY, days.last + ONE_DAY)
    apart = [each for each in covered if not each.meets(reach)]
    for each in covered:
        days = days.joined(each) if each.meets(reach) else days
    return [*apart, days]
