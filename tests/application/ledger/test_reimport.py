"""Importing a stored file again, queueing large ones, and listing rows."""

import pytest

from dashtam.application.ledger.import_pipeline import ImportPipeline
from dashtam.application.ledger.import_queries import ListImportRows
from dashtam.application.ledger.process_queued import ProcessQueuedImport
from dashtam.application.ledger.submit_import import ReimportStatement, SubmitImport
from dashtam.application.ledger.undo_import import UndoImport
from domain.ledger.errors import FileNotKept, ImportNotFound
from domain.ledger.imports import ImportRequest, ImportStatus
from domain.shared.ids import ImportId, UserId, new_id
from domain.shared.result import Failure, Success
from tests.application.conftest import Application
from tests.application.ledger.queued import HINTS, MARCH, enqueue, received_event, reloaded
from tests.statements import days, ofx, statement


@pytest.fixture
def user_id() -> UserId:
    return UserId(new_id())


class TestReimport:
    async def test_uses_the_same_file_and_hints(self, app: Application, user_id: UserId) -> None:
        first = await app.use(ImportPipeline)(
            ImportRequest(user_id=user_id, file_name="march.ofx", content=MARCH, hints=HINTS)
        )
        assert isinstance(first, Success)

        await app.use(UndoImport)(import_id=first.value.id, user_id=user_id)
        reimported = await app.use(ReimportStatement)(import_id=first.value.id, user_id=user_id)

        assert isinstance(reimported, Success)
        assert reimported.value.id != first.value.id
        assert (reimported.value.digest, reimported.value.hints) == (first.value.digest, HINTS)
        assert (reimported.value.file_name, reimported.value.account_id) == ("march.ofx", None)

    async def test_of_an_active_import_is_that_import(
        self, app: Application, user_id: UserId
    ) -> None:
        request = ImportRequest(user_id=user_id, file_name="x", content=MARCH, hints=HINTS)
        first = await app.use(ImportPipeline)(request)
        assert isinstance(first, Success)

        reimported = await app.use(ReimportStatement)(import_id=first.value.id, user_id=user_id)

        assert reimported == first
        assert list(app.store.imports) == [first.value.id]
        assert app.trail[-1] == ("statement.resubmitted", "success")
        assert app.store.entries[-1].resource_id == first.value.id

    async def test_restores_what_was_undone(self, app: Application, user_id: UserId) -> None:
        first = await app.use(ImportPipeline)(
            ImportRequest(user_id=user_id, file_name="x", content=MARCH)
        )
        assert isinstance(first, Success)
        ids = set(app.store.transactions)
        await app.use(UndoImport)(import_id=first.value.id, user_id=user_id)

        reimported = await app.use(ReimportStatement)(import_id=first.value.id, user_id=user_id)

        assert isinstance(reimported, Success)
        assert reimported.value.new == 3
        assert set(app.store.transactions) == ids
        assert not any(row.removal for row in app.store.transactions.values())

    async def test_of_a_large_file_is_queued(self, app: Application, user_id: UserId) -> None:
        large = MARCH + b"\n" * 10_000
        first = await app.use(ImportPipeline)(
            ImportRequest(user_id=user_id, file_name="x", content=large)
        )
        assert isinstance(first, Success)
        await app.use(UndoImport)(import_id=first.value.id, user_id=user_id)

        reimported = await app.use(ReimportStatement)(import_id=first.value.id, user_id=user_id)

        assert isinstance(reimported, Success)
        assert reimported.value.status is ImportStatus.WAITING
        await app.use(ProcessQueuedImport)(received_event(app))
        assert (await reloaded(app, reimported.value)).new == 3

    async def test_is_refused_to_another_user(self, app: Application, user_id: UserId) -> None:
        queued = await enqueue(app, user_id)
        missing = Failure(ImportNotFound("No such import."))

        for import_id, asking in ((queued.id, UserId(new_id())), (ImportId(new_id()), user_id)):
            reimported = await app.use(ReimportStatement)(import_id=import_id, user_id=asking)
            assert reimported == missing
            assert app.trail[-1] == ("statement.reimport", "failure")

    async def test_needs_the_stored_file(self, app: Application, user_id: UserId) -> None:
        queued = await enqueue(app, user_id)
        app.store.files.clear()

        reimported = await app.use(ReimportStatement)(import_id=queued.id, user_id=user_id)

        assert isinstance(reimported, Failure)
        assert isinstance(reimported.error, FileNotKept)


class TestSubmitting:
    @pytest.mark.parametrize(
        ("size", "background", "status"),
        [(10_000, False, "done"), (10_001, False, "waiting"), (9_000, True, "waiting")],
    )
    async def test_large_files_are_queued(
        self, app: Application, user_id: UserId, size: int, background: bool, status: str
    ) -> None:
        submitted = await app.use(SubmitImport)(
            ImportRequest(
                user_id=user_id, file_name="x", content=MARCH.ljust(size), background=background
            )
        )

        assert isinstance(submitted, Success)
        assert submitted.value.status == status


class TestRows:
    async def test_are_in_file_order(self, app: Application, user_id: UserId) -> None:
        queued = await enqueue(app, user_id)
        await app.use(ProcessQueuedImport)(received_event(app))

        page = await app.use(ListImportRows)(
            import_id=queued.id, user_id=user_id, after=None, limit=2
        )
        assert isinstance(page, Success)
        rest = await app.use(ListImportRows)(
            import_id=queued.id, user_id=user_id, after=page.value.next, limit=2
        )

        assert isinstance(rest, Success)
        rows = [*page.value.items, *rest.value.items]
        assert [row.line for row in rows] == sorted(row.line for row in rows)
        assert {row.transaction_id for row in rows} == set(app.store.transactions)
        assert rest.value.next is None
        assert app.trail[-1] == ("import_rows.viewed", "success")
        assert app.store.entries[-1].details == {"count": 1}

    async def test_are_visible_only_to_the_user(self, app: Application, user_id: UserId) -> None:
        queued = await enqueue(app, user_id)

        page = await app.use(ListImportRows)(
            import_id=queued.id, user_id=UserId(new_id()), after=None, limit=2
        )

        assert page == Failure(ImportNotFound("No such import."))
        assert app.trail[-1] == ("import_rows.view", "failure")

    async def test_are_listed_in_a_preview(self, app: Application, user_id: UserId) -> None:
        await app.use(ImportPipeline)(ImportRequest(user_id=user_id, file_name="x", content=MARCH))

        preview = await app.use(ImportPipeline).preview(
            ImportRequest(user_id=user_id, file_name="x", content=ofx(statement(*days(4))))
        )

        assert isinstance(preview, Success)
        assert [row.result for row in preview.value.rows.items] == ["same"] * 3 + ["new"]
        assert preview.value.rows.next is None
        assert len(app.store.imported_rows) == 3
