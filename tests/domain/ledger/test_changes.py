"""Places in the change feed: what a cursor says, and what lies behind it."""

import base64
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ledger.changes import ChangedResource, FeedCursor
from domain.shared.pages import InvalidCursor
from domain.shared.result import Failure, Success

places = st.builds(
    FeedCursor,
    history=st.binary(min_size=6, max_size=6),
    position=st.integers(0, 2**63 - 1),
    resource=st.sampled_from(ChangedResource),
    id=st.uuids(),
    version=st.integers(0, 2**31 - 1),
)
near = st.builds(
    FeedCursor,
    history=st.just(bytes(6)),
    position=st.integers(0, 2),
    resource=st.sampled_from(ChangedResource),
    id=st.sampled_from([UUID(int=1), UUID(int=2)]),
    version=st.integers(1, 2),
)
REFUSED = Failure(InvalidCursor("This cursor is not valid. Send a `next_cursor` of this list."))


def order(place: FeedCursor) -> tuple[int, int, UUID, int]:
    return place.position, place.resource.rank, place.id, place.version


@given(places)
def test_a_cursor_is_read_as_it_was_written(place: FeedCursor) -> None:
    text = str(place)

    assert FeedCursor.parse(text) == Success(place)
    assert len(text) == 48
    assert "=" not in text


@given(near, near)
def test_what_is_asked_of_one_resource_is_what_lies_behind(at: FeedCursor, row: FeedCursor) -> None:
    asked = (row.position, row.id, row.version) > at.among(row.resource)

    assert asked is (order(row) > order(at))


@given(places)
def test_everything_lies_behind_the_beginning(place: FeedCursor) -> None:
    beginning = FeedCursor.beginning(UUID(int=7))

    assert order(beginning) <= order(place)
    assert str(beginning) == str(FeedCursor.beginning(UUID(int=7)))
    assert str(beginning) != str(FeedCursor.beginning(UUID(int=7 << 120)))


def test_one_transactions_changes_come_in_an_order_that_can_be_replayed() -> None:
    assert [resource.value for resource in sorted(ChangedResource, key=lambda each: each.rank)] == [
        "account",
        "transaction",
        "balance",
        "holding",
    ]


def packed(place: FeedCursor) -> bytearray:
    return bytearray(base64.urlsafe_b64decode(str(place)))


PLACE = FeedCursor(
    history=b"abcdef",
    position=7,
    resource=ChangedResource.BALANCE,
    id=UUID(int=2**127 + 3),
    version=1,
)


@pytest.mark.parametrize(
    ("byte", "value"), [(0, 0), (0, 1), (0, 3), (7, 255), (15, 4), (15, 255), (32, 255)]
)
def test_a_cursor_that_names_no_place_is_refused(byte: int, value: int) -> None:
    broken = packed(PLACE)
    broken[byte] = value

    assert FeedCursor.parse(base64.urlsafe_b64encode(broken).decode()) == REFUSED


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A",
        "=" * 48,
        str(PLACE)[:-4],
        str(PLACE) + "AAAA",
        str(PLACE) + "\n",
        " " + str(PLACE),
        str(PLACE).replace("A", "+"),
        "ä" * 48,
    ],
)
def test_what_is_no_cursor_is_refused(text: str) -> None:
    assert FeedCursor.parse(text) == REFUSED


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    parsed = FeedCursor.parse(text)

    assert parsed == REFUSED or (isinstance(parsed, Success) and str(parsed.value) == text)
