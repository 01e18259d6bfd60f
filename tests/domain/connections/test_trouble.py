"""When a provider is asked again after trouble."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.connections.providers import ProviderTrouble, TroubleKind
from domain.connections.schedule import (
    FIRST_PAUSE,
    LONGEST_PAUSE,
    LONGEST_WAIT,
    after_success,
    after_trouble,
    next_day,
)
from domain.connections.values import DueReason
from tests.domain.connections.test_plan import CAN
from tests.factories import NOON

kinds = st.sampled_from(TroubleKind)
moments = st.none() | st.integers(-1_000, 100_000).map(lambda n: NOON + timedelta(hours=n))
failures = st.integers(1, 10_000)
jitters = st.floats(0, 1)


@given(kinds, moments, failures, jitters)
def test_is_asked_again_soon_but_never_at_once(
    kind: TroubleKind, until: datetime | None, count: int, jitter: float
) -> None:
    due = after_trouble(NOON, ProviderTrouble("", kind=kind, until=until), count, jitter)

    assert NOON + FIRST_PAUSE / 2 <= due.at <= NOON + LONGEST_WAIT
    if until and until <= NOON + LONGEST_WAIT:
        assert due.at >= until
    is_quota = kind is TroubleKind.QUOTA
    assert due.reason is (DueReason.QUOTA if is_quota else DueReason.OUTAGE)


@given(failures, jitters)
def test_each_failure_makes_the_pause_longer_up_to_a_bound(count: int, jitter: float) -> None:
    trouble = ProviderTrouble("")
    pauses = [after_trouble(NOON, trouble, count + n, jitter).at - NOON for n in (0, 1)]

    assert pauses[0] <= pauses[1] <= LONGEST_PAUSE


def test_the_first_pauses() -> None:
    trouble = ProviderTrouble("")
    pauses = [after_trouble(NOON, trouble, n, 1.0).at - NOON for n in range(1, 9)]

    assert [each / timedelta(minutes=1) for each in pauses] == [
        *(5, 10, 20, 40, 80, 160, 320),
        360,
    ]


def test_a_quota_without_an_end_ends_with_the_day() -> None:
    trouble = ProviderTrouble("", kind=TroubleKind.QUOTA)

    assert after_trouble(NOON, trouble, 1, 0.5).at == next_day(NOON)
    late = datetime.fromisoformat("2026-03-14T23:59:30+00:00")
    assert after_trouble(late, trouble, 1, 0.5).at == late + FIRST_PAUSE


def test_a_success_is_followed_by_the_interval() -> None:
    assert after_success(NOON, CAN).at == NOON + timedelta(hours=24)
