"""One parameter for a date or an instant."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ledger.as_of import NOW, AsOf, InvalidAsOf
from domain.shared.result import Failure, Result, Success
from tests.factories import NOON


def parse(text: str) -> Result[AsOf, InvalidAsOf]:
    return AsOf.parse(text, now=NOON)


def test_a_date_is_read_as_a_day() -> None:
    assert parse("2026-03-01") == Success(AsOf(day=date(2026, 3, 1)))


def test_a_day_may_be_in_the_future() -> None:
    assert parse("2031-01-01") == Success(AsOf(day=date(2031, 1, 1)))


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01T12:00:00Z",
        "2026-03-01t12:00:00z",
        "2026-03-01T12:00:00.000Z",
        "2026-03-01T13:00:00+01:00",
        "2026-03-01T07:30:00-04:30",
        "2026-03-01T12:00:00-00:00",
    ],
)
def test_a_date_time_with_zone_is_read_as_an_instant(text: str) -> None:
    assert parse(text) == Success(AsOf(moment=datetime(2026, 3, 1, 12, tzinfo=UTC)))


def test_now_is_past_and_the_next_microsecond_is_future() -> None:
    later = NOON + timedelta(microseconds=1)

    assert parse(NOON.isoformat()) == Success(AsOf(moment=NOON))
    refused = parse(later.isoformat())
    assert refused == Failure(
        InvalidAsOf("The date is in the future. Use today or an earlier date.")
    )


def test_a_date_time_without_zone_is_refused() -> None:
    refused = parse("2026-03-01T12:00:00")

    assert isinstance(refused, Failure)
    assert "needs its zone" in refused.error.detail


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "now", "yesterday", "20260301", "2026-W09-7", "2026-3-1", "2026-02-30"),
        *("2026-03-01 ", "2026-03-01T12:00", "2026-03-01T12:00Z", "2026-03-01 12:00:00Z"),
        *("2026-03-01T24:00:01Z", "2026-03-01T12:00:61Z", "2026-03-01T12:00:00+24:00"),
        *("2026-03-01T12:00:00 01:00", "0001-01-01T00:00:00+01:00", "٢٠٢٦-٠٣-٠١", "2026-03-01\n"),
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    refused = parse(text)

    assert isinstance(refused, Failure)
    assert "neither a date" in refused.error.detail


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    parsed = parse(text)

    assert isinstance(parsed, Failure) or parsed.value != NOW


@given(st.timedeltas(timedelta(0), timedelta(days=365_000)), st.integers(-840, 840))
def test_an_instant_is_read_in_any_zone(before: timedelta, minutes: int) -> None:
    there = (NOON - before).astimezone(timezone(timedelta(minutes=minutes)))

    assert parse(there.isoformat()) == Success(AsOf(moment=NOON - before))
