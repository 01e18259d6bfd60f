"""A transaction begins with its first statement, whatever that is and whether it fails."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import Error, connection

from tests.adapters.persistence.scratch import Note, Scratch, query

#: Whether a transaction goes on after this statement.
IS_OPEN = "SELECT now() < statement_timestamp()"
CURSORS = "SELECT count(*) FROM pg_cursors"
OWNER = "SELECT current_setting('app.user_id', true)"


def first_by_cursor() -> bool:
    return query("SELECT 1") == 1 and query(IS_OPEN) is True


def first_by_iterator() -> bool:
    # A cursor of the server, which exists only in a transaction.
    return [*Note.objects.iterator(chunk_size=1)] == [] and query(IS_OPEN) is True


def first_by_executemany() -> bool:
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO scratch_note (text) VALUES (%s)", [("a",), ("b",)])
    return query(IS_OPEN) is True


def first_by_several() -> bool:
    # Whoever executes several statements finds the result of the first one, and then the others.
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1; SELECT 2")
        found = [cursor.fetchone()]
        assert cursor.nextset()
        return [*found, cursor.fetchone()] == [(1,), (2,)]


def first_by_update() -> bool:
    return Note.objects.update(text="c") == 0 and query(IS_OPEN) is True


def refused_by_psycopg() -> object:
    return Note.objects.filter(text="NUL: \0").exists()


def refused_by_the_parser() -> object:
    return query("SELEC 1")


class TestBegins:
    """With its first statement, in one round trip."""

    @pytest.mark.parametrize(
        "first",
        [
            first_by_cursor,
            first_by_iterator,
            first_by_executemany,
            first_by_several,
            first_by_update,
        ],
    )
    async def test_whatever_its_first_statement_is(
        self, scratch: Scratch, first: Callable[[], bool]
    ) -> None:
        owner = uuid4()
        async with scratch.database.transaction(owner=owner) as tx:
            assert await scratch.database.run(first)
            assert await scratch.database.run(query, OWNER) == str(owner)
            tx.set_rollback()

        assert scratch.committed() == set()
        assert await scratch.database.run(query, OWNER) == ""

    async def test_with_djangos_own_asynchronous_methods(self, scratch: Scratch) -> None:
        async with scratch.database.transaction() as tx:
            await Note.objects.acreate(text="a")
            tx.set_rollback()

        assert scratch.committed() == set()

    async def test_not_at_all_without_a_statement(self, scratch: Scratch) -> None:
        async with scratch.database.transaction():
            await scratch.database.run(lambda: None)

        await scratch.add("a")

        assert scratch.committed() == {"a"}

    @pytest.mark.parametrize("failing", [refused_by_psycopg, refused_by_the_parser])
    async def test_with_the_next_statement_if_the_first_never_ran(
        self, scratch: Scratch, failing: Callable[[], object]
    ) -> None:
        owner = uuid4()
        async with scratch.database.transaction(owner=owner) as tx:
            with pytest.raises(Error):
                await scratch.database.run(failing)
            assert await scratch.database.run(query, OWNER) == str(owner)
            await scratch.add("a")
            tx.set_rollback()

        assert scratch.committed() == set()

    async def test_so_that_cursors_of_the_server_end_with_it(self, scratch: Scratch) -> None:
        await scratch.add("a")
        await scratch.add("b")
        notes = Note.objects.order_by("id").select_for_update().iterator(chunk_size=1)

        async with scratch.database.transaction():
            assert await scratch.database.run(lambda: next(notes).text) == "a"
            assert await scratch.database.run(query, CURSORS) == 1

        assert await scratch.database.run(query, CURSORS) == 0

    async def test_a_snapshot_with_its_first_statement(self, scratch: Scratch) -> None:
        async with scratch.database.transaction(snapshot=True):
            assert await scratch.texts() == set()
            scratch.beside.execute("INSERT INTO scratch_note (text) VALUES ('later')")
            assert await scratch.texts() == set()
