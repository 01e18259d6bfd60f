"""Numbers and pages of statements."""

import re
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple, Self

# A number and a page, as in MT940. Longer numbers are ids of messages.
_NUMBER = re.compile(r"(\d{1,6})(?:/(\d{1,5}))?", re.ASCII)
#: If more numbers are skipped, the bank numbers its statements in another way.
MOST_SKIPPED = 50


class Number(NamedTuple):
    """A statement's number within its series, and its page."""

    number: int
    page: int = 0

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Parse a number; return None if it is not one that counts statements."""
        match = _NUMBER.fullmatch(text.strip())
        return cls(int(match[1]), int(match[2] or 0)) if match else None

    def follows(self, before: "Number") -> bool:
        """Return whether this is the next statement, or the next page."""
        if self.number == before.number:
            return self.page == before.page + 1
        return self.number == before.number + 1

    def is_day_of_year(self, day: date) -> bool:
        """Return whether the number is the day of the year, and does not count statements."""
        return self.number == day.timetuple().tm_yday


def skipped(before: Number, after: Number) -> Sequence[str]:
    """Return the numbers between two; none if a new series begins, as it does each year."""
    if after.number == before.number:
        pages = range(before.page + 1, after.page)
        return [f"{after.number}/{page}" for page in pages] if len(pages) <= MOST_SKIPPED else []
    numbers = range(before.number + 1, after.number)
    return [str(number) for number in numbers] if len(numbers) <= MOST_SKIPPED else []
