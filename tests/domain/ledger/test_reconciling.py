"""Which transactions belong to the stretch between two balances, and what their sum says."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from domain.ledger.days import Days
from domain.ledger.evidence import Outline, stretches
from domain.ledger.reconciling import (
    AccountReconciliation,
    Addend,
    Stating,
    StretchPlan,
    StretchSum,
    plans,
    reconcile,
)
from domain.ledger.values import LedgerReconciliation, Reconciliation
from domain.shared.money import Money
from tests.domain.ledger.test_evidence import outline


def march(day: int) -> date:
    return date(2026, 3, day)


def plan(*outlines: Outline, day: int = 13) -> StretchPlan:
    (only,) = plans(outlines, Days(march(day), march(day)))
    return only


def addends(*outlines: Outline, stating: Stating, day: int = 13) -> list[Addend]:
    """Return what is added up for the last stretch."""
    found = plan(*outlines, day=day)
    last = max(found.chosen)
    return [each for each in found.addends if (each.stretch, each.stating) == (last, stating)]


class TestOwnRows:
    def test_of_a_statement_that_follows_count_whatever_their_days(self) -> None:
        first, second = outline("100.00", "99.00"), outline("99.00", "98.00", (14, 14))

        (own,) = addends(first, second, stating=Stating.OWN)

        assert (own.place, own.after, own.leading) == (1, -1, [0])
        assert own.days.has(march(1))

    def test_after_a_gap_count_from_the_balance_before(self) -> None:
        first, second = outline("100.00", "99.00"), outline("50.00", "40.00", (16, 20))

        own = addends(first, second, stating=Stating.OWN, day=16)

        assert Days(march(13), march(20)) in [each.days for each in own]

    def test_of_a_page_follow_the_page_before(self) -> None:
        pages = [outline("100.00", "99.00", number="7/1"), outline("99.00", "98.00", number="7/2")]

        (own,) = addends(*reversed(pages), stating=Stating.OWN)

        assert (own.place, own.after, own.leading) == (1, -1, [0])

    def test_of_copies_are_summed_once(self) -> None:
        found = plan(outline("100.00", "99.00"), outline("100.00", "99.00"))

        assert list(found.places.values()) == [0, 0]
        assert len(found.chosen) == 1


class TestRowsOfOthers:
    def test_on_days_that_the_statement_lists_in_full_belong_to_it(self) -> None:
        before = outline("110.00", "100.00", (1, 9))
        within = outline(None, "97.00", (10, 12))
        month = outline("100.00", "95.00", (10, 20))

        (others,) = addends(before, within, month, stating=Stating.OTHERS)

        assert (others.place, others.after, others.leading) == (2, -1, [0])
        assert others.days == Days(march(10), march(20))

    def test_may_belong_to_a_statement_that_may_begin_and_end_within_a_day(self) -> None:
        rows = replace(outline("100.00", "99.00", (11, 13)), has_period=False)

        found = addends(rows, stating=Stating.OTHERS)

        assert {(*each.days, each.certain) for each in found} == {
            (march(11), march(11), False),
            (march(12), march(12), True),
            (march(13), march(13), False),
        }

    def test_fill_a_gap_whatever_their_place(self) -> None:
        before, after = outline("100.00", "99.00", (9, 9)), outline("97.00", "96.00", (13, 13))

        found = addends(before, after, stating=Stating.ANY)

        # Of the day on which the one before closes, more may have been booked.
        assert {(*each.days, each.certain) for each in found} == {
            (march(10), march(12), True),
            (march(9), march(9), False),
        }


class TestRowsWithoutABalance:
    def test_count_after_the_balance_before(self) -> None:
        first, second = outline("100.00", "99.00"), outline("99.00", "98.00", (16, 18))

        (none,) = addends(first, second, stating=Stating.NONE, day=16)

        assert none.days == Days(march(14), march(18))
        assert none.certain

    def test_on_the_day_of_a_report_during_the_day_may_count(self) -> None:
        first = outline("100.00", "99.00", (12, 12))
        report = outline("99.00", "98.00", report_type="camt.052")

        found = addends(first, report, stating=Stating.NONE)

        assert [(each.days, each.certain) for each in found] == [
            (Days(march(13), march(13)), False)
        ]


class TestChoice:
    def test_takes_the_stretches_that_end_or_begin_on_the_days_and_the_next_one(self) -> None:
        days = [outline(f"{100 - n}.00", f"{99 - n}.00", (n, n)) for n in range(10, 16)]

        assert plan(*days, day=11).chosen == [1, 2, 3]

    def test_takes_each_currency_apart(self) -> None:
        euro = outline("100.00", "99.00")
        assert euro.opening
        assert euro.closing
        franc = replace(
            outline("100.00", "99.00"),
            currency="CHF",
            opening=replace(euro.opening, money=Money(Decimal(100), "CHF")),
            closing=replace(euro.closing, money=Money(Decimal(99), "CHF")),
        )

        found = plans([euro, franc], Days(march(13), march(13)))

        assert [each.currency for each in found] == ["CHF", "EUR"]

    def test_leaves_out_what_is_far_away(self) -> None:
        assert plans([outline("100.00", "99.00")], Days(march(20), march(21))) == []


@pytest.mark.parametrize(
    ("found", "state", "short"),
    [
        (StretchSum(Decimal(-5)), Reconciliation.BALANCED, None),
        (StretchSum(Decimal(-4)), Reconciliation.UNBALANCED, "-1"),
        (StretchSum(Decimal(-10)), Reconciliation.UNBALANCED, "5"),
        # What may have been booked after the balance counts if it has to.
        (StretchSum(Decimal(-4), [Decimal(-1)]), Reconciliation.BALANCED, None),
        (StretchSum(Decimal(-5), [Decimal(-1)]), Reconciliation.BALANCED, None),
        (StretchSum(Decimal(-4), [Decimal(-1), Decimal(-3)]), Reconciliation.BALANCED, None),
        (StretchSum(Decimal(-3), [Decimal(-1)]), Reconciliation.UNBALANCED, "-2"),
        (StretchSum(Decimal(-4), is_foreign=True), Reconciliation.UNKNOWN, None),
    ],
)
def test_the_sum_has_to_be_the_difference(
    found: StretchSum, state: Reconciliation, short: str | None
) -> None:
    (stretch,) = stretches([outline("100.00", "95.00", (10, 13))])

    assert reconcile(stretch, found) == LedgerReconciliation(
        state=state,
        difference=Money(Decimal(short), "EUR") if short else None,
        first_day=march(10),
        last_day=march(13),
    )


def test_without_a_balance_to_begin_with_nothing_is_known() -> None:
    (stretch,) = stretches([outline(None, "95.00")])

    assert reconcile(stretch, StretchSum(Decimal(7))) == LedgerReconciliation()


@pytest.mark.parametrize(
    ("counts", "state"),
    [
        ((0, 0), Reconciliation.UNKNOWN),
        ((3, 0), Reconciliation.BALANCED),
        ((3, 1), Reconciliation.UNBALANCED),
    ],
)
def test_an_account_is_unbalanced_if_one_stretch_is(
    counts: tuple[int, int], state: Reconciliation
) -> None:
    assert AccountReconciliation(*counts).state is state
