"""When a row is another state of an existing transaction, and when nothing is guessed."""

from dataclasses import replace
from datetime import date

from domain.ledger.matches import ExistingTransaction, Match, MatchContext
from domain.ledger.matching import match_rows
from domain.ledger.pending import BOOKING_TAKES
from domain.ledger.values import MatchResult, Removal, StatementRow, transaction_keys
from domain.shared.ids import TransactionId, new_id
from tests.factories import make_row


def existing(row: StatementRow, removal: Removal | None = None) -> ExistingTransaction:
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


def match(
    rows: list[StatementRow],
    candidates: list[ExistingTransaction],
    by_index: dict[int, ExistingTransaction] | None = None,
    *,
    pending_apart: bool = False,
) -> list[Match]:
    keys = transaction_keys(rows)
    evidence = MatchContext(
        known={keys[number]: each for number, each in (by_index or {}).items()},
        provider_ids={each.provider_id for each in candidates if each.provider_id},
        candidates=candidates,
    )
    return match_rows(rows, keys, evidence, pending_apart=pending_apart)


def outcome(match: Match) -> tuple[MatchResult, ExistingTransaction | None, bool]:
    return match.result, match.existing, match.other_state


def test_pending_and_booked_rows_have_different_keys() -> None:
    assert transaction_keys([pending()]) != transaction_keys([booked()])


class TestBooking:
    def test_the_only_pending_row_with_the_same_amount_is_booked(self) -> None:
        waiting = existing(pending(description="CARD 1234"))

        (decision,) = match([booked(day=5)], [waiting])

        assert outcome(decision) == (MatchResult.UPDATES, waiting, True)

    def test_the_same_bank_id_matches_with_any_amount(self) -> None:
        waiting = existing(pending(provider_id="P1", amount="-40.00"))

        (decision,) = match([booked(provider_id="P1", amount="-46.00", day=3)], [waiting])

        assert decision.existing == waiting
        assert decision.result is MatchResult.UPDATES

    def test_a_different_amount_is_a_different_transaction(self) -> None:
        (decision,) = match([booked(amount="-12.51")], [existing(pending())])

        assert outcome(decision) == (MatchResult.NEW, None, False)

    def test_booking_follows_pending_within_a_few_days(self) -> None:
        waiting = existing(pending(day=10))
        last = date(2026, 3, 10) + BOOKING_TAKES

        (in_time,) = match([replace(booked(), booking_date=last)], [waiting])
        (late,) = match([replace(booked(), booking_date=last.replace(day=21))], [waiting])
        (before,) = match([booked(day=9)], [waiting])

        results = [each.result for each in (in_time, late, before)]
        assert results == [MatchResult.UPDATES, MatchResult.NEW, MatchResult.NEW]

    def test_description_decides_among_several(self) -> None:
        tea, coffee = existing(pending(description="Tea")), existing(pending(description="COFFEE"))

        (decision,) = match([booked(description="Coffee", day=2)], [tea, coffee])

        assert decision.existing == coffee

    def test_an_ambiguous_match_is_not_guessed(self) -> None:
        tea, coffee = existing(pending(description="Tea")), existing(pending(description="Coffee"))

        (decision,) = match([booked(description="Shop", day=2)], [tea, coffee])
        both = match([booked(description="A"), booked(description="B")], [tea])

        assert outcome(decision) == (MatchResult.NEW, None, False)
        assert [each.result for each in both] == [MatchResult.NEW, MatchResult.NEW]

    def test_identical_pending_rows_are_booked_one_by_one(self) -> None:
        waiting = [existing(pending()), existing(pending())]

        decisions = match([booked(day=2), booked(day=2)], waiting)

        assert {each.existing.id for each in decisions if each.existing} == {
            each.id for each in waiting
        }

    def test_what_a_list_of_all_pending_rows_has_is_not_booked(self) -> None:
        waiting = existing(pending())
        rows = [pending(), booked(day=2)]

        still, other = match(rows, [waiting], by_index={0: waiting}, pending_apart=True)

        assert outcome(still) == (MatchResult.SAME, waiting, False)
        assert outcome(other) == (MatchResult.NEW, None, False)

    def test_an_authorisation_listed_beside_its_payment_is_booked(self) -> None:
        waiting = existing(pending())

        still, payment = match([pending(), booked(day=2)], [waiting], by_index={0: waiting})

        assert outcome(still) == (MatchResult.SAME, waiting, False)
        assert outcome(payment) == (MatchResult.UPDATES, waiting, True)

    def test_an_authorisation_that_comes_with_its_payment_is_one_transaction(self) -> None:
        payment, authorisation = match([booked(day=2), pending()], [])

        assert outcome(payment) == (MatchResult.NEW, None, False)
        assert outcome(authorisation) == (MatchResult.SAME, None, True)
        assert payment.id == authorisation.id
        assert payment.key != authorisation.key

    def test_a_booked_row_updates_the_pending_transaction_with_its_key(self) -> None:
        fallen_back = existing(pending())

        (decision,) = match([booked()], [fallen_back], by_index={0: fallen_back})

        assert outcome(decision) == (MatchResult.UPDATES, fallen_back, False)


class TestOrder:
    def test_a_pending_row_may_arrive_after_its_booking(self) -> None:
        done = existing(booked(day=3))

        (decision,) = match([pending()], [done])

        assert outcome(decision) == (MatchResult.SAME, done, True)

    def test_a_late_pending_row_needs_the_same_text_or_id(self) -> None:
        done = existing(booked(day=3, provider_id="P1"))

        (other,) = match([pending(description="Tea")], [done])
        (same,) = match([pending(description="Tea", provider_id="P1")], [done])

        assert (other.result, same.result) == (MatchResult.NEW, MatchResult.SAME)


class TestRemoved:
    def test_a_deleted_transaction_stays_deleted(self) -> None:
        removed = existing(booked(), Removal.DELETED)

        (decision,) = match([booked()], [removed], by_index={0: removed})

        assert outcome(decision) == (MatchResult.DELETED, removed, False)

    def test_a_transaction_deleted_while_pending_stays_deleted(self) -> None:
        removed = existing(pending(), Removal.DELETED)

        (decision,) = match([booked(day=2)], [removed])

        assert outcome(decision) == (MatchResult.DELETED, removed, True)

    def test_an_undone_transaction_is_restored_under_its_id(self) -> None:
        removed = existing(booked(), Removal.UNDONE)

        (decision,) = match([booked()], [], by_index={0: removed})

        assert outcome(decision) == (MatchResult.NEW, removed, False)

    def test_an_undone_booking_gives_way_to_a_pending_match(self) -> None:
        removed, waiting = existing(booked(day=2), Removal.UNDONE), existing(pending())

        (decision,) = match([booked(day=2)], [waiting], by_index={0: removed})

        assert outcome(decision) == (MatchResult.UPDATES, waiting, True)
