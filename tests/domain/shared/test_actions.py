"""Actions: what an audit record says, and which of them are only counted."""

from collections.abc import Mapping

import pytest

from domain.identity.actions import LOGIN_FAILED
from domain.identity.events import SessionsEnded
from domain.shared.events import SYSTEM, Action, AuditResult, ResourceType
from domain.shared.ids import new_id
from domain.staff.actions import STAFF_LOGIN_FAILED
from tests.factories import NOON

SEEN = Action("user.seen", ResourceType.USER, ("where", "count"))


def test_a_record_has_the_details_of_its_action() -> None:
    record = SEEN.record(subject_id=None, actor=SYSTEM, occurred_at=NOON, where="here", count=2)

    assert record.action is SEEN
    assert list(record.details.items()) == [("where", "here"), ("count", 2)]


@pytest.mark.parametrize(
    "details",
    [{}, {"where": "here"}, {"count": 2, "where": "here"}, {"where": "", "count": 1, "more": 1}],
    ids=["none", "too few", "in another order", "too many"],
)
def test_a_record_has_no_other_details(details: Mapping[str, object]) -> None:
    with pytest.raises(TypeError, match=r"user\.seen"):
        SEEN.record(subject_id=None, actor=SYSTEM, occurred_at=NOON, **details)


@pytest.mark.parametrize("action", [LOGIN_FAILED, STAFF_LOGIN_FAILED], ids=lambda each: each.name)
@pytest.mark.parametrize(
    ("reason", "is_counted"), [("limited", True), ("wrong-password", False), ("wrong-code", False)]
)
def test_guesses_are_not_counted(action: Action, reason: str, is_counted: bool) -> None:
    record = action.record(subject_id=None, actor=SYSTEM, occurred_at=NOON, reason=reason)

    assert record.is_repeatable is is_counted


def test_an_event_brings_its_record_along() -> None:
    user = new_id()
    event = SessionsEnded(
        subject_id=user, actor=SYSTEM, occurred_at=NOON, count=2, kept_session_id=None
    )

    record = event.record

    assert (record.id, record.subject_id, record.actor, record.occurred_at) == (
        event.event_id,
        user,
        SYSTEM,
        NOON,
    )
    assert record.action == Action(
        "sessions.ended", ResourceType.USER, ("count", "kept_session_id"), AuditResult.SUCCESS
    )
    assert record.details == {"count": 2, "kept_session_id": None}
    assert not record.is_repeatable
