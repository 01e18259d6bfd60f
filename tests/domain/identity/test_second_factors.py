"""Second factors and recovery codes."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.identity.entities import SecondFactor
from domain.identity.values import RecoveryCode, TotpSecret
from domain.shared.events import Actor
from domain.shared.ids import SecondFactorId, UserId, new_id
from tests.factories import NOON, make_second_factor, make_session

OWNER = UserId(new_id())


def test_a_factor_counts_only_after_confirmation() -> None:
    factor, enrolled = SecondFactor.enrol(
        id=SecondFactorId(new_id()), user_id=OWNER, secret=TotpSecret(b"1" * 20), at=NOON
    )
    later = NOON + timedelta(minutes=1)

    confirmed, event = factor.confirm(later)

    assert (factor.confirmed_at, confirmed.confirmed_at) == (None, later)
    assert (confirmed.secret, confirmed.last_step) == (factor.secret, 0)
    assert {each.subject_id for each in (enrolled, event)} == {factor.id}
    assert {each.actor for each in (enrolled, event)} == {Actor.user(OWNER)}


def test_a_removal_is_recorded() -> None:
    factor = make_second_factor(OWNER)

    removed = factor.remove(NOON)

    assert (removed.subject_id, removed.actor) == (factor.id, Actor.user(OWNER))


def test_a_recent_authentication_is_valid_for_ten_minutes() -> None:
    session = make_session(OWNER)
    later = NOON + timedelta(hours=1)

    proved, event = session.reauthenticate(later)

    assert not session.is_recently_authenticated(later)
    assert proved.is_recently_authenticated(later + timedelta(minutes=9, seconds=59))
    assert not proved.is_recently_authenticated(later + timedelta(minutes=10))
    assert (proved.token_digest, proved.expires_at) == (session.token_digest, session.expires_at)
    assert event.subject_id == session.id


@given(st.binary(min_size=15, max_size=15))
def test_a_code_is_recognised_in_every_spelling(secret: bytes) -> None:
    code = RecoveryCode.of(secret)

    assert len(code.text) == 4 * 6 + 3
    for text in (code.text, code.text.upper(), code.text.replace("-", ""), f" {code.text} \n"):
        assert RecoveryCode.from_input(text) == code
        assert RecoveryCode.from_input(text).digest == code.digest


@pytest.mark.parametrize("text", ["", "x", "\ud800", "é" * 24, "123456"])
def test_any_text_is_accepted_as_a_code(text: str) -> None:
    assert RecoveryCode.from_input(text).digest != RecoveryCode.of(bytes(15)).digest
