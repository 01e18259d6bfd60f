"""What may be a transfer, its decisions, and its position in a list."""

import base64
import struct
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domain.ledger.entities import Leg
from domain.ledger.errors import NotATransfer, PeriodTooLong
from domain.ledger.events import TransferDecided
from domain.ledger.search_window import SearchWindow
from domain.ledger.transfers import (
    Pair,
    Suggestion,
    Transfer,
    TransferCursor,
    TransferDecision,
    TransfersPage,
    withdrawn,
)
from domain.shared.events import Actor
from domain.shared.ids import AccountId, TransactionId, TransferId, UserId, new_id
from domain.shared.money import Money
from domain.shared.pages import InvalidCursor
from domain.shared.result import Failure, Success
from tests.factories import NOON

CONFIRMED, REFUSED = TransferDecision.CONFIRMED, TransferDecision.REFUSED
FIRST = date(2026, 3, 1)


def leg(amount: str, day: int = 1, currency: str = "EUR", **changes: Any) -> Leg:
    made = Leg(
        transaction_id=TransactionId(new_id()),
        account_id=AccountId(new_id()),
        booking_date=FIRST + timedelta(days=day - 1),
        amount=Money(Decimal(amount), currency),
        pending=False,
        description="Savings",
    )
    return replace(made, **changes)


def a_pair(out: str = "-50.00", currency_in: str = "50.00", days: int = 0, **changes: Any) -> Pair:
    return Pair(leg(out), leg(currency_in, 1 + days, **changes))


def decided(pair: Pair, decision: TransferDecision = CONFIRMED) -> Transfer:
    made = Transfer.of(pair, decision, id=TransferId(new_id()), user_id=UserId(new_id()), at=NOON)
    assert isinstance(made, Success)
    return made.value


IN_OUT = "In a transfer, money leaves the outgoing account and reaches the incoming one."


class TestPairs:
    @pytest.mark.parametrize(
        ("pair", "fee", "rate"),
        [
            (a_pair(), "0.00", None),
            (a_pair(currency_in="48.75"), "1.25", None),
            (a_pair("-92.10", "100.00", currency="USD"), "0", "1.0857763301"),
            (a_pair("-3", "1", currency="USD"), "0", "0.3333333333"),
        ],
    )
    def test_what_did_not_arrive_is_a_fee_and_two_currencies_have_a_rate(
        self, pair: Pair, fee: str, rate: str | None
    ) -> None:
        assert pair.allows(CONFIRMED) == Success(None)
        assert pair.fee == Money(Decimal(fee), "EUR")
        assert pair.exchange_rate == (rate and Decimal(rate))

    @pytest.mark.parametrize(
        "pair", [a_pair(), a_pair(days=5), a_pair(days=-5), a_pair(currency_in="50")]
    )
    def test_opposite_amounts_within_days_are_a_transfer(self, pair: Pair) -> None:
        assert pair.allows(CONFIRMED) == pair.allows(REFUSED) == Success(None)

    @pytest.mark.parametrize(
        ("pair", "detail"),
        [
            (a_pair(currency_in="50.01"), "More money arrived than left."),
            (a_pair("50.00", "-50.00"), IN_OUT),
            (a_pair("-50.00", "-50.00"), IN_OUT),
            (a_pair("0", "0"), IN_OUT),
            (a_pair("-1", "0", currency="USD"), IN_OUT),
        ],
    )
    def test_amounts_of_two_payments_are_refused(self, pair: Pair, detail: str) -> None:
        assert pair.allows(CONFIRMED) == pair.allows(REFUSED) == Failure(NotATransfer(detail))

    def test_a_transfer_needs_two_accounts(self) -> None:
        pair = a_pair()
        same = replace(pair.incoming, account_id=pair.outgoing.account_id)

        assert Pair(pair.outgoing, same).allows(REFUSED) == Failure(
            NotATransfer("A transfer needs two different accounts.")
        )

    @pytest.mark.parametrize(
        ("pair", "detail"),
        [
            (a_pair(pending=True), "Both transactions of a transfer must be booked."),
            (a_pair(days=6), "The transactions were booked more than 5 days apart."),
            (a_pair(days=-6), "The transactions were booked more than 5 days apart."),
        ],
    )
    def test_a_pending_pair_can_be_refused_and_not_confirmed(self, pair: Pair, detail: str) -> None:
        assert pair.allows(CONFIRMED) == Failure(NotATransfer(detail))
        assert pair.allows(REFUSED) == Success(None)

    def test_repr_hides_the_description(self) -> None:
        assert "Savings" not in repr(a_pair())


class TestTransfers:
    def test_the_decision_event_has_only_ids(self) -> None:
        transfer = decided(a_pair())

        assert replace(transfer.decided(), event_id=UUID(int=0)) == TransferDecided(
            event_id=UUID(int=0),
            subject_id=transfer.id,
            actor=Actor.user(transfer.user_id),
            occurred_at=NOON,
            decision="confirmed",
            outgoing_id=transfer.pair.outgoing.transaction_id,
            incoming_id=transfer.pair.incoming.transaction_id,
        )

    def test_withdrawing_a_decision_is_an_event(self) -> None:
        transfer = decided(a_pair())

        fact = withdrawn(transfer.id, owner=transfer.user_id, at=NOON)

        assert (fact.name, fact.subject_id) == ("transfer.withdrawn", transfer.id)

    def test_an_impossible_decision_is_refused(self) -> None:
        made = Transfer.of(
            a_pair(currency_in="51"),
            REFUSED,
            id=TransferId(new_id()),
            user_id=UserId(new_id()),
            at=NOON,
        )

        assert isinstance(made, Failure)

    def test_a_decision_can_be_changed(self) -> None:
        transfer, later = decided(a_pair()), NOON + timedelta(days=1)

        refused = transfer.decide(REFUSED, at=later)

        assert refused == Success(replace(transfer, decision=REFUSED, decided_at=later))

    @pytest.mark.parametrize(
        ("pair", "now", "is_broken"),
        [
            (a_pair(), a_pair(currency_in="49.00"), True),
            (a_pair(), a_pair("-49.00", "49.00"), False),
            (a_pair(currency_in="49.00"), a_pair(currency_in="49.00"), False),
            (a_pair(currency_in="49.00"), a_pair(currency_in="48.00"), True),
            (a_pair(currency_in="49.00"), a_pair(), False),
            (a_pair(currency="USD"), a_pair(currency_in="50.00", currency="USD"), False),
            (a_pair(currency="USD"), a_pair(currency_in="50.01", currency="USD"), True),
        ],
    )
    def test_amounts_that_change_and_do_not_cancel_break_it_until_it_is_decided_anew(
        self, pair: Pair, now: Pair, is_broken: bool
    ) -> None:
        changed = replace(decided(pair), pair=now)

        assert changed.broken is is_broken
        for decision in (CONFIRMED, REFUSED):
            anew = changed.decide(decision, at=NOON)
            assert isinstance(anew, Success)
            assert not anew.value.broken

    def test_a_transfer_to_which_more_comes_than_left_can_be_refused_and_not_confirmed(
        self,
    ) -> None:
        broken = replace(decided(a_pair()), pair=a_pair(currency_in="51.00"))

        assert broken.broken
        refused = broken.decide(REFUSED, at=NOON)
        assert isinstance(refused, Success)
        assert isinstance(refused.value.decide(CONFIRMED, at=NOON), Failure)


def written(day: int, days_apart: int) -> str:
    """Return a cursor of days that need not exist."""
    packed = struct.pack(">I16sI16s", day, new_id().bytes, days_apart, new_id().bytes)
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


class TestCursors:
    def test_a_cursor_survives_a_round_trip(self) -> None:
        cursor = TransferCursor.of(a_pair(days=-3))

        assert (cursor.day, cursor.days_apart) == (FIRST, 3)
        assert TransferCursor.parse(str(cursor)) == Success(cursor)

    @pytest.mark.parametrize("days_apart", [date.max.toordinal() + 1, 2**32 - 1])
    def test_a_forged_cursor_is_refused(self, days_apart: int) -> None:
        assert isinstance(TransferCursor.parse(written(FIRST.toordinal(), days_apart)), Failure)

    def test_a_cursor_has_one_spelling(self) -> None:
        text = str(TransferCursor.of(a_pair(days=-3)))

        for other in (f"{text}=", f"{text}==", f" {text}", f"{text}\n", f"{text}AAAA", text[:-1]):
            assert isinstance(TransferCursor.parse(other), Failure)

    @pytest.mark.parametrize("text", ["", "x", "é", "\0", "MjAyNi0wMy0wMQ==", "A" * 10_000])
    def test_an_invalid_cursor_is_refused(self, text: str) -> None:
        assert TransferCursor.parse(text) == Failure(
            InvalidCursor("This cursor is not valid. Send a `next_cursor` of this list.")
        )

    @pytest.mark.parametrize("day", [0, date.max.toordinal() + 1, 2**32 - 1])
    def test_dates_that_do_not_exist_are_refused(self, day: int) -> None:
        assert isinstance(TransferCursor.parse(written(day, 3)), Failure)

    def test_a_page_has_a_next_cursor_only_if_more_follows(self) -> None:
        found = [Suggestion(a_pair(), ambiguous=False) for _ in range(3)]

        assert TransfersPage.of(found, 3) == TransfersPage(found, None)
        assert TransfersPage.of(found, 2) == TransfersPage(
            found[:2], TransferCursor.of(found[1].pair)
        )
        assert TransfersPage.of([], 2) == TransfersPage([], None)


class TestPeriods:
    NEWEST = date(2026, 3, 31)

    @pytest.mark.parametrize(
        ("period", "first", "last"),
        [
            (SearchWindow(), date(2025, 12, 31), NEWEST),
            (SearchWindow(None, date(2026, 1, 1)), date(2025, 10, 3), date(2026, 1, 1)),
            (SearchWindow(date(2026, 1, 1)), date(2026, 1, 1), date(2026, 4, 1)),
            (SearchWindow(date(2025, 1, 1), date(2026, 1, 1)), date(2025, 1, 1), date(2026, 1, 1)),
            (SearchWindow(date(2026, 1, 2), date(2026, 1, 1)), date(2026, 1, 2), date(2026, 1, 1)),
            (SearchWindow(None, date.min), date.min, date.min),
            (SearchWindow(date.max), date.max, date.max),
        ],
    )
    def test_ninety_days_are_searched_by_default(
        self, period: SearchWindow, first: date, last: date
    ) -> None:
        assert period.to_search(self.NEWEST) == Success(SearchWindow(first, last))

    def test_more_than_a_year_is_not_searched(self) -> None:
        period = SearchWindow(date(2025, 1, 1), date(2026, 1, 2))

        assert period.to_search(self.NEWEST) == Failure(
            PeriodTooLong("At most 366 days can be searched at once.")
        )

    def test_both_ends_are_included(self) -> None:
        period = SearchWindow(date(2026, 3, 2), date(2026, 3, 3))

        assert [period.contains(date(2026, 3, day)) for day in (1, 2, 3, 4)] == [
            False,
            True,
            True,
            False,
        ]
        assert SearchWindow().contains(date.min)
        assert (SearchWindow().is_open, period.is_open) == (True, False)
