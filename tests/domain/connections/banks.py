"""A bank that answers as much of what it is asked as it likes, and a person who syncs with it."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from hypothesis import strategies as st

from domain.connections.providers import StatementRequest
from domain.connections.schedule import WaitUntil, plan
from domain.connections.values import ONE_DAY, Capabilities, Coverage, Window
from tests.factories import NOON

TODAY = NOON.date()


@dataclass(frozen=True)
class Bank:
    """What a bank answers: it may cap windows at either end, and have nothing before a day."""

    most_days: int = 1_000
    drops_latest: bool = False
    begins: date = date(1990, 1, 1)

    def answer(self, asked: Window) -> Window | None:
        first, last = max(asked.first, self.begins), asked.last
        if last < first:
            return None
        spare = max((last - first).days + 1 - self.most_days, 0) * ONE_DAY
        return Window(first, last - spare) if self.drops_latest else Window(first + spare, last)


@dataclass
class Syncing:
    """Syncs with a bank, as a runner makes them, and what was asked of it."""

    can: Capabilities
    bank: Bank = field(default_factory=Bank)
    coverage: dict[str, Coverage] = field(default_factory=dict)
    now: datetime = NOON
    asked: list[tuple[date, StatementRequest]] = field(default_factory=list)
    used: Counter[tuple[date, str]] = field(default_factory=Counter)

    def sync(self, *, answers: int = 1_000, is_requested: bool = False) -> int:
        """Ask what is planned, until a kill after so many answers; return how many these were."""
        planned = plan(
            self.now, self.can, self.coverage, self.requests_left(), is_requested=is_requested
        )
        if isinstance(planned, WaitUntil):
            return 0
        for request in planned[:answers]:
            self.asked.append((self.now.date(), request))
            key = request.account_keys[0] if self.can.asks_each_account else ""
            self.used[self.now.date(), key] += 1
            self.coverage = {key: self._after(each, request) for key, each in self.coverage.items()}
        return len(planned[:answers])

    def _after(self, coverage: Coverage, request: StatementRequest) -> Coverage:
        (key,) = (key for key, each in self.coverage.items() if each is coverage)
        if request.account_keys and key not in request.account_keys:
            return coverage
        return coverage.extended(request.window, self.bank.answer(request.window), self.now)

    def requests_left(self) -> dict[str, int]:
        keys = self.coverage if self.can.asks_each_account else [""]
        today, most = self.now.date(), self.can.requests_per_day
        return {key: most - self.used[today, key] for key in keys}

    @property
    def is_backfilled(self) -> bool:
        return all(each.is_backfilled for each in self.coverage.values())

    @property
    def windows(self) -> list[Window]:
        return [request.window for _, request in self.asked]


capabilities = st.builds(
    Capabilities,
    window_days=st.integers(1, 90),
    history_days=st.integers(0, 200),
    overlap_days=st.integers(0, 20),
    requests_per_day=st.integers(1, 24),
    interval=st.integers(1, 24).map(lambda hours: timedelta(hours=hours)),
    asks_each_account=st.booleans(),
)
past_days = st.integers(0, 200).map(lambda days: TODAY - days * ONE_DAY)


@st.composite
def coverages(draw: st.DrawFn) -> Coverage:
    """Return a coverage as it may be today."""
    wanted_from = draw(past_days)
    if draw(st.booleans()):
        return Coverage(wanted_from=wanted_from)
    first, last = sorted((draw(past_days), draw(past_days)))
    answered_at = NOON - timedelta(hours=draw(st.integers(0, 48)))
    return Coverage(
        wanted_from=min(wanted_from, first), window=Window(first, last), answered_at=answered_at
    )


banks = st.builds(
    Bank,
    most_days=st.integers(1, 100),
    drops_latest=st.booleans(),
    begins=past_days,
)


def days_of(windows: list[Window]) -> list[date]:
    return [each.first + n * ONE_DAY for each in windows for n in range(each.days)]


def new_account(can: Capabilities) -> Coverage:
    return Coverage(wanted_from=TODAY - can.history_days * ONE_DAY)


def stale(coverage: Coverage) -> Coverage:
    return replace(coverage, answered_at=None)
