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


def existing(row: StatementRow) -> ExistingTransaction:
    return ExistingTransaction(
        id=TransactionId(new_id()),
        booking_date=row.booking_date,
        amount=row.amount,
        provider_id=row.provider_id,
        description=row.description,
        pending=row.pending,
    )


class Exhaustive:
    """The rules in words: every row is compared with every candidate."""

    def __init__(
        self, unknown: Iterable[StatementRow], candidates: Iterable[ExistingTransaction]
    ) -> None:
        self.free = sorted(candidates, key=lambda candidate: (candidate.booking_date, candidate.id))
        self.claims = Counter((row.amount, row.pending) for row in unknown)

    def match(self, row: StatementRow) -> ExistingTransaction | None:
        near = [candidate for candidate in self.free if _may_be(row, candidate)]
        same_id = [
            candidate
            for candidate in near
            if row.provider_id and candidate.provider_id == row.provider_id
        ]
        same_amount = [candidate for candidate in near if candidate.amount == row.amount]
        found = next(iter(same_id), None) or self._of_amount(row, same_amount)
        if found:
            self.free.remove(found)
            self.claims[row.amount, row.pending] -= 1
        return found

    def _of_amount(
        self, row: StatementRow, near: Sequence[ExistingTransaction]
    ) -> ExistingTransaction | None:
        alike = [candidate for candidate in near if candidate.text == normalised(row.description)]
        if alike or row.pending or len({candidate.text for candidate in near}) != 1:
            return next(iter(alike), None)
        return near[0] if self.claims[row.amount, row.pending] <= len(near) else None


def _may_be(row: StatementRow, candidate: ExistingTransaction) -> bool:
    booked, pended = row.booking_date, candidate.booking_date
    if row.pending:
        booked, pended = pended, booked
    return candidate.pending != row.pending and timedelta(0) <= booked - pended <= BOOKING_TAKES


def some_row(chance: random.Random, *, pending: bool) -> StatementRow:
    return make_row(
        chance.choice(["-1.00", "-1.0", "-2.00"]),
        chance.randint(1, 25),
        provider_id=chance.choice([None, None, "A", "B"]),
        description=chance.choice(["Shop", "shop ", "Inn"]),
        pending=pending,
    )


@pytest.mark.parametrize("seed", range(SEED, SEED + 150))
def test_finds_what_an_exhaustive_comparison_finds(seed: int) -> None:
    chance = random.Random(seed)
    candidates = [
        existing(some_row(chance, pending=chance.random() < 0.7))
        for _ in range(chance.randint(0, 12))
    ]
    rows = [some_row(chance, pending=chance.random() < 0.3) for _ in range(chance.randint(1, 12))]
    chance.shuffle(candidates)
    stages, plain = PendingMatcher(rows, candidates), Exhaustive(rows, candidates)

    assert [stages.match(row) for row in rows] == [plain.match(row) for row in rows]


@pytest.mark.parametrize(
    ("waiting", "booked", "place"),
    [
        (["Kauf Migros 123", "Kauf Migros 124"], "Kauf Migros 123 vom 30.03.", 0),
        (["Kauf A", "Kauf B"], "Kauf B vom 30.03.", 1),
        (["Shop 1", "Shop 11"], "Shop 11 Zürich", 1),
        (["Kauf Migros 123", "Inn"], "Migros", 0),
        (["Kauf Migros 123", "Kauf Migros 124"], "Migros", None),
    ],
)
def test_of_one_amount_the_text_decides(
    waiting: Sequence[str], booked: str, place: int | None
) -> None:
    row = make_row(day=3, provider_id=None, description=booked)
    candidates = [
        existing(make_row(provider_id=None, description=text, pending=True)) for text in waiting
    ]

    found = PendingMatcher([row], candidates).match(row)

    assert found == (None if place is None else candidates[place])


def test_the_first_and_last_dates_have_neighbours() -> None:
    for day in (date.min, date.max):
        waiting = replace(make_row(pending=True), booking_date=day)
        booked = replace(make_row(), booking_date=day)

        assert PendingMatcher([booked], [found := existing(waiting)]).match(booked) == found
        assert PendingMatcher([waiting], [found := existing(booked)]).match(waiting) == found


def calls(rows: int, *, alike: bool) -> int:
    """Count the calls of functions while so many pending rows are booked."""
    amounts = [Decimal(-1) if alike else Decimal(-number) for number in range(1, rows + 1)]
    waiting = [make_row(str(amount), pending=True, provider_id=None) for amount in amounts]
    booked = [make_row(str(amount), 3, provider_id=None) for amount in amounts]
    candidates = [existing(row) for row in waiting]
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
def test_cost_per_row_does_not_grow_with_their_number(alike: bool) -> None:
    assert calls(1000, alike=alike) < 11 * calls(100, alike=alike)
