"""Ids, errors, pages and events."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.identity.errors import EmailTaken
from domain.identity.events import UserRegistered
from domain.shared.events import Actor, ActorKind
from domain.shared.ids import new_id, new_ids
from domain.shared.pages import Cursor, InvalidCursor
from domain.shared.result import Failure, Success
from tests.factories import NOON


def test_an_id_is_a_uuid_7_of_the_current_millisecond() -> None:
    before = time.time_ns() // 1_000_000
    made = new_id()
    after = time.time_ns() // 1_000_000

    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert before - 1 <= made.int >> 80 <= after + 1


def test_ids_sort_by_creation_time() -> None:
    made = [new_id() for _ in range(20_000)]

    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_many_ids_are_as_those_that_are_made_one_at_a_time() -> None:
    before, made, after = new_id(), list(new_ids(40_000)), new_id()

    assert [before, *made, after] == sorted({before, *made, after})
    assert {(each.version, each.variant) for each in made} == {(7, "specified in RFC 4122")}
    assert {each.int >> 80 for each in made} <= set(range(before.int >> 80, (after.int >> 80) + 1))


def test_ids_are_unique_across_threads() -> None:
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda _: new_id(), range(20_000)))

    assert len(set(made)) == len(made)


def test_errors_have_a_stable_code() -> None:
    assert EmailTaken.code == "email-taken"
    assert EmailTaken("x") == EmailTaken("x")


def test_every_event_has_its_own_id() -> None:
    actor = Actor.user(new_id())
    first, second = (
        UserRegistered(subject_id=actor.id, actor=actor, occurred_at=NOON) for _ in range(2)
    )

    assert first.event_id != second.event_id
    assert actor.kind is ActorKind.USER


@given(st.dates(), st.uuids())
def test_a_cursor_survives_a_round_trip(day: date, id: UUID) -> None:
    cursor = Cursor(day, id)

    assert Cursor.parse(str(cursor)) == Success(cursor)


@given(st.text())
def test_any_text_is_a_cursor_or_refused(text: str) -> None:
    parsed = Cursor.parse(text)

    assert isinstance(parsed, Failure) or str(parsed.value) == text


@pytest.mark.parametrize(
    "text", ["", "=", "AAAA", str(Cursor(date(2026, 3, 1), UUID(int=7))) + "="]
)
def test_an_invalid_cursor_is_refused(text: str) -> None:
    expected = InvalidCursor("This cursor is not valid. Send a `next_cursor` of this list.")

    assert Cursor.parse(text) == Failure(expected)
