"""The same bytes are one import, however often they are sent."""

from dataclasses import replace

import pytest

from adapters.statements.ofx import OfxReader
from dashtam.application.ledger.csv_profiles import SaveCsvProfile
from dashtam.application.ledger.import_pipeline import ImportPipeline
from dashtam.application.ledger.process_queued import ProcessQueuedImport
from dashtam.application.ledger.submit_import import EnqueueImport
from dashtam.application.ledger.transactions import DeleteTransaction
from dashtam.application.ledger.undo_import import UndoImport
from domain.ledger.errors import HintNeeded, UnreadableStatement
from domain.ledger.hints import NO_HINTS, CsvColumn, CsvProfile, DateOrder, ReadingHints
from domain.ledger.imports import ImportRequest, StatementImport
from domain.ledger.values import Removal, StatementFile
from domain.shared.ids import AccountId, TransactionId, UserId, new_id
from domain.shared.result import Failure, Result, Success
from tests.application.conftest import Application
from tests.application.ledger.queued import MARCH, enqueue, received_event, reloaded
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


async def test_the_same_bytes_are_the_same_import_and_not_read(
    app: Application, user_id: UserId
) -> None:
    first = await import_file(app.use(ImportPipeline), user_id)
    trail, announced = list(app.trail), list(app.announced)

    repeated = await import_file(blind(app), user_id)

    assert repeated == first
    assert (first.is_resubmitted, repeated.is_resubmitted) == (False, True)
    assert (list(app.store.imports), len(app.store.imported_rows)) == ([first.id], 3)
    assert app.announced == announced
    assert app.trail == [*trail, ("statement.resubmitted", "success")]
    assert app.store.entries[-1].resource_id == first.id
    unknown = await blind(app)(ImportRequest(user_id=user_id, file_name="x", content=MARCH + b" "))
    assert isinstance(unknown, Failure)


async def test_other_answers_or_another_account_make_another_import(
    app: Application, user_id: UserId
) -> None:
    first = await import_file(app.use(ImportPipeline), user_id)
    account_id = AccountId(next(iter(app.store.accounts)))
    request = ImportRequest(user_id=user_id, file_name="x", content=MARCH)

    for said in (
        replace(request, hints=ReadingHints(currency="EUR")),
        replace(request, account_id=account_id),
    ):
        other = await app.use(ImportPipeline)(said)
        again = await app.use(ImportPipeline)(said)
        assert isinstance(other, Success)
        assert (other.value.id != first.id, other.value.new, other.value.same) == (True, 0, 3)
        assert again == other

    assert len(app.store.imports) == 3


async def test_reading_it_again_has_the_same_result(app: Application, user_id: UserId) -> None:
    first = await import_file(app.use(ImportPipeline), user_id)

    read = await import_file(of_release(app, "second"), user_id)

    assert (read.id != first.id, read.new, read.same, read.is_resubmitted) == (True, 0, 3, False)
    assert (await import_file(of_release(app, "second"), user_id)).id == read.id


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
    request = ImportRequest(user_id=user_id, file_name="x", content=MARCH)

    shown = await app.use(ImportPipeline).preview(request)
    await import_file(app.use(ImportPipeline), user_id)

    assert isinstance(shown, Success)
    assert (shown.value.outcome.same, shown.value.outcome.deleted) == (2, 1)
    assert app.store.transactions[deleted_id].removal is Removal.DELETED


async def test_an_import_that_was_undone_is_made_again(app: Application, user_id: UserId) -> None:
    first = await import_file(app.use(ImportPipeline), user_id)
    await import_file(app.use(ImportPipeline), user_id)
    await app.use(UndoImport)(import_id=first.id, user_id=user_id)
    assert all(row.removal for row in app.store.transactions.values())

    second = await import_file(app.use(ImportPipeline), user_id)

    assert (second.id != first.id, second.new) == (True, 3)
    assert not any(row.removal for row in app.store.transactions.values())


async def test_a_file_that_was_imported_while_it_was_read_is_not_imported_again(
    app: Application, user_id: UserId, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = app.world.imports.lock_asked
    others: list[StatementImport] = []

    async def meanwhile(digest: bytes, *, owner: UserId) -> object:
        monkeypatch.undo()
        others.append(await import_file(app.use(ImportPipeline), user_id))
        return await lock(digest, owner=owner)

    monkeypatch.setattr(app.world.imports, "lock_asked", meanwhile)

    done = await import_file(app.use(ImportPipeline), user_id)

    assert [done] == others
    assert (done.is_resubmitted, len(app.store.imports)) == (True, 1)


@pytest.mark.parametrize(
    ("header", "is_other"), [((), False), (("Day", "Amount"), False), (("Date", "Amount"), True)]
)
async def test_a_saved_profile_for_the_header_reads_a_csv_file_anew(
    app: Application, user_id: UserId, header: tuple[str, ...], *, is_other: bool
) -> None:
    content = b"Date,Amount\n2026-03-01,-4.50\n2026-03-02,9.00\n"
    said = ReadingHints(currency="EUR", account="mine")
    request = ImportRequest(user_id=user_id, file_name="x", content=content, hints=said)
    first = await app.use(ImportPipeline)(request)
    assert isinstance(first, Success)
    columns = {CsvColumn.BOOKING_DATE: 0, CsvColumn.AMOUNT: 1}
    profile = CsvProfile(
        header=header, date_order=DateOrder.YEAR_FIRST, charges_positive=True, columns=columns
    )
    saved = await app.use(SaveCsvProfile)(name="turned", profile=profile, user_id=user_id)
    assert isinstance(saved, Success)

    now = await app.use(ImportPipeline)(request)
    later = await app.use(EnqueueImport)(request)

    assert isinstance(now, Success)
    assert (now.value.id != first.value.id) is is_other
    assert later == now


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
        assert (again, again.is_resubmitted) == (first, True)

    async def test_is_read_as_it_was_answered_when_it_was_queued(
        self, app: Application, user_id: UserId
    ) -> None:
        first = await self._send(app, user_id, self.ANSWERS)
        assert first
        queued = await enqueue(app, user_id, self.CONTENT)

        await app.use(ProcessQueuedImport)(received_event(app))

        done = await reloaded(app, queued)
        assert (done.id != first.id, done.same, done.hints) == (True, 2, first.hints)

    async def test_asks_again_what_another_word_leaves_open(
        self, app: Application, user_id: UserId
    ) -> None:
        first = await self._send(app, user_id, self.ANSWERS)

        assert await self._send(app, user_id, ReadingHints(account="yours")) is None
        assert await self._send(app, user_id, ReadingHints(account="mine")) == first

    async def test_asks_again_after_it_is_undone(self, app: Application, user_id: UserId) -> None:
        first = await self._send(app, user_id, self.ANSWERS)
        assert first
        await app.use(UndoImport)(import_id=first.id, user_id=user_id)

        assert await self._send(app, user_id) is None
