"""Whatever happens while a bank is synced: once it answers cleanly, the ledger is what is true."""

import random
from collections import Counter
from datetime import timedelta

import pytest

from adapters.providers.sandbox.bank import ONE_DAY, PLANS, Trouble
from adapters.providers.simplefin import CAPABILITIES
from domain.connections.values import ConnectionStatus, LinkStatus
from tests.adapters.persistence.syncing import (
    FOR_GOOD,
    START,
    Household,
    Row,
    Schedule,
    make_killable,
)
from tests.lanes import SEED, many

pytestmark = pytest.mark.usefixtures("committing_database")


@pytest.mark.slow
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


async def test_a_relinked_bank_doubles_nothing() -> None:
    """Its accounts have other ids, and their transactions as well, back to the beginning."""
    household = await Household.connected(SEED)
    await household.process()
    household.bank.links += 1
    household.bank.generation += 1
    household.clock.at += ONE_DAY
    await household.process()
    _, links = await household.state()
    asked = [each for each in links if each.status is LinkStatus.ASKED]
    assert len(asked) == len(PLANS)

    await household.act()
    await household.process()

    assert await household.ledger() == household.truth()
    assert await household.balances() == household.true_balances()


async def test_a_row_that_is_moved_into_a_window_is_not_doubled() -> None:
    """It was moved out of the days that are asked, and is moved back, under the same id."""
    household = await Household.connected(SEED + 5081)
    household.bank.troubles = {Trouble.DAYS_MOVED}
    await household.process()
    household.bank.troubles = set()
    for _ in range(9):
        household.clock.at += ONE_DAY
        await household.process()

    assert without_days(await household.ledger()) == without_days(household.truth())


async def test_what_was_missing_is_asked_again() -> None:
    household = await Household.connected(SEED)
    household.bank.troubles = {Trouble.DATA_MISSING}
    await household.process()
    connection, links = await household.state()
    assert connection.status is ConnectionStatus.PARTIAL
    assert [each.covered_from for each in links if each.problem] == [None]
    requests = len(household.line.requests)
    household.bank.troubles = set()
    household.clock.at += ONE_DAY

    await household.process()

    assert await household.ledger() == household.truth()
    assert len(household.line.requests) > requests


async def test_an_account_that_is_not_listed_for_a_time_keeps_its_history() -> None:
    household = await Household.connected(SEED)
    household.line.left = 1
    await household.process()
    household.bank.troubles = {Trouble.ACCOUNT_CLOSED}
    household.line.left = FOR_GOOD
    await household.expire()
    await household.process()
    household.bank.troubles = set()
    for _ in range(2):
        household.clock.at += ONE_DAY
        await household.process()

    assert await household.ledger() == household.truth()


async def test_syncs_that_fail_within_a_minute_are_all_recorded() -> None:
    household = await Household.connected(SEED)
    for _ in range(2):
        household.line.troubles = [Trouble.OUTAGE]
        household.clock.at += timedelta(seconds=10)
        await household.sync_now()
        await household.process()

        connection, _ = await household.state()
        assert connection.attempted_at == household.clock.at


@pytest.mark.slow
async def test_a_history_that_is_killed_after_each_window_is_asked_once() -> None:
    household = await Household.connected(SEED, CAPABILITIES)
    while not await household.is_backfilled():
        household.line.left = 1
        await household.expire()
        await household.process()

    windows = Counter((each.first, each.last) for each in household.line.requests)
    assert set(windows.values()) == {1}
    assert sum(each.days for each in household.line.requests) == CAPABILITIES.history_days + 1
    assert household.line.faults == []
    assert await household.ledger() == household.truth()


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
