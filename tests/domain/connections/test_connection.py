"""What becomes of a connection: through all its transitions, in any order."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.connections.entities import CONSENT_NOTICE, Connection
from domain.connections.errors import ConnectionNotReady
from domain.connections.events import ProviderConnected
from domain.connections.values import ConnectionStatus, Need, ProviderSlug
from domain.shared.events import AuditRecord
from domain.shared.ids import ConnectionId, UserId, new_id
from domain.shared.result import Failure, Success
from tests.factories import NOON

LATER = NOON + timedelta(hours=1)
DAY = timedelta(days=1)
Status = ConnectionStatus
BEGUN = Connection.begin(
    id=ConnectionId(new_id()),
    user_id=UserId(new_id()),
    provider=ProviderSlug("banks"),
    name="Household",
    at=NOON,
)
ACTIVE, _ = BEGUN.granted("Northbank", NOON + 90 * DAY, at=NOON)
connections = st.builds(
    replace,
    st.just(ACTIVE),
    status=st.sampled_from(Status),
    need=st.none() | st.sampled_from(Need),
    detail=st.sampled_from(["", "The bank is being repaired."]),
    complete_at=st.none() | st.just(NOON),
)


def test_begins_without_an_institution_and_is_not_synced() -> None:
    assert (BEGUN.status, BEGUN.institution) == (Status.AUTHORISING, "")
    assert not BEGUN.is_synced
    assert not BEGUN.may_be_asked


@given(connections, st.none() | st.just(LATER))
def test_what_a_person_grants_makes_it_active(
    connection: Connection, until: datetime | None
) -> None:
    reminded = replace(connection, reminded_until=LATER)

    active, fact = reminded.granted("", until, at=LATER)

    assert (active.status, active.need, active.detail) == (Status.ACTIVE, None, "")
    assert (active.institution, active.consent_until) == ("Northbank", until)
    assert active.reminded_until is None
    is_first = connection.status is Status.AUTHORISING
    assert isinstance(fact, ProviderConnected if is_first else AuditRecord)


@given(connections, st.integers(0, 3))
def test_an_answer_ends_every_need_unless_it_is_paused_or_ended(
    connection: Connection, failing: int
) -> None:
    done = connection.answered(failing=failing, at=LATER)

    assert done.attempted_at == LATER
    assert done.complete_at == (connection.complete_at if failing else LATER)
    if connection.status in (Status.PAUSED, Status.REVOKED):
        assert done.status is connection.status
    else:
        assert done.status is (Status.PARTIAL if failing else Status.ACTIVE)
        assert (done.need, done.detail) == (None, "")
    assert (done.changed_at == LATER) == (done.status is not connection.status)


@given(connections, st.sampled_from(Need))
def test_stops_until_a_person_has_acted(connection: Connection, need: Need) -> None:
    stopped, event = connection.require(need, "Log in again.", at=LATER)

    assert (stopped.status, stopped.need, event.need) == (Status.NEEDS_PERSON, need, need)
    assert not stopped.is_synced
    assert stopped.may_be_asked == (need is not Need.CREDENTIALS)


@given(connections)
def test_trouble_that_passes_changes_no_state(connection: Connection) -> None:
    tried = connection.attempted("The bank is being repaired.", at=LATER)

    assert replace(tried, detail=connection.detail, attempted_at=None) == connection


@given(connections)
def test_may_be_asked_by_a_person_unless_that_could_lock_them_out(connection: Connection) -> None:
    if connection.may_be_asked:
        assert connection.status not in (Status.AUTHORISING, Status.REVOKED)
        assert connection.need is not Need.CREDENTIALS
    elif connection.status not in (Status.AUTHORISING, Status.REVOKED):
        assert connection.need is Need.CREDENTIALS


@given(connections)
def test_only_what_is_synced_is_paused_and_resumed(connection: Connection) -> None:
    paused = connection.edit(name=None, paused=True, at=LATER)
    if connection.status is Status.PAUSED:
        assert paused == Success((connection, []))
    elif not connection.is_synced:
        assert isinstance(paused, Failure)
        assert isinstance(paused.error, ConnectionNotReady)
    else:
        assert isinstance(paused, Success)
        assert paused.value[0].status is Status.PAUSED
        resumed = paused.value[0].edit(name=None, paused=False, at=LATER)
        assert isinstance(resumed, Success)
        assert resumed.value[0].status is Status.ACTIVE


@given(connections)
def test_ends_for_good(connection: Connection) -> None:
    ended, _ = connection.revoke(at=LATER)

    assert (ended.status, ended.need, ended.detail) == (Status.REVOKED, None, "")
    assert not ended.is_synced
    assert not ended.may_be_asked


@given(st.integers(-400, 30 * 24))
def test_reminds_once_of_each_end_of_the_consent(hours: int) -> None:
    until = NOON + timedelta(hours=hours)
    connection = replace(ACTIVE, consent_until=until)

    found = connection.remind(at=NOON)

    assert (found is not None) == (until - CONSENT_NOTICE <= NOON)
    if found:
        reminded, event = found
        assert event.days == max(hours // 24, 0)
        assert reminded.remind(at=LATER) is None
        renewed = replace(reminded, consent_until=until + DAY)
        assert (renewed.remind(at=until) is None) == (CONSENT_NOTICE < DAY)


@pytest.mark.parametrize("until", [None, NOON + 8 * DAY])
def test_reminds_of_nothing_that_is_far_off(until: datetime | None) -> None:
    assert replace(ACTIVE, consent_until=until).remind(at=NOON) is None


def test_repr_says_nothing_of_the_bank_s_trouble() -> None:
    assert "repaired" not in repr(replace(ACTIVE, detail="The bank is being repaired."))
