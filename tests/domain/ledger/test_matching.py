"""When a row is another stage of what is held, and when nothing is guessed."""

from dataclasses import replace
from datetime import date

from domain.ledger.matches import ExistingTransaction, Match, MatchContext
from domain.ledger.matching import match_rows
from domain.ledger.pending import BOOKING_TAKES
from domain.ledger.values import MatchResult, Removal, StatementRow, transaction_keys
from domain.shared.ids import TransactionId, new_id
from tests.factories import make_row


def held(row: StatementRow, removal: Removal | None = None) -> ExistingTransaction:
    return ExistingTransaction(
        id=TransactionId(new_id()),
        booking_date=row.booking_date,
        amount=row.amount,
        provider_id=row.provider_id,
        description=row.description,
        pending=row.pending,
        removal=removal,
    )


def pending(**changes: object) -> StatementRow:
    return make_row(**{"provider_id": None, "pending": True, **changes})  # type: ignore[arg-type]


def booked(**changes: object) -> StatementRow:
    return make_row(**{"provider_id": None, **changes})  # type: ignore[arg-type]


def judge(
    rows: list[StatementRow],
    candidates: list[ExistingTransaction],
    known: dict[int, ExistingTransaction] | None = None,
) -> list[Match]:
    keys = transaction_keys(rows)
    evidence = MatchContext(
        known={keys[number]: each for number, each in (known or {}).items()},
        provider_ids={each.provider_id for each in candidates if each.provider_id},
        candidates=candidates,
    )
    return match_rows(rows, keys, evidence)


def test_pending_and_booked_have_identities_of_their_own() -> None:
    assert transaction_keys([pending()]) != transaction_keys([booked()])


class TestBooking:
    def test_the_only_one_of_its_amount_is_what_was_booked(self) -> None:
        waiting = held(pending(description="CARD 1234"))

        (decision,) = judge([booked(day=5)], [waiting])

        assert decision == Match(MatchResult.UPDATES, waiting, other_state=True)

    def test_the_bank_says_so_by_its_id_whatever_the_amount(self) -> None:
        waiting = held(pending(provider_id="P1", amount="-40.00"))

        (decision,) = judge([booked(provider_id="P1", amount="-46.00", day=3)], [waiting])

        assert decision.existing == waiting
        assert decision.result is MatchResult.UPDATES

    def test_another_amount_is_another_movement(self) -> None:
        (decision,) = judge([booked(amount="-12.51")], [held(pending())])

        assert decision == Match(MatchResult.NEW)

    def test_it_is_booked_within_some_days_and_never_before(self) -> None:
        waiting = held(pending(day=10))
        last = date(2026, 3, 10) + BOOKING_TAKES

        (in_time,) = judge([replace(booked(), booking_date=last)], [waiting])
        (late,) = judge([replace(booked(), booking_date=last.replace(day=21))], [waiting])
        (before,) = judge([booked(day=9)], [waiting])

        results = [each.result for each in (in_time, late, before)]
        assert results == [MatchResult.UPDATES, MatchResult.NEW, MatchResult.NEW]

    def test_among_several_the_text_tells(self) -> None:
        tea, coffee = held(pending(description="Tea")), held(pending(description="COFFEE"))

        (decision,) = judge([booked(description="Coffee", day=2)], [tea, coffee])

        assert decision.existing == coffee

    def test_where_several_could_be_meant_nothing_is_guessed(self) -> None:
        tea, coffee = held(pending(description="Tea")), held(pending(description="Coffee"))

        (decision,) = judge([booked(description="Shop", day=2)], [tea, coffee])
        both = judge([booked(description="A"), booked(description="B")], [tea])

        assert decision == Match(MatchResult.NEW)
        assert [each.result for each in both] == [MatchResult.NEW, MatchResult.NEW]

    def test_alike_ones_are_booked_one_by_one(self) -> None:
        waiting = [held(pending()), held(pending())]

        decisions = judge([booked(day=2), booked(day=2)], waiting)

        assert {each.existing.id for each in decisions if each.existing} == {
            each.id for each in waiting
        }

    def test_what_is_still_pending_in_the_same_file_is_not_booked(self) -> None:
        waiting = held(pending())

        still, other = judge([pending(), booked(day=2)], [waiting], known={0: waiting})

        assert still == Match(MatchResult.SAME, waiting)
        assert other == Match(MatchResult.NEW)

    def test_a_known_row_that_was_pending_is_booked_by_it(self) -> None:
        fallen_back = held(pending())

        (decision,) = judge([booked()], [fallen_back], known={0: fallen_back})

        assert decision == Match(MatchResult.UPDATES, fallen_back)


class TestOrder:
    def test_what_was_pending_may_come_after_it_was_booked(self) -> None:
        done = held(booked(day=3))

        (decision,) = judge([pending()], [done])

        assert decision == Match(MatchResult.SAME, done, other_state=True)

    def test_then_its_text_or_id_must_be_the_same(self) -> None:
        done = held(booked(day=3, provider_id="P1"))

        (other,) = judge([pending(description="Tea")], [done])
        (same,) = judge([pending(description="Tea", provider_id="P1")], [done])

        assert (other.result, same.result) == (MatchResult.NEW, MatchResult.SAME)


class TestRemoved:
    def test_what_its_owner_deleted_stays_so(self) -> None:
        gone = held(booked(), Removal.DELETED)

        (decision,) = judge([booked()], [gone], known={0: gone})

        assert decision == Match(MatchResult.DELETED, gone)

    def test_also_when_it_was_deleted_while_pending(self) -> None:
        gone = held(pending(), Removal.DELETED)

        (decision,) = judge([booked(day=2)], [gone])

        assert decision == Match(MatchResult.DELETED, gone, other_state=True)

    def test_what_was_undone_comes_back_as_itself(self) -> None:
        gone = held(booked(), Removal.UNDONE)

        (decision,) = judge([booked()], [], known={0: gone})

        assert decision == Match(MatchResult.NEW, gone)

    def test_unless_it_is_the_booking_of_what_is_pending_now(self) -> None:
        gone, waiting = held(booked(day=2), Removal.UNDONE), held(pending())

        (decision,) = judge([booked(day=2)], [waiting], known={0: gone})

        assert decision == Match(MatchResult.UPDATES, waiting, other_state=True)
