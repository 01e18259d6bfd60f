"""Adding a scheme of fingerprints: what is gone over, left alone, and known afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from asgiref.sync import async_to_sync
from hypothesis import given, settings
from hypothesis import strategies as st

from dashtam.application.ledger import add_fingerprints
from dashtam.application.ledger.add_fingerprints import AddedFingerprints
from dashtam.application.ledger.import_statement import ImportStatement
from domain.ledger.errors import SchemeNotFound
from domain.ledger.identity import Scheme
from domain.ledger.imports import StatementImport
from domain.shared.errors import Unavailable
from domain.shared.ids import ImportId, UserId, new_id
from domain.shared.result import Failure, Result, Success
from tests.application.conftest import Application, in_memory
from tests.fakes import Store
from tests.fingerprint_fakes import InMemoryFingerprintRepository
from tests.schemes import with_exact_text, without_punctuation
from tests.statements import days, ofx, statement, transaction

MARCH = ofx(statement(*days(3)))
OTHER = ofx(statement(*days(2)))


@pytest.fixture
def user_id() -> UserId:
    return UserId(new_id())


async def bring(
    app: Application, user_id: UserId, content: bytes, scheme: Scheme | None = None
) -> StatementImport:
    done = await importing(app, scheme)(user_id=user_id, file_name="x", content=content)
    assert isinstance(done, Success)
    return done.value


def importing(app: Application, scheme: Scheme | None) -> ImportStatement:
    """Return the use case as it is, or as the release has it in which this scheme is current."""
    if scheme is None:
        return app.import_statement
    bring = app.import_statement.bring_statement
    bring = replace(
        bring,
        enter_statement=replace(bring.enter_statement, scheme=scheme),
        repeat_import=replace(bring.repeat_import, edition=scheme.__name__),
    )
    return replace(app.import_statement, bring_statement=bring)


async def add(app: Application, user_id: UserId) -> AddedFingerprints:
    done = await app.add_fingerprints(user_id=user_id, scheme=2)
    assert isinstance(done, Success)
    return done.value


class TestAdding:
    async def test_goes_over_all_that_was_imported(self, app: Application, user_id: UserId) -> None:
        first = await bring(app, user_id, MARCH)
        await bring(app, UserId(new_id()), MARCH)
        before = app.store.snapshot()

        assert await add(app, user_id) == AddedFingerprints(1, 3)

        touched = {name for name, table in before.items() if table != getattr(app.store, name)}
        assert touched == {"fingerprints", "schemes", "entries"}
        entry = app.store.entries[-1]
        assert (entry.action, entry.resource_id) == ("fingerprints.added", first.id)
        assert entry.details == {"scheme": 2, "count": 3}
        assert "fingerprints.added" not in app.announced

    async def test_what_is_known_is_not_told_again(self, app: Application, user_id: UserId) -> None:
        await bring(app, user_id, MARCH)
        await add(app, user_id)
        trail = [*app.trail]

        assert await add(app, user_id) == AddedFingerprints(1, 0)
        assert app.trail == trail

    async def test_the_scheme_rows_were_entered_by_adds_nothing(
        self, app: Application, user_id: UserId
    ) -> None:
        await bring(app, user_id, MARCH)

        done = await app.add_fingerprints(user_id=user_id, scheme=1)

        assert done == Success(AddedFingerprints(1, 0))

    async def test_there_must_be_such_a_scheme(self, app: Application, user_id: UserId) -> None:
        done = await app.add_fingerprints(user_id=user_id, scheme=7)

        assert done == Failure(SchemeNotFound("There is no scheme 7. Known: 1, 2."))
        assert app.trail == [("fingerprints.add", "failure")]

    async def test_goes_page_by_page(
        self, app: Application, user_id: UserId, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(add_fingerprints, "IMPORTS_AT_ONCE", 2)
        done = [await bring(app, user_id, ofx(statement(row))) for row in days(5)]
        await app.undo_import(import_id=done[1].id, user_id=user_id)

        assert await add(app, user_id) == AddedFingerprints(5, 5)

    async def test_what_stands_comes_before_what_is_undone(
        self, app: Application, user_id: UserId
    ) -> None:
        plain, marked = (
            ofx(statement(transaction("-1.00", "20260301", "", name))) for name in ("X", "X.")
        )
        undone = await bring(app, user_id, plain)
        await app.undo_import(import_id=undone.id, user_id=user_id)
        standing = await bring(app, user_id, marked)
        await add(app, user_id)

        again = await bring(app, user_id, marked, without_punctuation)

        assert (again.new, again.same) == (0, 1)
        assert standing.new == 1

    async def test_stops_when_the_store_is_away(self, app: Application, user_id: UserId) -> None:
        await bring(app, user_id, MARCH)
        away = replace(app.add_fingerprints, fingerprints=Away(app.store))

        done = await away(user_id=user_id, scheme=2)

        assert done == Failure(Unavailable("The database is away."))
        assert not app.store.fingerprints


class Away(InMemoryFingerprintRepository):
    """Goes away before it is written to."""

    async def add(self, *args: object, **kwargs: object) -> Result[int, Unavailable]:
        return Failure(Unavailable("The database is away."))


class TestWhatDiffers:
    async def test_a_file_that_reads_otherwise_is_left_alone(
        self, app: Application, user_id: UserId
    ) -> None:
        done = [await bring(app, user_id, content) for content in (OTHER, MARCH)]
        # As if a reader had learnt to read a row more, and the first file had it.
        app.store.files[user_id, done[0].digest] = MARCH

        assert await add(app, user_id) == AddedFingerprints(2, 3, [done[0].id])

    async def test_a_statement_more_is_another_file(
        self, app: Application, user_id: UserId
    ) -> None:
        done = await bring(app, user_id, MARCH)
        empty = statement(number="other")
        app.store.files[user_id, done.digest] = ofx(statement(*days(3)), empty)

        assert await add(app, user_id) == AddedFingerprints(1, 0, [done.id])

    @pytest.mark.parametrize("content", [b"hello", b"", b"x" * 200_000])
    async def test_a_file_that_cannot_be_read(
        self, app: Application, user_id: UserId, content: bytes
    ) -> None:
        done = await bring(app, user_id, MARCH)
        app.store.files[user_id, done.digest] = content

        assert (await add(app, user_id)).differing == [done.id]
        assert not app.store.fingerprints

    async def test_a_file_that_is_not_kept(self, app: Application, user_id: UserId) -> None:
        done = await bring(app, user_id, MARCH)
        app.store.files.clear()

        assert (await add(app, user_id)).differing == [done.id]


# What a bank may write: some of it the second scheme holds to be alike, some the third does not.
ROWS = [
    transaction("-1.00", "20260301", fitid, name)
    for fitid in ("", "A1")
    for name in ("Bakery", "Bakery.", "BAKERY", "Music")
]
statements = st.lists(st.lists(st.sampled_from(ROWS), min_size=1, max_size=5), max_size=5)
SCHEMES: Mapping[int, Scheme] = {2: without_punctuation, 3: with_exact_text}


@settings(max_examples=150, deadline=None)
@given(statements, st.sampled_from(sorted(SCHEMES)), st.data())
def test_no_row_is_entered_twice(files: list[list[str]], scheme: int, data: st.DataObject) -> None:
    app, user_id = in_memory(), UserId(new_id())
    again = data.draw(st.permutations(range(len(files))))
    undone = data.draw(st.sets(st.sampled_from(again))) if files else set()

    async_to_sync(_upgrade)(app, user_id, files, scheme, again, undone)


async def _upgrade(
    app: Application,
    user_id: UserId,
    files: Sequence[Sequence[str]],
    scheme: int,
    again: Sequence[int],
    undone: set[int],
) -> None:
    """Import all, change the scheme, import all again, and take some of the first back."""
    contents = [ofx(statement(*rows)) for rows in files]
    first = [await bring(app, user_id, content) for content in contents]
    held = _rows(app.store)
    upgrade = replace(app.add_fingerprints, schemes=SCHEMES)
    assert isinstance(await upgrade(user_id=user_id, scheme=scheme), Success)
    assert _rows(app.store) == held

    for number in again:
        done = await bring(app, user_id, contents[number], SCHEMES[scheme])
        assert (done.new, done.conflict, done.same) == (0, 0, len(files[number]))
        # Rows that were one by the old scheme and are two by a finer one may be one still.
        assert scheme == 3 or _distinct(app.store, done.id) == len(files[number])

    assert _rows(app.store) == held
    for number in undone:
        await app.undo_import(import_id=first[number].id, user_id=user_id)
    standing = [row for row in app.store.transactions.values() if row.removal is None]
    if scheme == 2:
        assert len(standing) >= max(map(len, files), default=0)


def _rows(store: Store) -> set[tuple[object, ...]]:
    return {(row.id, row.identity, row.import_id) for row in store.transactions.values()}


def _distinct(store: Store, import_id: ImportId) -> int:
    return len({each.transaction_id for each in store.sightings if each.import_id == import_id})
