"""What is asked, and when: no day is left out, none is asked without end."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.connections.providers import StatementRequest
from domain.connections.schedule import WaitUntil, next_day, plan
from domain.connections.values import ONE_DAY, Capabilities, Coverage, DueReason, Window
from tests.domain.connections.banks import (
    TODAY,
    Bank,
    Syncing,
    banks,
    capabilities,
    coverages,
    days_of,
    new_account,
    stale,
)
from tests.factories import NOON

PLENTY = {"": 1_000, **dict.fromkeys("abc", 1000)}
CAN = Capabilities(
    window_days=44,
    history_days=365,
    overlap_days=10,
    requests_per_day=24,
    interval=timedelta(hours=24),
)
accounts = st.dictionaries(st.sampled_from("abc"), coverages(), min_size=1)


def planned(
    can: Capabilities, coverage: dict[str, Coverage], *, is_requested: bool = False
) -> Sequence[StatementRequest]:
    found = plan(NOON, can, coverage, PLENTY, is_requested=is_requested)
    assert not isinstance(found, WaitUntil)
    return found


@given(capabilities, accounts, st.booleans())
def test_windows_are_within_bounds(
    can: Capabilities, coverage: dict[str, Coverage], is_requested: bool
) -> None:
    for request in planned(can, coverage, is_requested=is_requested):
        asked = [coverage[key] for key in request.account_keys or coverage]

        assert request.window.days <= can.window_days
        assert request.window.last <= TODAY
        assert request.window.first >= min(each.wanted_from for each in asked)
        if can.asks_each_account:
            assert len(asked) == 1


@given(capabilities)
def test_the_first_request_reaches_back_as_far_as_history_does(can: Capabilities) -> None:
    (request,) = planned(can, {})

    assert request.account_keys == ()
    assert request.window.last == TODAY
    assert request.window.days == min(can.window_days, can.history_days + 1)


@given(capabilities, accounts)
def test_every_day_between_is_asked(can: Capabilities, coverage: dict[str, Coverage]) -> None:
    requests = planned(can, coverage, is_requested=True)
    for key, each in coverage.items():
        windows = [r.window for r in requests if key in (r.account_keys or coverage)]
        known = [each.window] if each.window else []

        wanted = days_of([Window(each.wanted_from, TODAY)])
        assert set(wanted) <= set(days_of([*windows, *known]))


@given(capabilities, coverages())
def test_days_that_are_known_are_asked_again_within_the_overlap_only(
    can: Capabilities, coverage: Coverage
) -> None:
    if coverage.window is None or coverage.window.last < TODAY - ONE_DAY:
        return
    asked = days_of([each.window for each in planned(can, {"a": coverage}, is_requested=True)])

    again = set(asked) & set(days_of([coverage.window]))
    assert min(again, default=TODAY) >= TODAY - (can.overlap_days + 7) * ONE_DAY
    assert len(asked) == len(set(asked))


@given(capabilities, coverages())
def test_nothing_is_asked_that_is_fresh_and_complete(can: Capabilities, coverage: Coverage) -> None:
    if coverage.window is None:
        return
    fresh = replace(coverage, wanted_from=coverage.window.first, answered_at=NOON)

    assert planned(can, {"a": fresh}) == []
    assert planned(can, {"a": fresh}, is_requested=True) != []
    assert planned(can, {"a": stale(fresh)}) != []


@given(capabilities, accounts)
def test_a_quota_that_is_used_up_lasts_until_the_next_day(
    can: Capabilities, coverage: dict[str, Coverage]
) -> None:
    found = plan(NOON, can, coverage, dict.fromkeys(PLENTY, 0), is_requested=True)

    assert found == WaitUntil(next_day(NOON), DueReason.QUOTA)
    assert next_day(NOON).isoformat() == "2026-03-15T00:00:00+00:00"


@given(capabilities, accounts, st.integers(0, 30))
def test_no_more_is_planned_than_the_quota_allows(
    can: Capabilities, coverage: dict[str, Coverage], left: int
) -> None:
    found = plan(NOON, can, coverage, dict.fromkeys(PLENTY, left), is_requested=True)

    requests = [] if isinstance(found, WaitUntil) else found
    each_account = can.asks_each_account
    counts = Counter(r.account_keys[0] if each_account else "" for r in requests)
    assert max(counts.values(), default=0) <= left


def test_accounts_with_the_same_days_share_a_request() -> None:
    known = Coverage(wanted_from=TODAY - 99 * ONE_DAY, window=Window(TODAY - ONE_DAY, TODAY))
    requests = planned(CAN, {"a": known, "b": known, "c": stale(known)})

    assert [each.account_keys for each in requests] == [(), (), (), ()]


def test_after_a_long_pause_the_latest_days_come_first() -> None:
    long_ago = Window(date(2025, 1, 1), date(2025, 6, 30))
    coverage = Coverage(wanted_from=date(2025, 1, 1), window=long_ago)
    requests = planned(CAN, {"a": coverage})

    assert requests[0].window == Window(TODAY - 43 * ONE_DAY, TODAY)
    assert requests[1].window.last == TODAY - 44 * ONE_DAY


class TestSyncing:
    def test_a_year_of_history_is_asked_at_once_and_no_day_twice(self) -> None:
        syncing = Syncing(CAN, coverage={"a": new_account(CAN)})

        assert syncing.sync() == 9

        assert syncing.is_backfilled
        assert sorted(days_of(syncing.windows)) == days_of([Window(date(2025, 3, 14), TODAY)])
        assert syncing.sync() == 0

    @given(capabilities, st.lists(st.integers(0, 3), min_size=1, max_size=40), st.booleans())
    def test_whoever_is_killed_goes_on_where_they_were(
        self, can: Capabilities, answers: list[int], is_requested: bool
    ) -> None:
        can = replace(can, requests_per_day=1_000)
        syncing = Syncing(can, coverage={key: new_account(can) for key in "ab"})
        for count in answers:
            syncing.sync(answers=count)
        syncing.sync()

        assert syncing.is_backfilled
        for key in syncing.coverage:
            windows = [
                request.window
                for _, request in syncing.asked
                if key in (request.account_keys or syncing.coverage)
            ]
            assert max(Counter(days_of(windows)).values()) == 1

    @pytest.mark.parametrize(("hours", "window_days"), [(1, 44), (6, 90), (24, 30), (30, 44)])
    @pytest.mark.parametrize("each_account", [False, True])
    def test_a_year_of_syncs_asks_seldom(
        self, hours: int, window_days: int, each_account: bool
    ) -> None:
        interval = timedelta(hours=hours)
        can = replace(
            CAN, window_days=window_days, interval=interval, asks_each_account=each_account
        )
        syncing = Syncing(can, coverage={key: new_account(can) for key in "ab"})
        syncing.sync()
        first, complete = len(syncing.asked), syncing.now + timedelta(days=365)
        while syncing.now < complete:
            syncing.now += interval
            syncing.sync()

        assert syncing.is_backfilled
        days = Counter((day, each.account_keys) for day, each in syncing.asked[first:])
        assert max(days.values()) <= (24 if hours < 24 else 2)
        for each in syncing.coverage.values():
            assert each.window is not None
            assert each.window.covers(Window(date(2025, 3, 14), syncing.now.date()))

    @given(capabilities, banks, coverages())
    @example(CAN, Bank(most_days=30), Coverage(wanted_from=date(2025, 3, 14)))
    @example(CAN, Bank(most_days=30, drops_latest=True), Coverage(wanted_from=date(2025, 3, 14)))
    def test_a_bank_that_answers_less_is_not_asked_for_ever(
        self, can: Capabilities, bank: Bank, coverage: Coverage
    ) -> None:
        """Each answer brings days that were lacking, or ends what is asked for."""
        can = replace(can, requests_per_day=10_000)
        syncing = Syncing(can, bank, {"a": coverage})
        most = 2 * (TODAY - min(coverage.wanted_from, TODAY)).days + 10
        for _ in range(3):
            syncs = syncing.sync(answers=3) and 1
            # It is due at once until its history is complete.
            while syncing.coverage["a"].window and not syncing.is_backfilled:
                syncs += 1
                assert syncing.sync(answers=3) > 0
                assert syncs <= most
            syncing.now += timedelta(days=1)

    @given(st.integers(0, 500), st.integers(19, 60), st.booleans())
    @example(90, 44, False)
    def test_what_a_bank_has_no_more_is_not_asked_every_day(
        self, begins: int, most_days: int, drops_latest: bool
    ) -> None:
        """A connection goes on after a pause that is longer than the bank's memory."""
        bank = Bank(most_days, drops_latest, TODAY - begins * ONE_DAY)
        known = Window(date(2025, 3, 14), date(2025, 8, 1))
        syncing = Syncing(CAN, bank, {"a": Coverage(wanted_from=known.first, window=known)})
        syncing.sync()
        while not syncing.is_backfilled:
            syncing.now += timedelta(days=1)
            syncing.sync()
        syncing.asked.clear()
        for _ in range(10):
            syncing.now += CAN.interval
            syncing.sync()

        assert len(syncing.asked) <= 20
        window = syncing.coverage["a"].window
        assert window is not None
        assert window.last >= syncing.now.date() - (CAN.overlap_days + 7) * ONE_DAY

    @given(capabilities, banks)
    def test_what_is_covered_was_answered(self, can: Capabilities, bank: Bank) -> None:
        can = replace(can, requests_per_day=1_000)
        syncing = Syncing(can, bank, {"a": new_account(can)})
        for _ in range(5):
            syncing.sync()
            syncing.now += timedelta(days=3)
        answers = [bank.answer(each) for each in syncing.windows]
        window = syncing.coverage["a"].window

        assert window is None or set(days_of([window])) <= set(
            days_of([each for each in answers if each])
        )
