"""Actions: the content of an audit record, and which of them are only counted."""

from collections.abc import Mapping

import pytest

from domain.identity.actions import LOGIN_FAILED
from domain.identity.events import SessionsEnded
from domain.shared.events import SYSTEM, Action, AuditResult, ResourceType
from domain.shared.ids import new_id
from domain.staff.actions import STAFF_LOGIN_FAILED
from tests.factories import NOON

VIEWED = Action("user.seen", ResourceType.USER, ("where", "count"))


def test_a_record_has_the_details_of_its_action() -> None:
    record = VIEWED.record(subject_id=None, actor=SYSTEM, occurred_at=NOON, where="here", count=2)

    assert record.action is VIEWED
    assert list(record.details.items()) == [("where", "here"), ("count", 2)]


@pytest.mark.parametrize(
    "details",
    [{}, {"where": "here"}, {"count": 2, "where": "here"}, {"where": "", "count": 1, "more": 1}],
    ids=["none", "too few", "in another order", "too many"],
)
def test_a_record_refuses_unknown_details(details: Mapping[str, object]) -> None:
    with pytest.raises(TypeError, match=r"user\.seen"):
        VIEWED.record(subject_id=None, actor=SYSTEM, occurred_at=NOON, **details)


@pytest.mark.parametrize("action", [LOGIN_FAILED, STAFF_LOGIN_FAILED], ids=lambda each: each.name)
@pytest.mark.parametrize(
    ("reason", "is_counted"), [("limited", True), ("wrong-password", False), ("wrong-code", False)]
)
def test_wrong_passwords_are_not_merged_into_a_count(
    action: Action, reason: str, is_counted: bool
) -> None:
    record = action.record(subject_id=None, actor=SYSTEM, occurred_at=NOON, reason=reason)

    assert record.is_repeatable is is_counted


def test_an_event_carries_its_audit_record() -> None:
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
