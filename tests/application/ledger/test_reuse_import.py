"""A file that is brought once more is not read again, and comes to the same."""

from dataclasses import replace

import pytest

from dashtam.application.ledger.import_pipeline import ImportPipeline
from dashtam.application.ledger.post_statement import NO_PROGRESS, NoProgress
from dashtam.application.ledger.reuse_import import DuplicateFile
from dashtam.application.ledger.transactions import DeleteTransaction
from dashtam.application.ledger.undo_import import UndoImport
from domain.ledger.entities import ImportedRow
from domain.ledger.imports import ImportRequest, StatementImport
from domain.ledger.values import MatchResult
from domain.shared.errors import ConcurrencyConflict
from domain.shared.ids import ImportId, TransactionId, UserId, new_id
from domain.shared.result import Failure, Success
from tests.application.conftest import Application
from tests.application.ledger.queued import MARCH
from tests.ports import with_ports
from tests.statements import days, ofx, statement


@pytest.fixture
def user_id() -> UserId:
    return UserId(new_id())


def of_release(app: Application, reader_version: str) -> ImportPipeline:
    """Return the use case as another release has it."""
    return with_ports(app.use_cases, reader_version=reader_version).use(ImportPipeline)


def blind(app: Application) -> ImportPipeline:
    """Return the use case with nothing that could read."""
    return with_ports(app.use_cases, statement_readers=[]).use(ImportPipeline)


async def bring(
    use_case: ImportPipeline, user_id: UserId, content: bytes = MARCH
) -> StatementImport:
    done = await use_case(ImportRequest(user_id=user_id, file_name="x", content=content))
    assert isinstance(done, Success)
    return done.value


async def test_it_is_not_read_again(app: Application, user_id: UserId) -> None:
    first = await bring(app.use(ImportPipeline), user_id)

    again = await bring(blind(app), user_id)

    assert (again.new, again.same, again.id != first.id) == (0, 3, True)
    assert again.statements[0].closing == first.statements[0].closing
    assert again.statements[0].id != first.statements[0].id
    unknown = await blind(app)(ImportRequest(user_id=user_id, file_name="x", content=MARCH + b" "))
    assert isinstance(unknown, Failure)


async def test_reading_it_comes_to_the_same(app: Application, user_id: UserId) -> None:
    await bring(app.use(ImportPipeline), user_id)
    known = await bring(app.use(ImportPipeline), user_id)
    read = await bring(of_release(app, "second"), user_id)

    assert (known.new, known.same, known.deleted) == (read.new, read.same, read.deleted)
    assert seen(app, read) == seen(app, known) != []


def seen(app: Application, of: StatementImport) -> list[ImportedRow]:
    """Return what an import states, whichever it is."""
    mine = [each for each in app.store.imported_rows if each.import_id == of.id]
    return [replace(each, import_id=ImportId(of.user_id)) for each in mine]


async def test_another_release_reads_again(app: Application, user_id: UserId) -> None:
    await bring(app.use(ImportPipeline), user_id)
    second = with_ports(app.use_cases, reader_version="second", statement_readers=[])

    done = await second.use(ImportPipeline)(
        ImportRequest(user_id=user_id, file_name="x", content=MARCH)
    )

    assert isinstance(done, Failure)


async def test_of_somebody_else_it_is_read(app: Application, user_id: UserId) -> None:
    await bring(app.use(ImportPipeline), UserId(new_id()))

    done = await blind(app)(ImportRequest(user_id=user_id, file_name="x", content=MARCH))

    assert isinstance(done, Failure)


async def test_what_was_deleted_since_is_told(app: Application, user_id: UserId) -> None:
    await bring(app.use(ImportPipeline), user_id)
    gone = TransactionId(next(iter(app.store.transactions)))
    assert await app.use(DeleteTransaction)(transaction_id=gone, user_id=user_id) == Success(None)

    again = await bring(blind(app), user_id)

    assert (again.same, again.deleted) == (2, 1)


async def test_it_stands_when_the_first_is_undone(app: Application, user_id: UserId) -> None:
    first = await bring(app.use(ImportPipeline), user_id)
    again = await bring(app.use(ImportPipeline), user_id)

    await app.use(UndoImport)(import_id=first.id, user_id=user_id)

    assert not any(row.removal for row in app.store.transactions.values())
    await app.use(UndoImport)(import_id=again.id, user_id=user_id)
    assert all(row.removal for row in app.store.transactions.values())
    assert (await bring(app.use(ImportPipeline), user_id)).new == 3


async def test_one_that_is_undone_meanwhile_is_tried_again(
    app: Application, user_id: UserId
) -> None:
    first = await bring(app.use(ImportPipeline), user_id)
    pipeline = app.use(ImportPipeline)
    known = await pipeline.prepare(ImportRequest(user_id=user_id, file_name="x", content=MARCH))
    assert isinstance(known, Success)
    assert isinstance(known.value, DuplicateFile)
    assert known.value.original == first
    await app.use(UndoImport)(import_id=first.id, user_id=user_id)

    with pytest.raises(ConcurrencyConflict):
        async with app.world.unit_of_work(owner=user_id):
            await pipeline.post(known.value, ImportId(new_id()), NO_PROGRESS)

    assert (await bring(app.use(ImportPipeline), user_id)).new == 3


async def test_progress_is_told_of_it(app: Application, user_id: UserId) -> None:
    told: list[int] = []

    class Counted(NoProgress):
        async def begin(self, rows: int) -> None:
            told.append(rows)

        async def advance(self, rows: int) -> None:
            told.append(rows)

    content = ofx(statement(*days(8)))
    await bring(app.use(ImportPipeline), user_id, content)

    done = await app.use(ImportPipeline)(
        ImportRequest(user_id=user_id, file_name="x", content=content), progress=Counted()
    )

    assert isinstance(done, Success)
    assert told == [8, 8]
    assert {each.result for each in app.store.imported_rows if each.import_id == done.value.id} == {
        MatchResult.SAME
    }
