"""A booked transaction that a bank states again, under another id or on another day."""

from dataclasses import replace
from datetime import date, timedelta

from domain.ledger.evidence import Outline
from domain.ledger.matches import ExistingTransaction, MatchContext
from domain.ledger.matching import match_statement
from domain.ledger.neighbourhood import Neighbourhood
from domain.ledger.values import (
    MatchResult,
    Removal,
    Statement,
    StatementRef,
    StatementRow,
    transaction_keys,
)
from domain.shared.ids import ImportId, TransactionId, new_id
from tests.factories import make_reference, make_row

ACCOUNT = make_reference()
FIRST, LAST = date(2026, 3, 1), date(2026, 3, 20)
DAY = date(2026, 3, 10)


def row(id: str, day: date = DAY, **more: object) -> StatementRow:
    return make_row(**{"provider_id": id, "booking_date": day, **more})  # type: ignore[arg-type]


class Account:
    """An account of which one complete statement was imported."""

    def __init__(self, *rows: StatementRow, last: date = LAST, report_type: str = "list") -> None:
        self.before = self._statement(rows, last, report_type)
        self.existing = [
            ExistingTransaction(
                id=TransactionId(new_id()),
                booking_date=each.booking_date,
                amount=each.amount,
                provider_id=each.provider_id,
                description=each.description,
                pending=each.pending,
            )
            for each in rows
        ]

    def _statement(
        self, rows: tuple[StatementRow, ...], last: date, report_type: str = "list"
    ) -> Statement:
        return Statement(
            account=ACCOUNT,
            rows=rows,
            report_type=report_type,
            first_day=FIRST,
            last_day=last,
            pending_day=last,
        )

    def then(self, *rows: StatementRow, last: date = LAST, is_complete: bool = True) -> list[int]:
        """Return for each row of a later statement which of the first it is, or -1 if it is new."""
        statement = self._statement(rows, last)
        if not is_complete:
            statement = replace(statement, first_day=None, last_day=None, pending_day=None)
        keys = transaction_keys(rows)
        known = dict(zip(transaction_keys(self.before.rows), self.existing, strict=True))
        refs = [StatementRef(ImportId(new_id()), 1) for _ in range(2)]
        context = MatchContext(
            known={key: known[key] for key in keys if key in known},
            provider_ids={each.provider_id for each in self.existing if each.provider_id},
            counterparts=self.existing,
            stating={each.id: [refs[0]] for each in self.existing},
        )
        near = Neighbourhood.of(Outline.of(statement, refs[1]), [Outline.of(self.before, refs[0])])
        pairing = match_statement(statement, keys, context, near)
        places = {each.id: place for place, each in enumerate(self.existing)}
        for match in pairing.matches:
            is_new = match.result in (MatchResult.NEW, MatchResult.CONFLICT)
            assert (match.existing is None) == is_new
        return [places.get(each.id, -1) for each in pairing.matches]


def test_under_another_id() -> None:
    assert Account(row("1")).then(row("2")) == [0]


def test_as_many_as_there_are() -> None:
    account = Account(row("1"), row("2"))

    assert account.then(row("3"), row("4")) == [0, 1]
    assert account.then(row("3"), row("4"), row("5")) == [0, 1, -1]
    assert account.then(row("3"), row("2")) == [0, 1]


def test_one_that_is_still_listed_is_not_another_one() -> None:
    assert Account(row("1")).then(row("1"), row("2")) == [0, -1]


def test_on_another_day_under_its_id() -> None:
    assert Account(row("1")).then(row("1", DAY + timedelta(2))) == [0]


def test_an_id_is_worth_more_than_a_day() -> None:
    assert Account(row("1")).then(row("2"), row("1", DAY + timedelta(2))) == [-1, 0]


def test_an_id_that_was_used_before_the_first_day_is_used_again() -> None:
    assert Account(row("1", FIRST - timedelta(1))).then(row("1", FIRST + timedelta(2))) == [-1]


def test_days_that_follow_one_another_are_not_mixed_up() -> None:
    days = [DAY + timedelta(number) for number in range(5)]
    account = Account(*(row(str(number), day) for number, day in enumerate(days)))

    assert account.then(*(row(f"new {each}", each) for each in reversed(days))) == [4, 3, 2, 1, 0]
    moved = [row(str(number), day - timedelta(1)) for number, day in enumerate(days)]
    assert account.then(*moved) == [0, 1, 2, 3, 4]


def test_of_the_last_day_only_what_there_was_by_then() -> None:
    assert Account(row("1", LAST), last=LAST).then(row("2", LAST)) == [0]
    later = Account(row("1", LAST), last=LAST + timedelta(1))
    assert later.then(row("2", LAST)) == [-1]


def test_other_texts_or_amounts_are_others() -> None:
    account = Account(row("1"), row("2", DAY + timedelta(1)))
    other = row("3", description="Something else entirely")

    assert account.then(other, row("1"), row("2", DAY + timedelta(1))) == [-1, 0, 1]


def test_a_statement_that_is_not_complete_proves_nothing() -> None:
    days = [DAY + timedelta(number) for number in range(2)]
    account = Account(*(row(str(number), day) for number, day in enumerate(days)))

    assert account.then(row("3", days[0]), is_complete=False) == [-1]


def test_what_its_user_deleted_stays_deleted() -> None:
    account = Account(row("1"))
    account.existing = [replace(each, removal=Removal.DELETED) for each in account.existing]

    assert account.then(row("2")) == [0]
