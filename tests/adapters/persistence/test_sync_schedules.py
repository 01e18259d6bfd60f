"""Whatever happens while a bank is synced: once it answers cleanly, the ledger is what is true."""

import random
from collections import Counter

import pytest

from tests.adapters.persistence.syncing import START, Household, Row, Schedule, make_killable
from tests.lanes import SEED, many

pytestmark = pytest.mark.usefixtures("committing_database")


@pytest.mark.parametrize("number", range(many(4, 500)))
async def test_the_ledger_is_what_is_true(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    make_killable(monkeypatch)
    seed = SEED + number
    household = await Household.connected(seed)
    schedule = Schedule(household, random.Random(seed), has_gaps=number % 2 == 1)

    await schedule.play()
    await schedule.end_cleanly()

    assert household.line.faults == []
    ledger, truth = await household.ledger(), household.truth()
    if schedule.is_moved:
        ledger, truth = without_days(ledger), without_days(truth)
    assert ledger.keys() == truth.keys()
    assert {name: difference(ledger[name], rows) for name, rows in truth.items()} == {
        name: ([], []) for name in truth
    }
    assert await household.balances() == household.true_balances()


def without_days(found: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """A transaction stays on the day on which it was reported first."""
    return {
        name: sorted((START.date(), amount, is_pending) for _, amount, is_pending in rows)
        for name, rows in found.items()
    }


def difference(found: list[Row], true: list[Row]) -> tuple[list[Row], list[Row]]:
    """Return what there is too much of, and what is lacking."""
    more = Counter(found) - Counter(true)
    less = Counter(true) - Counter(found)
    return sorted(more.elements()), sorted(less.elements())
