"""Whatever reports of a bank come, in whatever order, the ledger is what the bank booked.

The judge is the bank: its rows, by day and amount, of all that the standing imports list. Claimed
is what evidence decides:

* reports of whole days, with or without balances, ids and numbers, as often as they come, and
  series of several types: rows that look alike are as many as the report has that has most of them;
* pages, and files that follow one another within a day, together or alone, in any order, if no
  balance repeats: where the account has the same balance twice, a file that begins with it may
  begin at either place;
* downloads with ids that begin within a day.

Nobody can decide about files that begin and end within a day and state neither balances nor ids,
nor about an id that is new where the bank may have given a new one to a row that is known.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, assume, given, note, settings
from hypothesis import strategies as st

from tests.application.ledger.banking import Household
from tests.bank import (
    CAMT,
    CAMT_WITH_IDS,
    FIRST,
    MT940,
    OFX,
    PAGED,
    PLAIN_CSV,
    RUNNING_CSV,
    Bank,
    Life,
    Report,
    Source,
)
from tests.lanes import many

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


class Step(NamedTuple):
    """What the household does: it imports a report, or an equal file again, or undoes an import."""

    deed: str
    report: Report | None = None
    place: int = 0


@st.composite
def histories(draw: st.DrawFn, ways: Ways, *, distinct: bool) -> tuple[Life, list[Step]]:
    life = draw(lives)
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


async def perform(household: Household, step: Step) -> None:
    standing = list(household.imports)
    if step.report:
        await household.import_report(step.report)
    elif standing:
        import_id = standing[step.place % len(standing)]
        if step.deed == "undo":
            await household.undo(import_id)
        else:
            await household.import_report(household.imports[import_id])


async def live(life: Life, steps: Sequence[Step]) -> None:
    household = Household()
    before = await household.export()
    for step in steps:
        before = await household.export() if step.report else before
        await perform(household, step)
        assert household.booked == life.booked(household.places)
        if step.report:
            # Whatever it was, to undo it is to have what was before; then it is imported again.
            await household.undo(list(household.imports)[-1])
            assert await household.export() == before
            await household.import_report(step.report)
            assert household.booked == life.booked(household.places)
    for import_id in list(household.imports):
        await household.undo(import_id)
    assert household.ledger == []


@pytest.mark.parametrize(
    ("ways", "distinct", "count"),
    [(DAYS, False, 100), (PAGES, True, 200), (IDS, True, 100), (OFX_FILES, True, 100)],
    ids=["days", "pages", "ids", "ofx"],
)
def test_the_ledger_is_what_the_bank_booked(ways: Ways, distinct: bool, count: int) -> None:
    @settings(
        max_examples=many(count, 20 * count),
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(histories(ways, distinct=distinct))
    def check(history: tuple[Life, list[Step]]) -> None:
        note(repr(history))
        asyncio.run(live(*history))

    check()
