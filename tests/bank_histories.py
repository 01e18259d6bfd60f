"""Lives of accounts with rows that look alike, and what a household does with their reports."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from hypothesis import assume
from hypothesis import strategies as st

from tests.bank import (
    CAMT,
    CAMT_WITH_IDS,
    CARD,
    FIRST,
    LATE_CSV,
    MT940,
    OFX,
    PAGED,
    PLAIN_CSV,
    REISSUED,
    REWORDED,
    RUNNING_CSV,
    WORDED_CSV,
    Bank,
    Life,
    Report,
    Source,
)
from tests.household import Step

# Few amounts and texts on few days: most rows look like others.
moves = st.tuples(
    st.sampled_from([0, 0, 0, 0, 1, 1, 3, 8]),
    st.sampled_from(["-1.00", "-1.00", "-1.00", "-2.40", "1.00", "5.00"]),
    st.sampled_from(["Bakery", "Bakery", "Account fee"]),
)
lives = st.lists(moves, min_size=1, max_size=10).map(Life.of)


class Chosen(NamedTuple):
    """A life with what was drawn for a report: the pages of its statement, days and a beginning."""

    life: Life
    breaks: Sequence[int]
    days: tuple[date, date]
    begin: int

    def whole_days(self, source: Source) -> list[Report]:
        return [Bank(self.life, source).of_days(*self.days)]

    def own_days(self, source: Source) -> list[Report]:
        return [Bank(self.life, source).of_own_days(*self.days)]

    def download(self, source: Source) -> list[Report]:
        """Report what was booked from some place to the end of a day."""
        begin = min(self.begin, len(self.life.bookings) - 1)
        last = max(self.days[1], self.life.bookings[begin].day)
        return [Bank(self.life, source).cut(begin, self.life.begin_of(last + timedelta(days=1)))]

    def chain(self, source: Source) -> list[Report]:
        return list(Bank(self.life, source).chain(self.breaks))


Ways = Mapping[str, Callable[[Chosen], list[Report]]]
DAYS: Ways = {
    "statement": lambda chosen: chosen.whole_days(CAMT),
    "running": lambda chosen: chosen.whole_days(RUNNING_CSV),
    "plain": lambda chosen: chosen.whole_days(PLAIN_CSV),
    "daily": lambda chosen: Bank(chosen.life, CAMT).numbered(1)[:4],
    "weekly": lambda chosen: Bank(chosen.life, MT940).numbered(7),
}
PAGES: Ways = {
    "statement": DAYS["statement"],
    "running": DAYS["running"],
    "pages": lambda chosen: [Bank(chosen.life, PAGED).paged(chosen.breaks)],
    "page": lambda chosen: list(Bank(chosen.life, PAGED).single_pages(chosen.breaks)),
    "chain": lambda chosen: chosen.chain(CAMT),
}
IDS: Ways = {
    "statement": lambda chosen: chosen.whole_days(CAMT_WITH_IDS),
    "chain": lambda chosen: chosen.chain(CAMT_WITH_IDS),
}
OFX_FILES: Ways = {
    "days": lambda chosen: chosen.whole_days(OFX),
    "download": lambda chosen: chosen.download(OFX),
}
SOURCES: Ways = {
    "camt": lambda chosen: chosen.whole_days(CAMT),
    "ofx": lambda chosen: chosen.whole_days(OFX),
    "csv": lambda chosen: chosen.whole_days(WORDED_CSV),
    "mt940": lambda chosen: chosen.whole_days(MT940),
}
CHANGED: Ways = {
    "statement": lambda chosen: chosen.whole_days(CAMT_WITH_IDS),
    "reissued": lambda chosen: chosen.whole_days(REISSUED),
    "reworded": lambda chosen: chosen.whole_days(REWORDED),
    "download": lambda chosen: chosen.download(OFX),
}
LATE: Ways = {
    "camt": lambda chosen: chosen.whole_days(CAMT),
    "ofx": lambda chosen: chosen.whole_days(OFX),
    "csv": lambda chosen: chosen.own_days(LATE_CSV),
}
WAITING: Ways = {
    "card": lambda chosen: chosen.whole_days(CARD),
    "daily": lambda chosen: Bank(chosen.life, CARD).numbered(1)[:4],
}


@st.composite
def histories(draw: st.DrawFn, ways: Ways, *, distinct: bool) -> tuple[Life, list[Step]]:
    life = draw(lives)
    waits = st.tuples(st.sampled_from([0, 0, 1, 3]), st.booleans())
    if ways is WAITING:
        life = life.with_waiting(draw(st.lists(waits, max_size=10)))
    assume(life.has_distinct_balances or not distinct)
    places = st.integers(0, len(life.bookings))
    breaks = draw(st.lists(places, max_size=2))
    days = st.integers(0, (life.last_day - FIRST).days).map(lambda day: FIRST + timedelta(day))
    steps = []
    for way in draw(st.lists(st.sampled_from(sorted(ways)), min_size=1, max_size=4)):
        first, last = sorted((draw(days), draw(days)))
        span = draw(st.sampled_from([(first, last), (FIRST, life.last_day)]))
        made = ways[way](Chosen(life, breaks, span, draw(places)))
        for report in draw(st.permutations(made)):
            steps.append(Step("import", report))
            deed = draw(st.sampled_from(["", "", "", "undo", "again"]))
            if deed:
                steps.append(Step(deed, place=draw(st.integers(0, 5))))
    return life, steps
