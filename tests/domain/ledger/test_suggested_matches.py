"""What may be decided about two transactions that may be the same."""

from dataclasses import replace
from decimal import Decimal

import pytest

from domain.ledger.entities import Leg
from domain.ledger.errors import MatchIsDecided, NotAMatch
from domain.ledger.suggested_matches import (
    MatchDecision,
    MatchStatus,
    SuggestedMatch,
)
from domain.ledger.values import StatementRef
from domain.shared.events import Actor
from domain.shared.ids import ImportId, MatchId, UserId, new_id
from domain.shared.money import Money
from domain.shared.pages import IdCursor, IdPage
from domain.shared.result import Failure, Success
from tests.factories import (
    NOON,
    make_account,
    make_connection,
    make_import,
    make_row,
    make_transaction,
)

CONFIRMED, REFUSED = MatchDecision.CONFIRMED, MatchDecision.REFUSED
OWNER = UserId(new_id())
ACCOUNT = make_account(make_connection(OWNER))


def leg(amount: str = "-12.50", *, pending: bool = False) -> Leg:
    row = make_row(amount, pending=pending)
    return Leg.of(make_transaction(ACCOUNT, make_import(OWNER), row))


def suggested() -> SuggestedMatch:
    return SuggestedMatch(id=MatchId(new_id()), user_id=OWNER, added=leg(), existing=leg())


@pytest.mark.parametrize("decision", MatchDecision)
def test_a_decision_is_an_event(decision: MatchDecision) -> None:
    match = suggested()

    done = match.decide(decision, at=NOON)

    assert isinstance(done, Success)
    decided, event = done.value
    assert decided == replace(match, status=MatchStatus(decision), decided_at=NOON)
    assert (event.subject_id, event.actor) == (match.id, Actor.user(OWNER))
    assert (event.decision, event.added_id, event.existing_id) == (
        decision,
        match.added.transaction_id,
        match.existing.transaction_id,
    )


@pytest.mark.parametrize("first", MatchDecision)
@pytest.mark.parametrize("second", MatchDecision)
def test_a_decision_is_final(first: MatchDecision, second: MatchDecision) -> None:
    decided = replace(suggested(), status=MatchStatus(first), decided_at=NOON)

    assert decided.decide(second, at=NOON) == Failure(
        MatchIsDecided(f"You have already {first} this match for good.")
    )


@pytest.mark.parametrize(
    ("added", "sentence"),
    [
        (leg("-12.51"), "The two amounts do not match."),
        (leg(pending=True), "Both transactions of a match must be booked."),
        (
            replace(leg(), amount=Money(Decimal("-12.50"), "USD")),
            "The two amounts do not match.",
        ),
    ],
)
def test_what_has_changed_since_can_only_be_refused(added: Leg, sentence: str) -> None:
    for match in (
        replace(suggested(), added=added),
        replace(suggested(), added=suggested().existing, existing=added),
    ):
        assert match.decide(CONFIRMED, at=NOON) == Failure(NotAMatch(sentence))
        assert isinstance(match.decide(REFUSED, at=NOON), Success)


def test_what_one_statement_lists_are_two_transactions() -> None:
    match, both = suggested(), [StatementRef(ImportId(new_id()), 1)]

    assert match.decide(CONFIRMED, at=NOON, listed_together=both) == Failure(
        NotAMatch("One statement lists both transactions.")
    )
    assert isinstance(match.decide(REFUSED, at=NOON, listed_together=both), Success)


def test_a_page_says_whether_there_are_more() -> None:
    one, other = suggested(), suggested()

    assert IdPage.of([one, other], 1) == IdPage([one], IdCursor(one.id))
    assert IdPage.of([one, other], 2) == IdPage([one, other], None)
    assert IdPage.of([], 2) == IdPage([], None)
