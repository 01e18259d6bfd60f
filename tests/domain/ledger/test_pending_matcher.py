"""Which candidate is given to which row, and what that costs when there are many."""

import random
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from types import FrameType
from typing import Any

import pytest

from domain.ledger.matches import ExistingTransaction
from domain.ledger.pending import BOOKING_TAKES, PendingMatcher
from domain.ledger.values import StatementRow, normalised
from domain.shared.ids import TransactionId, new_id
from tests.factories import make_row

SEED = 20260301


def held(row: StatementRow) -> ExistingTransaction:
    return ExistingTransaction(
        id=TransactionId(new_id()),
        booking_date=row.booking_date,
        amount=row.amount,
        provider_id=row.provider_id,
        description=row.description,
        pending=row.pending,
    )


class EachWithEach:
    """The rules in words: every row is compared with every candidate."""

    def __init__(
        self, unknown: Iterable[StatementRow], candidates: Iterable[ExistingTransaction]
    ) -> None:
        self.free = sorted(candidates, key=lambda held: (held.booking_date, held.id))
        self.claims = Counter((row.amount, row.pending) for row in unknown)

    def match(self, row: StatementRow) -> ExistingTransaction | None:
        near = [held for held in self.free if _may_be(row, held)]
        same_id = [held for held in near if row.provider_id and held.provider_id == row.provider_id]
        same_amount = [held for held in near if held.amount == row.amount]
        found = next(iter(same_id), None) or self._of_amount(row, same_amount)
        if found:
            self.free.remove(found)
            self.claims[row.amount, row.pending] -= 1
        return found

    def _of_amount(
        self, row: StatementRow, near: Sequence[ExistingTransaction]
    ) -> ExistingTransaction | None:
        alike = [held for held in near if held.text == normalised(row.description)]
        if alike or row.pending or len({held.text for held in near}) != 1:
            return next(iter(alike), None)
        return near[0] if self.claims[row.amount, row.pending] <= len(near) else None


def _may_be(row: StatementRow, held: ExistingTransaction) -> bool:
    booked, pended = row.booking_date, held.booking_date
    if row.pending:
        booked, pended = pended, booked
    return held.pending != row.pending and timedelta(0) <= booked - pended <= BOOKING_TAKES


def some_row(chance: random.Random, *, pending: bool) -> StatementRow:
    return make_row(
        chance.choice(["-1.00", "-1.0", "-2.00"]),
        chance.randint(1, 25),
        provider_id=chance.choice([None, None, "A", "B"]),
        description=chance.choice(["Shop", "shop ", "Inn"]),
        pending=pending,
    )


@pytest.mark.parametrize("seed", range(SEED, SEED + 150))
def test_gives_what_comparing_each_with_each_gives(seed: int) -> None:
    chance = random.Random(seed)
    candidates = [
        held(some_row(chance, pending=chance.random() < 0.7)) for _ in range(chance.randint(0, 12))
    ]
    rows = [some_row(chance, pending=chance.random() < 0.3) for _ in range(chance.randint(1, 12))]
    chance.shuffle(candidates)
    stages, plain = PendingMatcher(rows, candidates), EachWithEach(rows, candidates)

    assert [stages.match(row) for row in rows] == [plain.match(row) for row in rows]


def test_the_first_and_the_last_day_that_there_are_have_neighbours() -> None:
    for day in (date.min, date.max):
        waiting = replace(make_row(pending=True), booking_date=day)
        booked = replace(make_row(), booking_date=day)

        assert PendingMatcher([booked], [found := held(waiting)]).match(booked) == found
        assert PendingMatcher([waiting], [found := held(booked)]).match(waiting) == found


def calls(rows: int, *, alike: bool) -> int:
    """Count the calls of functions while so many pending rows are booked."""
    amounts = [Decimal(-1) if alike else Decimal(-number) for number in range(1, rows + 1)]
    waiting = [make_row(str(amount), pending=True, provider_id=None) for amount in amounts]
    booked = [make_row(str(amount), 3, provider_id=None) for amount in amounts]
    candidates = [held(row) for row in waiting]
    counted = 0

    def count(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        stages = PendingMatcher(booked, candidates)
        found = [stages.match(row) for row in booked]
    finally:
        sys.setprofile(before)
    assert {each.id for each in found if each} == {each.id for each in candidates}
    return counted


@pytest.mark.parametrize("alike", [True, False])
def test_many_cost_no_more_for_each_than_few(alike: bool) -> None:
    assert calls(1000, alike=alike) < 11 * calls(100, alike=alike)
