"""OFX, CSV and SimpleFIN of the same days in a ledger: hardly a double, and all can be undone."""

import random
from collections import Counter
from itertools import permutations

import pytest
from rich.console import Console

from dashtam.application.ledger.matches import DecideMatch, ListMatches
from domain.ledger.errors import NotAMatch
from domain.ledger.suggested_matches import MatchDecision, MatchStatus, SuggestedMatch
from domain.ledger.values import StatementFile
from domain.shared.errors import NotFound
from domain.shared.ids import ImportId, UserId, new_id
from domain.shared.result import Success
from tests import bank
from tests.application.conftest import Application
from tests.household import Household
from tests.lanes import LONG, SEED
from tests.three_sources import SOURCES, Report, bookings, reports
from tests.two_sources import Bought

SEEDS = range(SEED, SEED + 20) if LONG else [1]


def rows(app: Application) -> Counter[tuple[object, ...]]:
    """Return the transactions there are."""
    return Counter(
        (each.line, each.booking_date, each.amount, each.description)
        for each in app.store.transactions.values()
        if each.removal is None
    )


async def load(household: Household, report: Report) -> ImportId:
    file = StatementFile(format=report.source, statements=[report.statement])
    await household.import_report(bank.Report(0, 0, file))
    return [*household.imports][-1]


async def answer(app: Application, household: Household, truth: dict[int, Bought]) -> None:
    """Confirm what was paid at one shop, and refuse the rest, as a person would."""
    page = await app.use(ListMatches)(
        user_id=household.user_id, status=MatchStatus.SUGGESTED, after=None, limit=500
    )
    assert isinstance(page, Success)
    for match in page.value.items:
        shops = {truth[each].shop.ofx for each in _numbers(app, match)}
        decision = MatchDecision.CONFIRMED if len(shops) == 1 else MatchDecision.REFUSED
        decided = await app.use(DecideMatch)(
            match_id=match.id, decision=decision, user_id=household.user_id
        )
        # With another answer, one of the two may have become one with a third.
        assert isinstance(decided, Success) or isinstance(decided.error, NotFound | NotAMatch)


def _numbers(app: Application, match: SuggestedMatch) -> list[int]:
    legs = (match.added.transaction_id, match.existing.transaction_id)
    return [
        app.store.transactions[each].line - 1 for each in legs if each in app.store.transactions
    ]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("order", [*permutations(SOURCES)], ids="-".join)
async def test_nothing_is_lost_and_hardly_anything_double(
    order: tuple[str, ...], seed: int, app: Application
) -> None:
    chance = random.Random(seed)
    bought = bookings(chance)
    made = reports(bought, chance)
    household = Household(app.world, UserId(new_id()))
    imports = [await load(household, each) for source in order for each in made[source]]

    await answer(app, household, {each.number: each for each in bought})

    amounts = Counter(
        each.amount.amount for each in app.store.transactions.values() if each.removal is None
    )
    true = Counter(each.amount for each in bought)
    double = (amounts - true).total()
    Console().print(f"{double} of {len(bought)} left double")
    assert not true - amounts
    # Equal payments within a few days, paired crosswise between two sources, have no third left.
    assert double <= 0.015 * len(bought)
    for each in imports:
        await household.undo(each)
    assert not rows(app)


@pytest.mark.parametrize("order", [*permutations(SOURCES)], ids="-".join)
async def test_each_source_is_undone(order: tuple[str, ...], app: Application) -> None:
    chance = random.Random(1)
    made = reports(bookings(chance), chance)
    household = Household(app.world, UserId(new_id()))
    before, imports = [rows(app)], list[list[ImportId]]()
    for source in order:
        imports.append([await load(household, each) for each in made[source]])
        before.append(rows(app))

    for loaded, expected in zip(reversed(imports), before[-2::-1], strict=True):
        for each in reversed(loaded):
            await household.undo(each)
        assert rows(app) == expected
