"""Cursors of rows: only issued ones are accepted."""

import base64
import struct
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ledger.imported import RowCursor
from domain.shared.pages import InvalidCursor
from domain.shared.result import Failure, Success


@given(st.integers(0, 2**31 - 1), st.uuids(), st.integers(0, 2**31 - 1))
def test_a_position_survives_a_round_trip(line: int, batch: UUID, number: int) -> None:
    cursor = RowCursor(line, batch, number)

    assert RowCursor.parse(str(cursor)) == Success(cursor)


def encoded(packed: bytes) -> str:
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


AN_ID = UUID(int=7)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "é",
        "\0",
        encoded(AN_ID.bytes),
        encoded(struct.pack(">I16sI", 7, AN_ID.bytes, 7)[:-1]),
        encoded(struct.pack(">I16sI", 7, AN_ID.bytes, 7) + b"7"),
        encoded(f"{AN_ID.hex}7".encode()),
        encoded(b"9" * 5000),
        f" {RowCursor(7, AN_ID, 7)}",
        str(RowCursor(7, AN_ID, 7)) + "=",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    read = RowCursor.parse(text)

    assert isinstance(read, Failure)
    assert isinstance(read.error, InvalidCursor)
