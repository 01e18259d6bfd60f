"""Values of connections."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import NewType, Self

ProviderSlug = NewType("ProviderSlug", str)

#: The provider of everything that users upload as a file.
STATEMENT_FILES = ProviderSlug("statement-files")

ONE_DAY = timedelta(days=1)


class ConnectionStatus(StrEnum):
    """The state of a connection.

    One is `PARTIAL` while some of its accounts cannot be read. Only `ACTIVE` and `PARTIAL` ones are
    synced by themselves. To wait for a quota or after an outage is no state: it is a due date.
    """

    AUTHORISING = "authorising"
    ACTIVE = "active"
    PARTIAL = "partial"
    NEEDS_PERSON = "needs_person"
    PAUSED = "paused"
    REVOKED = "revoked"


class Need(StrEnum):
    """What a connection needs of a person before it can go on."""

    CONSENT = "consent"
    CREDENTIALS = "credentials"
    PAYMENT = "payment"
    TAN = "tan"


class LinkStatus(StrEnum):
    """Whether an account of a provider fills an account of the ledger.

    A `NEW` one becomes an account, or joins one that is the same for certain, when it is first
    synced. An `ASKED` one resembles an account: a person says whether it is that one.
    """

    NEW = "new"
    ASKED = "asked"
    LINKED = "linked"
    IGNORED = "ignored"


class DueReason(StrEnum):
    """Why a connection is due when it is."""

    INTERVAL = "interval"
    REQUESTED = "requested"
    QUOTA = "quota"
    OUTAGE = "outage"
    BACKFILL = "backfill"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Credentials:
    """Credentials for a user's accounts at an institution, never shown, logged or compared."""

    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Days of booking, the first and the last included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError("A window ends on its first day or later.")

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def covers(self, other: "Window") -> bool:
        return self.first <= other.first and other.last <= self.last

    def meets(self, other: "Window") -> bool:
        """Return whether they share a day, or one follows the other."""
        return self.first <= other.last + ONE_DAY and other.first <= self.last + ONE_DAY

    def joined(self, other: "Window") -> Self:
        """Return the days from the first of both to the last of both."""
        return type(self)(min(self.first, other.first), max(self.last, other.last))


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Which days of an account are in the ledger, without a gap, and how far back to ask.

    `wanted_from` is the first day that is worth asking for; `window` is None before any answer, and
    `answered_at` is when its last days were answered. The history of an account that
    `is_failing` has to wait.
    """

    wanted_from: date
    window: Window | None = None
    answered_at: datetime | None = None
    is_failing: bool = False

    @property
    def is_backfilled(self) -> bool:
        return self.window is not None and self.window.first <= self.wanted_from

    def extended(self, asked: Window, answered: Window | None, at: datetime) -> "Coverage":
        """Return the coverage after an answer.

        A provider may answer fewer days than were asked. If days are lacking between those that are
        known and later ones, only the later ones are known from then on, and history leads back to
        the others. If a provider answers nothing of the days just before those that are known, it
        has no more, and no earlier day is asked again.
        """
        known = self.window
        if known is None:
            return replace(self, window=answered, answered_at=at if answered else None)
        window = known
        if answered and known.meets(answered):
            window = known.joined(answered)
        elif answered and answered.first > known.last:
            window = answered
        is_history = asked.first < known.first <= asked.last + ONE_DAY and asked.last < known.last
        has_no_more = is_history and window.first == known.first
        is_recent = answered is not None and answered.last >= known.last
        return Coverage(
            wanted_from=known.first if has_no_more else self.wanted_from,
            window=window,
            answered_at=at if is_recent else self.answered_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a provider can do, and how often it may be asked.

    `window_days` is the longest window of one request, `history_days` how far back statements go.
    Each sync asks again for `overlap_days` before the last covered day, because banks still change
    them. `requests_per_day` are those of a connection in a day of UTC, or of each of its accounts
    if it `counts_each_account`; if it `asks_each_account` too, a request is for one of them.
    `interval` is the time between two syncs.
    """

    window_days: int
    history_days: int
    overlap_days: int
    requests_per_day: int
    interval: timedelta
    counts_each_account: bool = False
    asks_each_account: bool = False

    def first_day(self, now: datetime) -> date:
        """Return the first day of which there may be statements."""
        return now.astimezone(UTC).date() - self.history_days * ONE_DAY
