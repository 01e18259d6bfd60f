"""What rows of a statement are, judged by the balances and windows of the statements around it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.ledger.evidence import Outline
from domain.ledger.kinds import AccountKind, BalanceKind
from domain.ledger.matches import ExistingTransaction, Match, MatchContext
from domain.ledger.matching import match_statement
from domain.ledger.neighbourhood import Neighbourhood
from domain.ledger.values import (
    AccountReference,
    MatchResult,
    Removal,
    StatedBalance,
    Statement,
    StatementRef,
    StatementRow,
    TransactionKey,
    transaction_keys,
)
from domain.shared.ids import ImportId, TransactionId, new_id
from domain.shared.money import Money
from tests.factories import make_row

REFERENCE = AccountReference(kind=AccountKind.CHECKING, number="1", currency="EUR")


def on(day: int) -> date:
    return date(2026, 3, day)


def fee(amount: str = "-1.00", day: int = 13, text: str = "Fee", **changes: Any) -> StatementRow:
    row = {"provider_id": None, "description": text, "day": day, "amount": amount, **changes}
    return make_row(**row)


def report(
    *rows: StatementRow,
    opening: str | None = None,
    closing: str | None = None,
    days: tuple[int, int] = (13, 13),
    report_type: str = "camt.053",
) -> Statement:
    first, last = map(on, days)
    stated = ((BalanceKind.OPENING, opening, first), (BalanceKind.BOOKED, closing, last))
    return Statement(
        account=REFERENCE,
        rows=rows,
        balances=[
            StatedBalance(kind=kind, money=Money(Decimal(amount), "EUR"), day=day)
            for kind, amount, day in stated
            if amount
        ],
        report_type=report_type,
        first_day=first,
        last_day=last,
    )


class Ledger:
    """Remembers what statements state, as an account does; it decides nothing."""

    def __init__(self) -> None:
        self.transactions: dict[TransactionId, tuple[TransactionKey, ExistingTransaction]] = {}
        self.aliases: dict[TransactionKey, TransactionId] = {}
        self.stating: dict[TransactionId, set[StatementRef]] = {}
        self.outlines: list[Outline] = []
        self.suggestions: list[tuple[TransactionId, TransactionId]] = []

    def post(self, statement: Statement) -> list[str]:
        """Match the rows of a statement, and remember them; return their results."""
        outline = Outline.of(statement, StatementRef(ImportId(new_id()), 1))
        near = Neighbourhood.of(outline, self.outlines)
        keys = transaction_keys(statement.rows)
        pairing = match_statement(statement, keys, self._context(near), near)
        for row, match in zip(statement.rows, pairing.matches, strict=True):
            self._remember(row, match)
            self.stating.setdefault(match.id, set()).add(outline.ref)
        self.outlines.append(outline)
        self.suggestions += [
            (pairing.matches[place].id, existing.id)
            for place, existing in pairing.suggestions.items()
        ]
        return [match.result.value for match in pairing.matches]

    def _context(self, near: Neighbourhood) -> MatchContext:
        existing = {its: each for its, (_, each) in self.transactions.items()}
        known = dict(self.transactions.values())
        known |= {key: existing[its] for key, its in self.aliases.items()}
        return MatchContext(
            known=known,
            provider_ids={e.provider_id for e in existing.values() if e.provider_id},
            counterparts=list(existing.values()),
            stating=self.stating,
            between={its: e.amount.amount for its, e in existing.items() if self._between(e, near)},
        )

    def _between(self, existing: ExistingTransaction, near: Neighbourhood) -> bool:
        stretch = near.stretch
        if stretch is None or stretch.previous is None or stretch.begins is None:
            return False
        closing = stretch.statement.closing
        return bool(closing and stretch.begins.day < existing.booking_date <= closing.day)

    def _remember(self, row: StatementRow, match: Match) -> None:
        if match.existing is None:
            self.transactions[match.id] = match.key, existing_of(row, match.id)
        elif match.other_state:
            self.aliases[match.key] = match.id

    def delete(self, place: int) -> None:
        deleted = list(self.transactions)[place]
        key, existing = self.transactions[deleted]
        self.transactions[deleted] = key, replace(existing, removal=Removal.DELETED)

    @property
    def total(self) -> Decimal:
        return sum((each.amount.amount for _, each in self.transactions.values()), Decimal(0))


def existing_of(row: StatementRow, its: TransactionId) -> ExistingTransaction:
    return ExistingTransaction(
        id=its,
        booking_date=row.booking_date,
        amount=row.amount,
        provider_id=row.provider_id,
        description=row.description,
        pending=False,
        balance=row.balance,
    )


def posted(*statements: Statement) -> Ledger:
    ledger = Ledger()
    for each in statements:
        ledger.post(each)
    return ledger


class TestLookAlikes:
    FIRST = report(fee(), opening="100.00", closing="99.00")
    SECOND = report(fee(), opening="99.00", closing="98.00")
    THIRD = report(fee(), opening="98.00", closing="97.00")

    @pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (0, 2, 1), (2, 0, 1), (1, 0, 2)])
    def test_in_statements_that_follow_one_another_are_all_booked(
        self, order: Sequence[int]
    ) -> None:
        statements = (self.FIRST, self.SECOND, self.THIRD)
        ledger = posted(*(statements[each] for each in order))

        again = [ledger.post(each) for each in statements]

        assert ledger.total == -3
        assert again == [["same"], ["same"], ["same"]]

    def test_on_pages_of_a_known_statement_are_the_same(self) -> None:
        ledger = posted(report(fee(), fee(), opening="100.00", closing="98.00"))

        pages = [replace(each, number=f"1/{n}") for n, each in enumerate((self.FIRST, self.SECOND))]

        assert [ledger.post(each) for each in pages] == [["same"], ["same"]]

    def test_are_the_same_where_a_day_comes_to_nothing(self) -> None:
        both = fee(day=12), fee("1.00", day=12)
        day = report(*both, opening="100.00", closing="100.00", days=(12, 12))
        ledger = posted(day, report(fee(), opening="100.00", closing="99.00"))

        whole = report(*both, fee(), opening="100.00", closing="99.00", days=(12, 13))

        assert ledger.post(whole) == ["same", "same", "same"]

    def test_of_statements_within_one_of_the_same_day_are_the_same(self) -> None:
        ledger = posted(report(fee(), fee(), opening="100.00", closing="98.00"), self.FIRST)

        whole = report(fee(), fee(), fee(), opening="100.00", closing="97.00")

        assert ledger.post(whole) == ["same", "same", "new"]

    def test_with_one_id_are_the_same_where_the_order_of_balances_is_unknown(self) -> None:
        both = fee(provider_id="N1"), fee("1.00", provider_id="N2")
        ledger = posted(report(*both, closing="100.00", report_type="ofx"))

        assert ledger.post(report(both[0], opening="100.00", closing="99.00")) == ["same"]

    def test_in_the_statement_of_the_month_are_the_same(self) -> None:
        month = report(fee(), fee(), fee(), opening="100.00", closing="97.00", days=(1, 31))
        ledger = posted(self.FIRST, self.SECOND)

        assert ledger.post(month) == ["same", "same", "new"]
        assert ledger.post(self.THIRD) == ["same"]
        assert ledger.total == -3

    def test_with_other_balances_beside_them_are_different(self) -> None:
        def row(balance: str) -> StatementRow:
            return fee("-3.00", balance=Decimal(balance))

        ledger = posted(report(row("97.00"), row("94.00"), opening="100.00", closing="94.00"))

        later = report(row("94.00"), row("91.00"), opening="97.00", closing="91.00")

        assert ledger.post(later) == ["same", "new"]

    def test_without_an_opening_balance_are_two_if_the_closing_balance_falls(self) -> None:
        first = report(fee("-5.00"), closing="95.00", report_type="ofx")
        second = report(fee("-5.00"), closing="90.00", report_type="ofx")
        ledger = posted(first, second)

        assert ledger.total == -10
        assert [ledger.post(each) for each in (first, second)] == [["same"], ["same"]]

    def test_that_two_readings_explain_are_left_alone(self) -> None:
        before = report(fee(text="A"), fee(text="B"), closing="98.00", report_type="ofx")
        after = report(fee(text="A"), fee(text="B"), closing="97.00", report_type="ofx")
        ledger = posted(before)

        assert ledger.post(after) == ["same", "same"]

    def test_are_not_split_to_make_up_for_a_deletion(self) -> None:
        ledger = posted(report(fee("-5.00", text="A"), fee("-5.00", text="B"), closing="90.00"))
        ledger.delete(0)
        after = report(
            fee("-5.00", text="A"),
            fee("-5.00", text="B"),
            fee("-5.00", text="C"),
            closing="85.00",
            days=(13, 14),
        )

        assert ledger.post(after) == ["deleted", "same", "new"]


class TestOverlaps:
    """Two that begin and end within a day: the order of rows says which of them they share."""

    def test_share_what_is_at_the_end_of_the_first(self) -> None:
        ledger = posted(report(fee(), fee(), opening="100.00", closing="98.00"))

        later = report(fee(), fee("-7.00", text="W"), fee(), opening="99.00", closing="90.00")

        assert ledger.post(later) == ["same", "new", "new"]

    def test_share_what_is_at_the_beginning_of_the_second(self) -> None:
        ledger = posted(report(fee(), fee(), opening="99.00", closing="97.00"))

        earlier = report(fee(), fee("-7.00", text="W"), fee(), opening="107.00", closing="98.00")

        assert ledger.post(earlier) == ["new", "new", "same"]

    def test_may_be_listed_from_the_latest_row_on(self) -> None:
        ledger = posted(report(fee(day=13), fee(day=13), opening="100.00", closing="98.00"))
        rows = fee(day=14), fee("-7.00", day=13, text="W"), fee(day=13), fee(day=13)

        later = report(*rows, opening="99.00", closing="89.00", days=(13, 14))

        assert sorted(ledger.post(later)) == ["new", "new", "new", "same"]

    def test_share_with_each_of_two_others_what_it_lists(self) -> None:
        first = report(fee(), fee(), opening="100.00", closing="98.00")
        second = report(fee(), fee(), opening="91.00", closing="89.00")
        ledger = posted(first, second)

        between = report(fee(), fee("-7.00", text="W"), fee(), opening="99.00", closing="90.00")

        assert ledger.post(between) == ["same", "new", "same"]
        assert ledger.total == -11

    def test_share_nothing_if_one_is_not_within_the_other(self) -> None:
        ledger = posted(
            report(fee("5.00"), fee("-2.00"), fee("4.00"), opening="96.00", closing="103.00")
        )

        assert ledger.post(
            report(fee("1.00"), fee("-2.00"), opening="100.00", closing="99.00")
        ) == ["new", "new"]

    def test_share_nothing_with_what_is_days_away(self) -> None:
        early = [fee(day=2), fee(day=2), fee(day=10)]
        ledger = posted(report(*early, opening="100.00", closing="97.00", days=(2, 10)))
        later = report(fee(day=10), fee(day=18), opening="95.00", closing="93.00", days=(10, 18))

        assert ledger.post(later) == ["new", "new"]

    def test_are_the_same_where_their_ids_are(self) -> None:
        ledger = posted(
            report(fee(provider_id="A"), fee(provider_id="B"), opening="100.00", closing="98.00")
        )
        rows = fee(provider_id="A"), fee("-7.00", text="W"), fee(provider_id="B")

        assert ledger.post(report(*rows, opening="99.00", closing="90.00")) == [
            *("same", "new", "same"),
        ]


class TestReviewed:
    """What a reviewer found: each was wrong once."""

    def test_one_transaction_is_one_row_of_a_statement(self) -> None:
        plain = report(fee("-10.00", text="Fee"), days=(1, 20), report_type="csv")
        worded = report(fee("-10.00", text="Monthly fee"), days=(1, 20), report_type="csv")
        both = report(*plain.rows, *worded.rows, days=(1, 20), report_type="csv")

        assert sorted(posted(plain, worded).post(both)) == ["new", "same"]

    def test_a_row_with_its_id_is_not_split_for_a_balance_that_is_ahead(self) -> None:
        coffee = fee("-4.50", 6, "Coffee", provider_id="2")
        first = report(coffee, closing="95.50", days=(1, 6), report_type="ofx")
        ahead = report(
            coffee,
            fee("-5.00", 10, "W", provider_id="3"),
            closing="86.00",
            days=(1, 10),
            report_type="ofx",
        )

        assert posted(first).post(ahead) == ["same", "new"]

    def test_a_shared_day_that_comes_to_nothing_is_shared(self) -> None:
        there = fee("-50.00", 10, "To savings"), fee("50.00", 10, "From savings")
        first = report(fee("-1.00", 3), *there, opening="101.00", closing="100.00", days=(1, 10))
        second = report(*there, fee("-2.00", 12), opening="100.00", closing="98.00", days=(10, 20))

        assert posted(first).post(second) == ["same", "same", "new"]

    def test_balances_of_a_statement_with_an_unreadable_row_decide_nothing(self) -> None:
        z = fee("-3.00", text="Z", provider_id="z")
        first = report(fee("-1.00", text="X"), z, opening="100.00", closing="96.00")
        broken = report(z, fee("-7.00", 14, "W"), opening="99.00", closing="76.00", days=(13, 14))

        assert posted(first).post(replace(broken, complete=False)) == ["same", "new"]

    def test_pages_that_are_cut_anew_are_pages_by_their_balances(self) -> None:
        r1, r2, r3 = fee("-10.00", text="1"), fee("-30.00", text="2"), fee("-5.00", text="3")

        def page(number: str, *rows: StatementRow, opening: str, closing: str) -> Statement:
            return replace(report(*rows, opening=opening, closing=closing), number=number)

        ledger = posted(
            page("5/1", r1, opening="100.00", closing="90.00"),
            page("5/2", r2, opening="90.00", closing="60.00"),
        )

        assert ledger.post(page("5/1", r1, r2, opening="100.00", closing="60.00")) == ["same"] * 2
        assert ledger.post(page("5/2", r3, opening="60.00", closing="55.00")) == ["new"]


class TestOtherWords:
    OFX = report(
        fee("-5.00", 13, "SHOP", provider_id="F1"),
        fee("-6.00", 14, "BAKERY", provider_id="F2"),
        days=(1, 20),
        report_type="ofx",
    )

    def test_of_another_report_are_known_by_day_or_word(self) -> None:
        csv = report(
            fee("-5.00", 13, "Card 123"),
            fee("-6.00", 15, "Bakery Main Street"),
            fee("-7.00", 16, "CINEMA"),
            days=(1, 20),
            report_type="csv",
        )
        ledger = posted(self.OFX)

        assert ledger.post(csv) == ["same", "same", "new"]
        assert ledger.post(csv) == ["same", "same", "same"]
        assert ledger.suggestions == []

    def test_are_suggested_if_one_side_has_more(self) -> None:
        csv = report(fee("-5.00", 12, "A"), fee("-5.00", 13, "B"), days=(1, 20), report_type="csv")
        ledger = posted(self.OFX)

        assert ledger.post(csv) == ["new", "new"]
        assert len(ledger.suggestions) == 1

    def test_are_counted_among_those_that_share_words(self) -> None:
        csv = report(
            fee("-5.00", 14, "Card shop"),
            fee("-5.00", 12, "Bakery one"),
            fee("-5.00", 13, "Bakery two"),
            days=(1, 20),
            report_type="csv",
        )

        assert posted(self.OFX).post(csv) == ["same", "new", "new"]

    def test_may_be_in_the_next_file_on_the_next_day(self) -> None:
        before = report(days=(1, 14), report_type="csv")
        csv = report(fee("-6.00", 15, "Bakery"), days=(15, 20), report_type="csv")

        assert posted(self.OFX, before).post(csv) == ["same"]

    def test_are_not_looked_for_where_a_report_does_not_reach(self) -> None:
        ofx = report(fee("-6.00", 14, "BAKERY"), days=(1, 16), report_type="ofx")
        csv = report(fee("-6.00", 17, "Bakery"), days=(15, 20), report_type="csv")

        assert posted(ofx).post(csv) == ["new"]

    def test_of_a_day_that_the_other_report_lists_in_full_are_known(self) -> None:
        csv = report(fee("-6.00", 15, "Bakery"), days=(15, 15), report_type="csv")

        assert posted(self.OFX).post(csv) == ["same"]

    def test_are_as_many_as_the_report_with_more_of_them_lists(self) -> None:
        two = report(fee("-3.00", text="TRAM"), fee("-3.00", text="TRAM"), report_type="csv")
        three = report(
            *(fee("-3.00", text="Tram", provider_id=f"F{n}") for n in range(3)), report_type="ofx"
        )

        assert posted(two).post(three) == ["same", "same", "new"]
        assert posted(three).post(two) == ["same", "same"]

    def test_with_a_new_id_are_known_in_a_complete_window(self) -> None:
        again = report(
            fee("-5.00", 13, "SHOP", provider_id="X1"),
            fee("-6.00", 14, "BAKERY", provider_id="X2"),
            days=(1, 20),
            report_type="ofx",
        )

        assert posted(self.OFX).post(again) == ["same", "same"]

    def test_with_a_new_id_are_others_where_the_balances_lie_apart(self) -> None:
        first = report(fee(provider_id="N1"), opening="100.00", closing="99.00")
        later = report(fee(provider_id="N8"), opening="93.00", closing="92.00")

        assert posted(first).post(later) == ["new"]

    def test_of_notifications_are_other_transactions(self) -> None:
        anna = report(fee("10.00", text="Anna"), report_type="camt.054")
        bert = report(fee("10.00", text="Bert"), report_type="camt.054")

        assert posted(anna).post(bert) == ["new"]

    def test_are_two_if_the_balances_say_so(self) -> None:
        first = report(fee("-5.00", text="SHOP A"), closing="95.00", report_type="ofx")
        second = report(fee("-5.00", text="SHOP B"), closing="90.00", report_type="ofx")

        assert posted(first).post(second) == ["new"]

    def test_are_one_if_the_balances_say_so(self) -> None:
        bare = report(
            fee("-5.00", 12, "A"), fee("-5.00", 13, "B"), days=(12, 13), report_type="csv"
        )
        before = report(opening="100.00", closing="100.00", days=(11, 11))
        rows = fee("-5.00", 13, "X1"), fee("-5.00", 13, "X2")
        booked = report(*rows, opening="100.00", closing="90.00", days=(12, 13))
        ledger = posted(before, bare)

        ledger.post(booked)

        assert ledger.total == -10

    def test_stay_deleted(self) -> None:
        ledger = posted(report(fee("-5.00", 13, "SHOP"), days=(1, 20), report_type="ofx"))
        ledger.delete(0)

        csv = report(fee("-5.00", 13, "Shop Main Street"), days=(1, 20), report_type="csv")

        assert ledger.post(csv) == [MatchResult.DELETED]
