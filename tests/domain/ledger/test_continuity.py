"""Statements follow one another by their balances; gaps between them are reported."""

import random
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from domain.ledger.continuity import (
    Continuity,
    Discrepancy,
    DiscrepancyKind,
    ImportedStatement,
)
from domain.ledger.kinds import BalanceKind
from domain.ledger.statement_numbers import Number, skipped
from domain.ledger.values import Reconciliation
from domain.shared.ids import ImportId, StatementId, new_id
from domain.shared.money import Money
from tests.statement_rows import covers, day, imported, march, stated

AMOUNTS = ["100", "110", "90", "95.50", "300", "10", "20"]


def daily(days: int = 6) -> list[ImportedStatement]:
    """Return statements of days that follow one another, each with both balances of its day."""
    return [day(each, *AMOUNTS[each - 1 : each + 1]) for each in range(1, days + 1)]


def carried(days: int = 6) -> list[ImportedStatement]:
    """Return the same as MT940 dates them: an opening is of the day of the closing before it."""
    return [
        imported((AMOUNTS[each - 1], each), (AMOUNTS[each], each + 1))
        for each in range(1, days + 1)
    ]


def euros(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def only_break(*statements: ImportedStatement) -> Discrepancy:
    (only,) = Continuity.of(statements).discrepancies
    return only


def without(statements: list[ImportedStatement], *indexes: int) -> list[ImportedStatement]:
    return [each for index, each in enumerate(statements) if index not in indexes]


class TestLinks:
    def test_consecutive_statements_have_no_discrepancy(self) -> None:
        for statements in (daily(), carried()):
            continuity = Continuity.of(statements)

            assert (continuity.statements, continuity.linked) == (6, 5)
            assert continuity.discrepancies == []
            assert continuity.is_intact

    def test_import_order_does_not_matter(self) -> None:
        statements = without(daily(), 2)
        expected = Continuity.of(statements)
        for seed in range(20):
            random.Random(seed).shuffle(statements)

            assert Continuity.of(statements) == expected

    def test_a_statement_imported_twice_counts_once(self) -> None:
        statements = daily()
        duplicates = [
            ImportedStatement(
                ImportId(new_id()), replace(each.outcome, id=StatementId(new_id()), new=0)
            )
            for each in statements
        ]

        continuity = Continuity.of([*statements, *duplicates])

        assert (continuity.statements, continuity.linked, continuity.discrepancies) == (6, 5, [])

    def test_days_without_statements_are_no_gap(self) -> None:
        continuity = Continuity.of([day(6, "100", "110"), day(9, "110", "90")])

        assert (continuity.linked, continuity.discrepancies) == (1, [])

    def test_each_currency_is_a_chain_of_its_own(self) -> None:
        dollars = [day(1, "5", "6", currency="USD"), day(2, "6", "7", currency="USD")]

        continuity = Continuity.of([*daily(2), *dollars])

        assert (continuity.linked, continuity.discrepancies) == (2, [])

    def test_pages_of_one_day_are_ordered_by_balance(self) -> None:
        pages = [day(2, "90", "70"), day(2, "100", "120"), day(2, "120", "90")]

        continuity = Continuity.of([day(1, "80", "100"), *pages, day(3, "70", "70")])

        assert (continuity.linked, continuity.discrepancies) == (4, [])

    def test_an_intraday_report_precedes_the_statement_of_its_day(self) -> None:
        during = day(2, "110", "140", number="196")

        continuity = Continuity.of([*daily(3), during])

        assert continuity.discrepancies == []
        assert continuity.linked == 2

    def test_none_or_one_statement_has_no_discrepancy(self) -> None:
        assert Continuity.of([]).is_intact
        assert Continuity.of([]).statements == 0
        assert Continuity.of(daily(1)).is_intact

    def test_the_first_and_last_dates_can_be_compared(self) -> None:
        earliest, latest = (stated(BalanceKind.OPENING, "7", 1) for _ in range(2))
        first, last = [
            imported(opening=replace(each, day=on), closing=replace(each, day=on))
            for each, on in ((earliest, date.min), (latest, date.max))
        ]
        between = day(5, "1", "1")

        continuity = Continuity.of([first, last, between])

        assert [each.kind for each in continuity.discrepancies] == [DiscrepancyKind.GAP] * 2
        assert continuity.discrepancies[0].first_day == date(1, 1, 2)
        assert continuity.discrepancies[1].last_day == date(9999, 12, 30)


class TestGaps:
    def test_a_missing_day_is_reported(self) -> None:
        statements = daily()

        gap = only_break(*without(statements, 2))

        assert gap.kind is DiscrepancyKind.GAP
        assert (gap.first_day, gap.last_day) == (march(3), march(3))
        assert gap.difference == euros("5.50")
        assert (gap.before, gap.after) == (statements[1], statements[3])
        assert not gap.missing

    def test_consecutive_missing_days_are_one_gap(self) -> None:
        gap = only_break(*without(daily(), 1, 2, 3))

        assert (gap.first_day, gap.last_day) == (march(2), march(4))
        assert gap.difference == euros("190")

    def test_an_opening_balance_of_the_previous_day_gives_the_same_gap(self) -> None:
        # Day 3 of `carried` is the statement of the fourth.
        gap = only_break(*without(carried(), 2))

        assert (gap.first_day, gap.last_day) == (march(4), march(4))
        assert gap.difference == euros("5.50")

    def test_differing_balances_on_adjacent_days_leave_no_day_between(self) -> None:
        gap = only_break(day(1, "1", "2"), day(2, "3", "4"))

        assert (gap.first_day, gap.last_day) == (march(2), march(2))
        assert gap.difference == euros("1")

    def test_a_missing_page_of_a_day_is_a_gap(self) -> None:
        pages = [day(2, "100", "120", number="5/1"), day(2, "90", "70", number="5/3")]

        gap = only_break(*pages)

        assert (gap.first_day, gap.last_day) == (march(2), march(2))
        assert gap.difference == euros("-30")
        assert gap.missing == ["5/2"]

    def test_statements_with_the_same_opening_share_one_gap(self) -> None:
        during, whole = day(4, "95.50", "140"), day(4, "95.50", "300")

        gap = only_break(day(2, "110", "90"), during, whole)

        assert (gap.first_day, gap.last_day) == (march(3), march(3))

    def test_two_separate_gaps_are_reported_as_two(self) -> None:
        continuity = Continuity.of(without(daily(), 1, 4))

        assert [each.first_day for each in continuity.discrepancies] == [march(2), march(5)]
        assert continuity.gaps == 2
        assert not continuity.is_intact

    def test_a_day_without_transactions_is_not_missing(self) -> None:
        assert Continuity.of([day(1, "5", "5"), day(3, "5", "5")]).is_intact

    def test_only_the_latest_closing_balance_counts(self) -> None:
        # The third opens with what the first closed with, but the second is between.
        gap = only_break(day(1, "0", "10"), day(2, "10", "20"), day(4, "10", "30"))

        assert gap.before.outcome.closing is not None
        assert gap.before.outcome.closing.day == march(2)


class TestNumbers:
    def numbered(self, *numbers: str, amount: str = "5") -> list[ImportedStatement]:
        return [
            day(index, amount, amount, number=number) for index, number in enumerate(numbers, 1)
        ]

    def test_of_the_neighbours_are_in_the_gap(self) -> None:
        statements = [day(1, "1", "2", number="7/1"), day(9, "3", "4", number="10/1")]

        assert only_break(*statements).missing == ["8", "9"]

    def test_skipped_numbers_are_a_gap_even_if_balances_agree(self) -> None:
        gap = only_break(*self.numbered("7", "8", "9", "11"))

        assert (gap.kind, gap.missing) == (DiscrepancyKind.GAP, ["10"])
        assert gap.difference == euros("0")

    @pytest.mark.parametrize(
        "numbers",
        [
            ("7", "9", "11", "13"),
            ("98", "99", "1", "2"),
            ("A7", "A8", "A9", "A11"),
            ("1399406", "1399407", "1400254"),
            ("0", "0", "0"),
            ("13501/1", "13601/1", "13901/1"),
            ("5/1", "5/2", "6/1", "7/1"),
        ],
    )
    def test_numbers_that_do_not_count_up_by_one_prove_nothing(
        self, numbers: tuple[str, ...]
    ) -> None:
        assert Continuity.of(self.numbered(*numbers)).discrepancies == []

    def test_numbers_that_are_days_of_the_year_prove_nothing(self) -> None:
        # 60 is the first of March: the 64th and 65th were a weekend.
        days = (1, 2, 3, 4, 7, 8)

        continuity = Continuity.of([day(each, "5", "5", number=str(each + 59)) for each in days])

        assert continuity.discrepancies == []

    def test_are_parsed(self) -> None:
        assert Number.parse(" 00084/001 ") == Number(84, 1)
        assert Number.parse("118") == Number(118)
        assert [Number.parse(text) for text in ("", "S1", "1/2/3", "1234567", "²")] == [None] * 5

    def test_missing_between_two_are_listed(self) -> None:
        assert skipped(Number(5, 1), Number(5, 4)) == ["5/2", "5/3"]
        assert skipped(Number(5, 9), Number(7, 1)) == ["6"]
        assert len(skipped(Number(1), Number(52))) == 50
        assert skipped(Number(1), Number(53)) == []
        assert skipped(Number(1, 1), Number(1, 53)) == []


class TestOverlaps:
    def test_list_the_days_that_both_statements_cover(self) -> None:
        first, second = imported(("1", 1), ("2", 10)), imported(("9", 8), ("3", 20))

        found = only_break(first, second)

        assert found.kind is DiscrepancyKind.OVERLAP
        assert (found.before, found.after) == (first, second)
        assert (found.first_day, found.last_day) == (march(8), march(10))
        assert found.difference is None

    def test_are_not_gaps(self) -> None:
        continuity = Continuity.of([imported(("1", 1), ("2", 10)), imported(("9", 8), ("3", 20))])

        assert (continuity.gaps, continuity.linked, continuity.is_intact) == (0, 0, True)

    def test_a_month_and_its_days_overlap_without_a_gap(self) -> None:
        month = imported((AMOUNTS[0], 1), (AMOUNTS[6], 6))
        after = day(7, AMOUNTS[6], "1")

        continuity = Continuity.of([*daily(), month, after])

        assert {each.kind for each in continuity.discrepancies} == {DiscrepancyKind.OVERLAP}
        assert continuity.linked == 6

    def test_periods_are_used_if_there_are_no_balances(self) -> None:
        found = only_break(covers(1, 20), covers(15, 31))

        assert (found.first_day, found.last_day) == (march(15), march(20))

    def test_statements_that_share_an_edge_day_do_not_overlap(self) -> None:
        assert Continuity.of([covers(1, 15), covers(15, 31)]).discrepancies == []
        assert Continuity.of([covers(5, 5), covers(5, 5, number="1")]).discrepancies == []

    def test_a_statement_that_covers_a_gap_closes_it(self) -> None:
        continuity = Continuity.of([*without(daily(), 2), covers(1, 6)])

        assert continuity.gaps == 0
        assert continuity.discrepancies


class TestReconciliations:
    def test_unbalanced_statements_are_listed_and_unknown_ones_counted(self) -> None:
        wrong = day(2, "110", "90", reconciliation=Reconciliation.UNBALANCED)

        continuity = Continuity.of([*without(daily(), 1), wrong, covers(20, 20)])

        assert continuity.unbalanced == [wrong]
        assert continuity.unknown == 1
        assert not continuity.is_intact
        assert continuity.gaps == 0

    def test_statements_without_any_detail_are_not_merged(self) -> None:
        continuity = Continuity.of([imported(), imported()])

        assert (continuity.statements, continuity.unknown) == (2, 2)

    def test_a_statement_is_listed_under_its_last_known_day(self) -> None:
        assert day(4, "1", "2").day == march(4)
        assert covers(1, 9).day == march(9)
        assert imported(("1", 3)).day == march(3)
        assert imported(first_day=march(2)).day == march(2)
        assert imported().day == date.min
