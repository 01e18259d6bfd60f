"""Rows that go as one text for each column."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.persistence.ledger import columns

TYPES = {
    "a": "uuid",
    "b": "bytea",
    "c": "text",
    "d": "date",
    "e": "numeric",
    "f": "int",
    "g": "text",
}
# Everything PostgreSQL accepts as text, except the separators of values.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\x1d\x1e\x1f"))
rows = st.tuples(
    st.uuids(),
    st.binary(max_size=40),
    texts,
    st.dates(),
    st.decimals(-(10**17), 10**17, places=10),
    st.integers(-(2**31), 2**31 - 1),
    st.none() | texts,
)


def split_by_database(values: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT * FROM {columns.rows_of(TYPES)} AS rows", columns.texts_of(TYPES, values)
        )
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(rows, min_size=1, max_size=5))
def test_values_survive_a_round_trip(database: None, values: list[tuple[Any, ...]]) -> None:
    assert [(each[0], bytes(each[1]), *each[2:]) for each in split_by_database(values)] == values


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(rows, min_size=1, max_size=3), st.integers(1, 3), st.sets(st.sampled_from("bcdefg"))
)
def test_what_all_rows_share_is_sent_once(
    database: None, values: list[tuple[Any, ...]], times: int, shared: set[str]
) -> None:
    first = values[0]
    values = [
        tuple(first[at] if name in shared else row[at] for at, name in enumerate(TYPES))
        for row in values * times
    ]
    table, sent = columns.table_of(TYPES, dict(zip(TYPES, zip(*values, strict=True), strict=True)))

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} AS rows", sent)
        found = [(each[0], bytes(each[1]), *each[2:]) for each in cursor.fetchall()]

    assert found == values
    assert all(str(sent[name]).count("\x1f") == 0 for name in shared)


def test_items_are_made_ahead_in_their_order() -> None:
    assert list(columns.made_ahead(str(number) for number in range(5))) == list("01234")


def test_what_fails_ahead_fails_where_it_is_used() -> None:
    made = columns.made_ahead(1 // number for number in (1, 0))

    assert next(made) == 1
    with pytest.raises(ZeroDivisionError):
        next(made)


def test_one_empty_text_is_one_row(database: None) -> None:
    row = (UUID(int=1), b"", "", date(2026, 3, 1), Decimal(0), 0, "")

    assert [(each[0], bytes(each[1]), *each[2:]) for each in split_by_database([row])] == [row]


def test_arrays_survive_a_round_trip(database: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {columns.array_of('bytea')}", [columns.column_of("bytea", [b"", b"\x1f"])]
        )
        assert [bytes(each) for each in cursor.fetchone()[0]] == [b"", b"\x1f"]


@pytest.mark.parametrize("separator", ["\x1d", "\x1e", "\x1f"])
def test_a_value_that_could_shift_columns_is_refused(separator: str) -> None:
    with pytest.raises(ValueError, match="control character"):
        columns.column_of("text", ["a", f"b{separator}c"])
