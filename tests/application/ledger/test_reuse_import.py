"""A duplicate file is not parsed again, and has the same result."""

from dataclasses import replace

import pytest

from adapters.statements.ofx import OfxReader
from dashtam.application.ledger.import_pipeline import ImportPipeline
from dashtam.application.ledger.progress import NO_PROGRESS, NoProgress
from dashtam.application.ledger.reuse_import import DuplicateFile
from dashtam.application.ledger.transactions import DeleteTransaction
from dashtam.application.ledger.undo_import import UndoImport
from domain.ledger.errors import HintNeeded, UnreadableStatement
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.imported import ImportedRow
from domain.ledger.imports import ImportRequest, StatementImport
from domain.ledger.values import MatchResult, StatementFile
from domain.shared.errors import ConcurrencyConflict
from domain.shared.ids import ImportId, TransactionId, UserId, new_id
from domain.shared.result import Failure, Result, Success
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


async def import_file(
    use_case: ImportPipeline, user_id: UserId, content: bytes = MARCH
) -> StatementImport:
    done = await use_case(ImportRequest(user_id=user_id, file_name="x", content=content))
    assert isinstance(done, Success)
    return done.value


async def test_a_duplicate_file_is_not_parsed_again(app: Application, user_id: UserId) -> None:
    first = await import_file(app.use(ImportPipeline), user_id)

    repeated = await import_file(blind(app), user_id)

    assert (repeated.new, repeated.same, repeated.id != first.id) == (0, 3, True)
    assert repeated.statements[0].closing == first.statements[0].closing
    assert repeated.statements[0].id != first.statements[0].id
    unknown = await blind(app)(ImportRequest(user_id=user_id, file_name="x", content=MARCH + b" "))
    assert isinstance(unknown, Failure)


async def test_parsing_it_again_has_the_same_result(app: Application, user_id: UserId) -> None:
    await import_file(app.use(ImportPipeline), user_id)
    reused = await import_file(app.use(ImportPipeline), user_id)
    read = await import_file(of_release(app, "second"), user_id)

    assert (reused.new, reused.same, reused.deleted) == (read.new, read.same, read.deleted)
    assert seen(app, read) == seen(app, reused) != []


def seen(app: Application, of: StatementImport) -> list[ImportedRow]:
    """Return what an import states, whichever it is."""
    mine = [each for each in app.store.imported_rows if each.import_id == of.id]
    return [replace(each, import_id=ImportId(of.user_id)) for each in mine]


async def test_a_new_reader_version_parses_again(app: Application, user_id: UserId) -> None:
    await import_file(app.use(ImportPipeline), user_id)
    second = with_ports(app.use_cases, reader_version="second", statement_readers=[])

    done = await second.use(ImportPipeline)(
        ImportRequest(user_id=user_id, file_name="x", content=MARCH)
    )

    assert isinstance(done, Failure)


class ReaderWithPayees:
    """Reads the first file anew: it finds who was paid."""

    format = "ofx"

    def recognises(self, head: bytes) -> bool:
        return True

    def read(
        self, content: bytes, hints: ReadingHints = NO_HINTS
    ) -> Result[StatementFile, UnreadableStatement]:
        read = OfxReader().read(content, hints)
        assert isinstance(read, Success)
        statements = [
            replace(each, rows=[replace(row, payee=f"Who {row.line}") for row in each.rows])
            for each in read.value.statements
        ]
        return Success(replace(read.value, statements=statements))


async def test_readers_that_find_more_fill_it_into_what_is_there(
    app: Application, user_id: UserId
) -> None:
    first = await import_file(app.use(ImportPipeline), user_id)
    other = ofx(statement(*days(2)))
    assert (await import_file(app.use(ImportPipeline), user_id, other)).new == 0
    second = with_ports(
        app.use_cases, reader_version="second", statement_readers=[ReaderWithPayees()]
    ).use(ImportPipeline)

    # Another file changes nothing of what this one says.
    await import_file(second, user_id, other + b" ")
    before = list(app.store.transactions.values())
    again = await import_file(second, user_id)

    assert (again.new, again.same) == (0, 3)
    assert not any(each.payee.startswith("Who") for each in before)
    assert [(each.import_id, each.payee) for each in app.store.transactions.values()] == [
        (first.id, f"Who {each.line}") for each in before
    ]
    # Nor does undoing the second import take it away: it is the reading of the first, too.
    await app.use(UndoImport)(import_id=again.id, user_id=user_id)
    assert all(each.payee.startswith("Who") for each in app.store.transactions.values())


async def test_another_users_file_is_parsed_again(app: Application, user_id: UserId) -> None:
    await import_file(app.use(ImportPipeline), UserId(new_id()))

    done = await blind(app)(ImportRequest(user_id=user_id, file_name="x", content=MARCH))

    assert isinstance(done, Failure)


async def test_a_deletion_since_the_first_import_is_respected(
    app: Application, user_id: UserId
) -> None:
    await import_file(app.use(ImportPipeline), user_id)
    deleted_id = TransactionId(next(iter(app.store.transactions)))
    assert await app.use(DeleteTransaction)(transaction_id=deleted_id, user_id=user_id) == Success(
        None
    )

    repeated = await import_file(blind(app), user_id)

    assert (repeated.same, repeated.deleted) == (2, 1)


async def test_a_reused_import_survives_undoing_the_first(
    app: Application, user_id: UserId
) -> None:
    first = await import_file(app.use(ImportPipeline), user_id)
    repeated = await import_file(app.use(ImportPipeline), user_id)

    await app.use(UndoImport)(import_id=first.id, user_id=user_id)

    assert not any(row.removal for row in app.store.transactions.values())
    await app.use(UndoImport)(import_id=repeated.id, user_id=user_id)
    assert all(row.removal for row in app.store.transactions.values())
    assert (await import_file(app.use(ImportPipeline), user_id)).new == 3


async def test_a_duplicate_that_is_undone_meanwhile_causes_a_retry(
    app: Application, user_id: UserId
) -> None:
    first = await import_file(app.use(ImportPipeline), user_id)
    pipeline = app.use(ImportPipeline)
    prepared = await pipeline.prepare(ImportRequest(user_id=user_id, file_name="x", content=MARCH))
    assert isinstance(prepared, Success)
    assert isinstance(prepared.value, DuplicateFile)
    assert prepared.value.original == first
    await app.use(UndoImport)(import_id=first.id, user_id=user_id)

    with pytest.raises(ConcurrencyConflict):
        async with app.world.unit_of_work(owner=user_id):
            await pipeline.post(prepared.value, ImportId(new_id()), NO_PROGRESS)

    assert (await import_file(app.use(ImportPipeline), user_id)).new == 3


async def test_progress_is_reported_for_a_reused_import(app: Application, user_id: UserId) -> None:
    progress: list[int] = []

    class Counted(NoProgress):
        async def begin(self, rows: int) -> None:
            progress.append(rows)

        async def advance(self, rows: int) -> None:
            progress.append(rows)

    content = ofx(statement(*days(8)))
    await import_file(app.use(ImportPipeline), user_id, content)

    done = await app.use(ImportPipeline)(
        ImportRequest(user_id=user_id, file_name="x", content=content), progress=Counted()
    )

    assert isinstance(done, Success)
    assert progress == [8, 8]
    assert {each.result for each in app.store.imported_rows if each.import_id == done.value.id} == {
        MatchResult.SAME
    }


class TestFileWithQuestions:
    CONTENT = b"Date,Amount\n2026-03-01,-4.50\n2026-03-02,-9.00\n"
    ANSWERS = ReadingHints(currency="EUR", account="mine")

    async def _send(
        self, app: Application, user_id: UserId, hints: ReadingHints = NO_HINTS
    ) -> StatementImport | None:
        request = ImportRequest(user_id=user_id, file_name="x", content=self.CONTENT, hints=hints)
        done = await app.use(ImportPipeline)(request)
        if isinstance(done, Failure):
            assert isinstance(done.error, HintNeeded)
            return None
        return done.value

    async def test_asks_none_that_was_answered(self, app: Application, user_id: UserId) -> None:
        assert await self._send(app, user_id) is None
        assert await self._send(app, UserId(new_id()), self.ANSWERS)
        assert await self._send(app, user_id) is None
        first = await self._send(app, user_id, self.ANSWERS)
        assert first

        again = await self._send(app, user_id)

        assert again
        assert (again.new, again.same, again.hints) == (0, 2, first.hints)

    async def test_asks_again_what_another_word_leaves_open(
        self, app: Application, user_id: UserId
    ) -> None:
        assert await self._send(app, user_id, self.ANSWERS)

        assert await self._send(app, user_id, ReadingHints(account="yours")) is None
        again = await self._send(app, user_id, ReadingHints(account="mine"))
        assert again
        assert again.same == 2

    async def test_asks_again_after_it_is_undone(self, app: Application, user_id: UserId) -> None:
        first = await self._send(app, user_id, self.ANSWERS)
        assert first
        await app.use(UndoImport)(import_id=first.id, user_id=user_id)

        assert await self._send(app, user_id) is None
