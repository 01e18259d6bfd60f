"""Whatever reports of a bank come, in whatever order, the ledger is what the bank booked.

The judge is the bank: its rows, by day and amount, of all that the standing imports list. Claimed
is what evidence decides:

* reports of whole days, with or without balances, ids and numbers, as often as they come, and
  series and sources of several types: rows that look alike are as many as the report has that has
  most of them;
* pages, and files that follow one another within a day, together or alone, in any order, if no
  balance repeats: where the account has the same balance twice, a file that begins with it may
  begin at either place;
* downloads with ids that begin within a day.

Nobody can decide about files that begin and end within a day and state neither balances nor ids,
nor for certain about an id or a text that is new where the bank may have given a new one to a row
that is known, nor about days that differ. There the ledger may be wrong, if it says so: a stretch
is unbalanced, or a person is asked. It never says that something is wrong where nothing is.
"""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings

from domain.shared.ids import UserId, new_id
from tests.application.conftest import Application
from tests.bank import CAMT, FIRST, LATE_CSV, Bank, Life, Report
from tests.bank_histories import (
    CHANGED,
    DAYS,
    IDS,
    LATE,
    OFX_FILES,
    PAGES,
    SOURCES,
    WAITING,
    Ways,
    histories,
)
from tests.household import Household, Step, live, run
from tests.lanes import LONG, many

STRICT, SAYING = True, False


@pytest.mark.parametrize(
    ("ways", "distinct", "strict", "count"),
    [
        (DAYS, False, STRICT, 80),
        (PAGES, True, STRICT, 120),
        (IDS, True, STRICT, 60),
        (OFX_FILES, True, STRICT, 60),
        (SOURCES, False, STRICT, 50),
        (CHANGED, False, SAYING, 50),
        (LATE, False, SAYING, 40),
        (WAITING, False, SAYING, 40),
    ],
    ids=["days", "pages", "ids", "ofx", "sources", "changed", "late", "waiting"],
)
def test_the_ledger_is_what_the_bank_booked(
    ways: Ways, distinct: bool, strict: bool, count: int
) -> None:
    @settings(
        max_examples=many(count, 20 * count),
        # The long lane looks for more; a change is held to the same lives each time.
        derandomize=not LONG,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(histories(ways, distinct=distinct))
    def check(history: tuple[Life, Sequence[Step]]) -> None:
        note(repr(history))
        household = Household(Application().world, UserId(new_id()))
        run(live(household, *history, strict=strict))

    check()


def _cuts_of_a_day() -> tuple[Life, Sequence[Report]]:
    """A file of two rows does not lie about one that it shares no balance with."""
    life = Life.of([(0, "-1.00", "Bakery")] * 4)
    bank = Bank(life, CAMT)
    return life, [bank.cut(*each) for each in [(0, 1), (2, 4), (1, 2)]]


def _cuts_apart() -> tuple[Life, Sequence[Report]]:
    """A file lies within another one only where rows of that lead to it."""
    life = Life.of([(0, "-1.00", "Bakery")] * 5)
    bank = Bank(life, CAMT)
    return life, [bank.cut(*each) for each in [(2, 5), (0, 1)]]


def _days_that_meet() -> tuple[Life, Sequence[Report]]:
    """What was booked on the last day of one source is on the first of another."""
    life = Life.of([(1, "-1.00", "Bakery")] * 3)
    first, last = FIRST + timedelta(2), FIRST + timedelta(3)
    late = Bank(life, LATE_CSV).of_own_days(last, last)
    return life, [Bank(life, CAMT).of_days(FIRST, first), late]


def _a_row_paired_by_its_word() -> tuple[Life, Sequence[Report]]:
    """A pair that is certain leaves another one, at once and not only when it is imported again."""
    moves = [(0, "-1.00", "Bakery"), (0, "-1.00", "Account fee"), (1, "-2.40", "Bakery")]
    life, last = Life.of(moves), FIRST + timedelta(1)
    late = Bank(life, LATE_CSV).of_own_days(FIRST, last)
    return life, [Bank(life, CAMT).of_days(FIRST, FIRST), late]


@pytest.mark.parametrize(
    ("made", "strict"),
    [
        (_cuts_of_a_day(), STRICT),
        (_cuts_apart(), STRICT),
        (_days_that_meet(), SAYING),
        (_a_row_paired_by_its_word(), STRICT),
    ],
)
def test_what_once_went_wrong(made: tuple[Life, Sequence[Report]], strict: bool) -> None:
    life, reports = made
    household = Household(Application().world, UserId(new_id()))
    run(live(household, life, [Step("import", each) for each in reports], strict=strict))
