"""Rows of imports, some thousand in one row of the database."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.persistence.ledger import imported_rows
from adapters.persistence.ledger.imported_rows import STATE, state_of
from adapters.persistence.ledger.models import ImportedRowsModel
from domain.ledger.entities import Account, Transaction
from domain.ledger.imported import ImportRow, RowCursor
from domain.ledger.imports import StatementImport
from domain.ledger.values import MatchResult, TransactionKey
from domain.shared.result import Success
from tests.adapters.persistence.test_database_rules import done
from tests.contracts.world import World
from tests.factories import imported_row, make_row, make_transaction, stated_of

BATCHES = [(1, 4, 7), (2, 5, 8), (9, 9, 9), (9, 10), (11, 12, 13), (20, 21)]


async def _recorded(world: World) -> tuple[Account, StatementImport, list[Transaction]]:
    """Record the rows of an import in several batches, some of which overlap."""
    account = await world.account()
    source = await world.source(account)
    made: list[Transaction] = []
    for lines in BATCHES:
        rows = [
            make_transaction(account, source, make_row(provider_id=f"F{len(made) + n}", line=line))
            for n, line in enumerate(lines)
        ]
        assert await world.transactions.add(rows) == Success(None)
        await world.transactions.record_rows([imported_row(row, MatchResult.NEW) for row in rows])
        made += rows
    return account, source, made


@pytest.mark.usefixtures("database")
@settings(suppress_health_check=list(HealthCheck))
@given(st.binary(min_size=32, max_size=32), st.integers(1, 2**31 - 1))
def test_the_database_tells_states_apart_by_the_same_number(
    fingerprint: bytes, occurrence: int
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {STATE} FROM (SELECT %s::bytea, %s::int) AS key (fingerprint, occurrence)",
            [fingerprint, occurrence],
        )
        assert cursor.fetchone() == (state_of(TransactionKey(fingerprint, occurrence)),)


@given(st.binary(min_size=32, max_size=32), st.integers(1, 2**31 - 1), st.integers(1, 2**31 - 1))
def test_states_of_equal_rows_are_distinguished(fingerprint: bytes, one: int, other: int) -> None:
    states = (
        state_of(TransactionKey(fingerprint, one)),
        state_of(TransactionKey(fingerprint, other)),
    )

    assert (states[0] == states[1]) is (one == other)


@pytest.mark.parametrize("limit", range(1, 18))
def test_pages_go_by_line_through_batches_that_overlap(django_world: World, limit: int) -> None:
    _, source, made = done(_recorded(django_world))
    expected = [ImportRow(row.line, MatchResult.NEW, row.id, stated_of(row)) for row in made]
    expected.sort(key=lambda row: row.line)

    found: list[ImportRow] = []
    after: RowCursor | None = None
    while not found or after:
        page = imported_rows.page(source.id, source.user_id, after=after, limit=limit)
        assert len(page.items) == limit or page.next is None
        found += page.items
        after = page.next

    assert found == expected


def test_a_page_reads_the_batches_that_it_needs(django_world: World) -> None:
    _, source, _ = done(_recorded(django_world))
    page = imported_rows.page(source.id, source.user_id, after=None, limit=5)
    assert page.next

    assert _batches_read(source, None, limit=5) == 2
    assert _batches_read(source, page.next, limit=2) == 4
    assert _batches_read(source, RowCursor(10, UUID(int=2**128 - 1), 0), limit=2) == 2
    assert _batches_read(source, RowCursor(13, UUID(int=2**128 - 1), 0), limit=9) == 2
    assert _batches_read(source, None, limit=99) == len(BATCHES)


def _batches_read(source: StatementImport, after: RowCursor | None, limit: int) -> int:
    """Return how many batches are taken apart for a page."""
    begin = after or RowCursor(-1, UUID(int=0), 0)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        cursor.execute(
            f"EXPLAIN (ANALYZE, FORMAT JSON) {imported_rows._PAGE}",
            {
                "owner": source.user_id,
                "import": source.id,
                "line": begin.line,
                "id": begin.id,
                "number": begin.number,
                "limit": limit + 1,
            },
        )
        found = cursor.fetchone()
    assert found
    plan = json.loads(found[0]) if isinstance(found[0], str) else found[0]
    nodes = list(_nodes(plan[0]["Plan"]))
    # In a table of so few rows, the planner may find either index as good.
    either = {"ledger_rows_import", "ledger_rows_days"}
    assert {each["Index Name"] for each in nodes if "Index Name" in each} <= either
    (loops,) = {each["Actual Loops"] for each in nodes if each["Node Type"] == "Function Scan"}
    return int(loops)


def _nodes(node: dict[str, Any]) -> list[dict[str, Any]]:
    return [node, *(each for below in node.get("Plans", ()) for each in _nodes(below))]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("transaction_ids", "'{}'"),
        ("transaction_ids", "transaction_ids[2:]"),
        ("states", "states || 7"),
        ("lines", "lines[2:]"),
        ("results", "results || 's'"),
        ("results", "repeat('x', length(results))"),
    ],
)
def test_every_array_has_every_row(django_world: World, column: str, value: str) -> None:
    done(_recorded(django_world))

    with (
        pytest.raises(IntegrityError, match="ledger_rows_whole"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE ledger_imported_rows SET {column} = {value}")


def test_what_rows_of_imports_name_is_never_deleted(django_world: World) -> None:
    """Elements of arrays have no foreign keys: only a user who is erased loses transactions."""
    _, _, made = done(_recorded(django_world))
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.user_id', %s, true)", [str(made[0].user_id)])
        cursor.execute("SET LOCAL ROLE dashtam_app")
        cursor.execute("SELECT count(*) FROM ledger_transaction")
        assert cursor.fetchone() == (len(made),)

        cursor.execute("DELETE FROM ledger_transaction")

        assert cursor.rowcount == 0


def test_rows_of_several_statements_are_distinguished(django_world: World) -> None:
    account, _, made = done(_recorded(django_world))
    other = done(django_world.source(account))
    rows = [
        imported_row(replace(row, import_id=other.id), MatchResult.SAME, place=1 + n // 2)
        for n, row in enumerate(made[:5])
    ]

    done(django_world.transactions.record_rows(rows))

    batches = ImportedRowsModel.objects.filter(source_id=other.id).order_by("id")
    assert [(each.place, each.transaction_ids, each.results) for each in batches] == [
        (1, [made[0].id, made[1].id], "ss"),
        (2, [made[2].id, made[3].id], "ss"),
        (3, [made[4].id], "s"),
    ]
