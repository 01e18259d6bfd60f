"""Looking back to what was true on a day, or to what was known at a moment."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Self

from domain.shared.errors import Invalid
from domain.shared.result import Failure, Result, Success

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# RFC 3339, section 5.6.
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})?", re.ASCII
)


class InvalidAsOf(Invalid):
    """The text is neither a date nor a moment in the past."""

    code = "invalid-as-of"


@dataclass(frozen=True, slots=True)
class AsOf:
    """A point to look back to: a day (what was true then) or a moment (what was known then)."""

    day: date | None = None
    moment: datetime | None = None

    def day_or(self, today: date) -> date:
        """Return the last day to look at: that of the moment, or today for the present."""
        return self.day or (self.moment.date() if self.moment else today)

    @classmethod
    def parse(cls, text: str, *, now: datetime) -> Result[Self, InvalidAsOf]:
        """Parse a date or a date-time."""
        try:
            if _DAY.fullmatch(text):
                return Success(cls(day=date.fromisoformat(text)))
            moment = datetime.fromisoformat(text.upper()) if _MOMENT.fullmatch(text) else None
            if moment and moment.tzinfo:
                moment = moment.astimezone(UTC)
        except (ValueError, OverflowError):
            moment = None
        refused = _refusal(moment, now)
        return Failure(InvalidAsOf(refused)) if refused else Success(cls(moment=moment))


#: Not looking back: what is known now.
NOW = AsOf()


def _refusal(moment: datetime | None, now: datetime) -> str:
    if moment is None:
        return "This is neither a date (2026-03-01) nor a date-time (2026-03-01T12:00:00Z)."
    if moment.tzinfo is None:
        return "A date-time needs its zone (2026-03-01T12:00:00Z)."
    return "The date is in the future. Use today or an earlier date." if moment > now else ""
