"""Which statements follow which, and which rows cannot be the same therefore."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from domain.ledger.evidence import Outline, stretches
from domain.ledger.kinds import BalanceKind
from domain.ledger.neighbourhood import Neighbourhood, disjoint_from
from domain.ledger.statement_numbers import Number
from domain.ledger.values import StatedBalance, StatementRef
from domain.shared.ids import ImportId, new_id
from domain.shared.money import Money


def balance(kind: BalanceKind, amount: str, day: int) -> StatedBalance:
    return StatedBalance(kind=kind, money=Money(Decimal(amount), "EUR"), day=date(2026, 3, day))


def outline(
    opening: str | None,
    closing: str | None,
    days: tuple[int, int] = (13, 13),
    number: str = "",
    report_type: str = "mt940",
) -> Outline:
    first, last = days
    return Outline(
        ref=StatementRef(ImportId(new_id()), 1),
        currency="EUR",
        report_type=report_type,
        number=Number.parse(number),
        first_day=date(2026, 3, first),
        last_day=date(2026, 3, last),
        has_period=True,
        opening=balance(BalanceKind.OPENING, opening, first) if opening else None,
        closing=balance(BalanceKind.BOOKED, closing, last) if closing else None,
    )


class TestDisjoint:
    def test_a_statement_that_begins_where_another_ends_lists_other_rows(self) -> None:
        first, second = outline("100.00", "99.00"), outline("99.00", "98.00")

        assert disjoint_from(first, [second]) == {second.ref}
        assert disjoint_from(second, [first]) == {first.ref}

    def test_a_chain_of_statements_leads_further(self) -> None:
        first, second, third = (outline(f"{n}.00", f"{n - 1}.00") for n in (100, 99, 98))

        assert disjoint_from(first, [third]) == set()
        assert disjoint_from(first, [third, second]) == {second.ref, third.ref}

    def test_pages_of_one_statement_need_no_balances(self) -> None:
        first, third = outline(None, None, number="7/1"), outline(None, None, number="7/3")

        assert disjoint_from(first, [third]) == {third.ref}
        assert disjoint_from(first, [outline(None, None, number="7/1")]) == set()

    @pytest.mark.parametrize(
        ("other", "about"),
        [
            (outline("100.00", "90.00", (1, 31)), "the month of a day"),
            (outline("100.00", "99.00"), "the statement itself"),
            (outline("100.00", "99.00", report_type="camt.053"), "the same in another format"),
            (outline("99.00", "80.00", (10, 20)), "one that begins earlier"),
            (outline(None, "98.00"), "one without an opening balance"),
        ],
    )
    def test_others_may_list_the_same_rows(self, other: Outline, about: str) -> None:
        assert disjoint_from(outline("100.00", "99.00"), [other]) == set(), about

    def test_one_that_ends_where_another_ends_may_lie_within_it(self) -> None:
        whole, part = outline("100.00", "99.00"), outline("99.00", "99.00")

        assert disjoint_from(part, [whole]) == disjoint_from(whole, [part]) == set()

    def test_statements_that_come_to_nothing_follow_by_their_days_or_numbers(self) -> None:
        first, again = outline("0.00", "0.00"), outline("0.00", "0.00")
        week = outline("0.00", "0.00", (13, 19), report_type="camt.053")
        next_day, numbered = outline("0.00", "0.00", (14, 14)), outline("0.00", "0.00", number="8")
        before = outline("0.00", "0.00", number="7")

        assert disjoint_from(first, [again, week]) == set()
        assert disjoint_from(first, [next_day]) == {next_day.ref}
        assert disjoint_from(before, [numbered]) == {numbered.ref}

    def test_what_repeats_a_balance_is_another_one_by_the_number_between(self) -> None:
        first, back, again = (
            outline(opens, closes, number=number)
            for opens, closes, number in (
                ("100.00", "99.00", "7"),
                ("99.00", "100.00", "8"),
                ("100.00", "99.00", "9"),
            )
        )

        assert disjoint_from(again, [first]) == set()
        assert disjoint_from(again, [first, back]) == {first.ref, back.ref}
        assert disjoint_from(first, [back, again]) == {back.ref, again.ref}
        assert [each.statement for each in stretches([again, back, first])] == [first, back, again]

    def test_what_follows_may_book_what_is_pending(self) -> None:
        first, second, third = (outline(f"{n}.00", f"{n - 1}.00") for n in (100, 99, 98))

        near = Neighbourhood.of(second, [first, third])

        assert near.disjoint == {first.ref, third.ref}
        assert near.following == {third.ref}

    def test_of_many_the_balances_alone_lead_further(self) -> None:
        along = [outline(f"{n}.00", f"{n - 1}.00") for n in range(300, 100, -1)]

        near = Neighbourhood.of(along[0], along[1:9], along[9:])

        assert near.disjoint == {each.ref for each in along[1:]}
        assert near.others.keys() == {each.ref for each in along[1:9]}

    def test_a_page_is_not_apart_from_its_statement(self) -> None:
        page, whole = (
            outline("99.00", "98.00", number="12/2"),
            outline("100.00", "97.00", number="12"),
        )

        assert not page.is_numbered_apart(whole)
        assert page.is_numbered_apart(outline("98.00", "97.00", number="12/3"))
        assert [each.difference for each in stretches([page, whole])] == [Decimal(-3), Decimal(-1)]


class TestStretches:
    def test_follow_the_balances_of_a_day_whatever_came_first(self) -> None:
        first, second, third = (outline(f"{n}.00", f"{n - 1}.00") for n in (100, 99, 98))

        found = stretches([third, first, second])

        assert [each.statement for each in found] == [first, second, third]
        assert [each.linked for each in found] == [False, True, True]
        assert [each.difference for each in found] == [Decimal(-1)] * 3

    def test_equal_statements_are_one(self) -> None:
        first, again = outline("100.00", "99.00"), outline("100.00", "99.00")

        (only,) = stretches([first, again])

        assert only.refs == {first.ref, again.ref}

    def test_without_an_opening_balance_reach_back_to_the_statement_before(self) -> None:
        before, after = outline(None, "95.00", (10, 13)), outline(None, "90.00", (1, 20))

        first, second = stretches([after, before])

        assert (first.difference, second.difference) == (None, Decimal(-5))
        assert second.counts(date(2026, 3, 14))
        assert not second.counts(date(2026, 3, 9))
        assert not second.counts(date(2026, 3, 21))

    def test_count_what_a_statement_before_does_not_have_on_its_days(self) -> None:
        before, after = outline(None, "95.00", (10, 13)), outline(None, "90.00", (1, 20))

        assert stretches([after, before])[1].counts(date(2026, 3, 12))

    def test_begin_with_the_own_balance_if_the_statement_before_ends_later(self) -> None:
        before = outline(None, "95.00", (1, 13))
        after = outline("100.00", "90.00", (10, 20))

        _, second = stretches([after, before])

        assert second.previous is None
        assert second.difference == Decimal(-10)

    def test_leave_out_the_balance_of_a_download_long_after_the_rows(self) -> None:
        downloaded = replace(
            outline(None, "95.00", (1, 13)), first_day=date(2026, 3, 1), last_day=date(2026, 3, 10)
        )

        assert stretches([downloaded]) == []
        assert stretches([replace(downloaded, last_day=date(2026, 3, 11))])

    def test_leave_out_a_balance_in_another_currency(self) -> None:
        assert stretches([replace(outline("100.00", "95.00"), currency="SEK")]) == []

    def test_count_all_rows_of_a_statement_that_follows(self) -> None:
        first, second = outline("100.00", "99.00"), outline("99.00", "98.00", (14, 14))

        assert stretches([first, second])[1].counts(date(2026, 3, 10))


def test_earlier_statements_end_where_the_stretch_begins() -> None:
    first, second, third = (outline(f"{n}.00", f"{n - 1}.00") for n in (100, 99, 98))

    near = Neighbourhood.of(second, [first, third])

    assert near.earlier == {first.ref}
    assert near.disjoint == {first.ref, third.ref}
    assert near.copies == frozenset()
