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
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings

from domain.shared.ids import UserId, new_id
from tests.application.conftest import Application
from tests.bank import Life
from tests.bank_histories import DAYS, IDS, OFX_FILES, PAGES, Ways, histories
from tests.household import Household, Step, live
from tests.lanes import many


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
    def check(history: tuple[Life, Sequence[Step]]) -> None:
        note(repr(history))
        asyncio.run(live(Household(Application().world, UserId(new_id())), *history))

    check()
