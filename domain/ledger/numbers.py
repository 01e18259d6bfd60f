"""Numbers of statements, where an institution counts them."""

import re
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple, Self

# A number and the page of it, as in MT940. What has more digits is the id of a message.
_NUMBER = re.compile(r"(\d{1,6})(?:/(\d{1,5}))?", re.ASCII)
#: More than these are not missing: they are counted in another way.
MOST_SKIPPED = 50


class Number(NamedTuple):
    """A statement's number within its series, and its page."""

    number: int
    page: int = 0

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read it; nothing where it is no number that anyone counts by."""
        match = _NUMBER.fullmatch(text.strip())
        return cls(int(match[1]), int(match[2] or 0)) if match else None

    def follows(self, before: "Number") -> bool:
        """Tell whether it is the next one, or the next page."""
        if self.number == before.number:
            return self.page == before.page + 1
        return self.number == before.number + 1

    def is_day_of_year(self, day: date) -> bool:
        """Tell whether it is the day that is counted, and not the statement."""
        return self.number == day.timetuple().tm_yday


def skipped(before: Number, after: Number) -> Sequence[str]:
    """Return the numbers between two; none where a series begins anew, as it does each year."""
    if after.number == before.number:
        pages = range(before.page + 1, after.page)
        return [f"{after.number}/{page}" for page in pages] if len(pages) <= MOST_SKIPPED else []
    numbers = range(before.number + 1, after.number)
    return [str(number) for number in numbers] if len(numbers) <= MOST_SKIPPED else []
