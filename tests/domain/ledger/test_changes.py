"""Cursors of the change feed, and the changes after them."""

import base64
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ledger.changes import ChangedResource, FeedCursor
from domain.shared.pages import InvalidCursor
from domain.shared.result import Failure, Success

cursors = st.builds(
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


def order(cursor: FeedCursor) -> tuple[int, int, UUID, int]:
    return cursor.position, cursor.resource.rank, cursor.id, cursor.version


@given(cursors)
def test_a_cursor_survives_a_round_trip(cursor: FeedCursor) -> None:
    text = str(cursor)

    assert FeedCursor.parse(text) == Success(cursor)
    assert len(text) == 48
    assert "=" not in text


@given(near, near)
def test_a_cursor_within_one_resource_selects_the_rows_after_it(
    at: FeedCursor, row: FeedCursor
) -> None:
    is_after = (row.position, row.id, row.version) > at.among(row.resource)

    assert is_after is (order(row) > order(at))


@given(cursors)
def test_every_change_is_after_the_beginning(cursor: FeedCursor) -> None:
    beginning = FeedCursor.beginning(UUID(int=7))

    assert order(beginning) <= order(cursor)
    assert str(beginning) == str(FeedCursor.beginning(UUID(int=7)))
    assert str(beginning) != str(FeedCursor.beginning(UUID(int=7 << 120)))


def test_changes_of_one_transaction_can_be_replayed_in_order() -> None:
    assert [resource.value for resource in sorted(ChangedResource, key=lambda each: each.rank)] == [
        "account",
        "transaction",
        "balance",
        "holding",
        "category",
    ]


def packed(cursor: FeedCursor) -> bytearray:
    return bytearray(base64.urlsafe_b64decode(str(cursor)))


CURSOR = FeedCursor(
    history=b"abcdef",
    position=7,
    resource=ChangedResource.BALANCE,
    id=UUID(int=2**127 + 3),
    version=1,
)


@pytest.mark.parametrize(
    ("byte", "value"), [(0, 0), (0, 1), (0, 3), (7, 255), (15, 5), (15, 255), (32, 255)]
)
def test_a_cursor_with_an_impossible_position_is_refused(byte: int, value: int) -> None:
    broken = packed(CURSOR)
    broken[byte] = value

    assert FeedCursor.parse(base64.urlsafe_b64encode(broken).decode()) == REFUSED


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A",
        "=" * 48,
        str(CURSOR)[:-4],
        str(CURSOR) + "AAAA",
        str(CURSOR) + "\n",
        " " + str(CURSOR),
        str(CURSOR).replace("A", "+"),
        "ä" * 48,
    ],
)
def test_an_invalid_cursor_is_refused(text: str) -> None:
    assert FeedCursor.parse(text) == REFUSED


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    parsed = FeedCursor.parse(text)

    assert parsed == REFUSED or (isinstance(parsed, Success) and str(parsed.value) == text)
