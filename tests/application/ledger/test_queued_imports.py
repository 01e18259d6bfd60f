"""Files that are queued now and imported later."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from dashtam.application.ledger import post_statement
from dashtam.application.ledger.import_pipeline import ImportPipeline
from dashtam.application.ledger.process_queued import ProcessQueuedImport
from dashtam.application.ledger.progress import NoProgress
from dashtam.application.ledger.submit_import import EnqueueImport, ReimportStatement
from dashtam.application.ledger.undo_import import UndoImport
from domain.ledger.errors import (
    AccountNotFound,
    FileNotKept,
    ImportIsRunning,
    ImportIsUndone,
    Refusal,
)
from domain.ledger.events import StatementReceived
from domain.ledger.imports import ImportProgress, ImportRequest, ImportStatus
from domain.shared.errors import Unavailable
from domain.shared.events import Actor
from domain.shared.ids import AccountId, ImportId, UserId, new_id
from domain.shared.result import Failure, Success
from tests.application.conftest import Application
from tests.application.ledger.queued import HINTS, MARCH, enqueue, received_event, reloaded
from tests.factories import NOON
from tests.statements import days, ofx, statement, transaction

OUTAGE = Failure(Unavailable("The database is not available."))


@pytest.fixture
def user_id() -> UserId:
    return UserId(new_id())


class TestEnqueuing:
    async def test_stores_the_file_and_answers_that_it_waits(
        self, app: Application, user_id: UserId
    ) -> None:
        queued = await enqueue(app, user_id, hints=HINTS)

        assert await reloaded(app, queued) == queued
        assert (queued.status, queued.format, queued.size) == ("waiting", "", len(MARCH))
        assert (queued.hints, queued.statements) == (HINTS, [])
        assert list(app.store.files.values()) == [MARCH]
        assert app.trail[0] == ("statement.received", "success")
        assert app.store.entries[0].details == {"sha256": queued.digest.hex(), "size": len(MARCH)}
        assert app.announced == ["statement.received"]
        assert not app.store.transactions

    async def test_requires_an_account_of_the_user(self, app: Application, user_id: UserId) -> None:
        account_id = AccountId(new_id())

        queued = await app.use(EnqueueImport)(
            ImportRequest(user_id=user_id, file_name="x", content=MARCH, account_id=account_id)
        )

        assert queued == Failure(AccountNotFound("No such account."))
        assert app.trail == [("statement.receive", "failure")]
        assert (app.store.imports, app.store.files, app.announced) == ({}, {}, [])

    @pytest.mark.parametrize(("port", "method"), [("imports", "add"), ("files", "store")])
    async def test_an_outage_stores_nothing(
        self,
        app: Application,
        user_id: UserId,
        monkeypatch: pytest.MonkeyPatch,
        port: str,
        method: str,
    ) -> None:
        monkeypatch.setattr(getattr(app.world, port), method, _is_missing)

        queued = await app.use(EnqueueImport)(
            ImportRequest(user_id=user_id, file_name="x", content=MARCH)
        )

        assert queued == OUTAGE
        assert (app.store.imports, app.store.files, app.announced) == ({}, {}, [])


class TestProcessing:
    async def test_stores_the_rows_and_announces_it(
        self, app: Application, user_id: UserId
    ) -> None:
        queued = await enqueue(app, user_id)
        app.clock.at = NOON.replace(hour=13)

        assert await app.use(ProcessQueuedImport)(received_event(app)) == Success(None)

        done = await reloaded(app, queued)
        assert (done.status, done.new, done.format) == (ImportStatus.DONE, 3, "ofx")
        assert (done.id, done.digest, done.file_name) == (queued.id, queued.digest, "march.ofx")
        assert done.imported_at == NOON.replace(hour=13)
        assert len(app.store.transactions) == 3
        assert {row.import_id for row in app.store.transactions.values()} == {queued.id}
        assert app.announced[-1] in ("statement.imported", "account.added")
        assert "statement.imported" in app.announced

    async def test_has_the_same_result_as_an_immediate_import(
        self, app: Application, user_id: UserId
    ) -> None:
        now = await app.use(ImportPipeline)(
            ImportRequest(
                user_id=UserId(new_id()), file_name="march.ofx", content=MARCH, hints=HINTS
            )
        )
        queued = await enqueue(app, user_id, hints=HINTS)
        await app.use(ProcessQueuedImport)(received_event(app))

        assert isinstance(now, Success)
        done = await reloaded(app, queued)
        counts = [replace(each, id=None, account_id=None) for each in done.statements]  # type: ignore[arg-type]
        assert counts == [replace(e, id=None, account_id=None) for e in now.value.statements]  # type: ignore[arg-type]
        same = replace(now.value, id=done.id, user_id=user_id, statements=done.statements)
        assert done == same

    async def test_happens_once_however_often_the_event_is_delivered(
        self, app: Application, user_id: UserId
    ) -> None:
        await enqueue(app, user_id)
        for _ in range(3):
            assert await app.use(ProcessQueuedImport)(received_event(app)) == Success(None)

        assert app.announced.count("statement.imported") == 1
        assert len(app.store.transactions) == len(app.store.imported_rows) == 3

    async def test_the_same_file_twice_adds_nothing(
        self, app: Application, user_id: UserId
    ) -> None:
        queued = await enqueue(app, user_id)
        again = await enqueue(app, user_id)
        await app.use(ProcessQueuedImport)(received_event(app))
        over = await enqueue(app, user_id)

        assert [each.status for each in (queued, again, over)] == ["waiting", "waiting", "done"]
        assert {each.id for each in (queued, again, over)} == set(app.store.imports)
        assert [each.is_resubmitted for each in (queued, again, over)] == [False, True, True]
        assert app.announced.count("statement.received") == 1
        assert app.trail.count(("statement.resubmitted", "success")) == 2

    async def test_uses_the_account_that_was_chosen(
        self, app: Application, user_id: UserId
    ) -> None:
        await app.use(ImportPipeline)(ImportRequest(user_id=user_id, file_name="x", content=MARCH))
        account_id = AccountId(next(iter(app.store.accounts)))
        renumbered = ofx(statement(transaction(fitid="F9"), number="other"))
        queued = await enqueue(app, user_id, renumbered, account_id=account_id)

        await app.use(ProcessQueuedImport)(received_event(app))

        done = await reloaded(app, queued)
        assert [each.account_id for each in done.statements] == [account_id]
        assert done.account_id == account_id

    async def test_skips_an_import_that_was_deleted(
        self, app: Application, user_id: UserId
    ) -> None:
        event = StatementReceived(
            subject_id=new_id(), actor=Actor.user(user_id), occurred_at=NOON, sha256="", size=0
        )

        assert await app.use(ProcessQueuedImport)(event) == Success(None)
        assert app.trail == []


class TestRefusal:
    @pytest.mark.parametrize(
        ("content", "error"),
        [
            (b"", ("unreadable-statement", "The file is empty.")),
            (
                b"<OFX></OFX>",
                (
                    "unreadable-statement",
                    "The file contains no transactions and no balances: there is nothing to"
                    " import.",
                ),
            ),
            (b" " * 100_000 + b"x", ("statement-too-large", "A file has at most 100,000 bytes.")),
        ],
    )
    async def test_is_final_and_reported(
        self, app: Application, user_id: UserId, content: bytes, error: tuple[str, str]
    ) -> None:
        queued = await enqueue(app, user_id, content)
        for _ in range(2):
            assert await app.use(ProcessQueuedImport)(received_event(app)) == Success(None)

        failed = await reloaded(app, queued)
        assert (failed.status, failed.error) == (ImportStatus.FAILED, Refusal(*error))
        assert app.trail[1] == ("statement.refused", "failure")
        assert app.store.entries[1].details == {"error": error[0]}
        assert app.announced == ["statement.received", "statement.refused"]
        assert not app.store.transactions

    async def test_is_stored_without_values_of_the_file(
        self, app: Application, user_id: UserId
    ) -> None:
        days = b"Date,Amount,Payee\n46094,-1.00,Ann\n46095,2.00,Ben\n"
        queued = await enqueue(app, user_id, days)

        await app.use(ProcessQueuedImport)(received_event(app))

        failed = await reloaded(app, queued)
        assert failed.error is not None
        assert failed.error.detail.startswith("The dates below “…”: save the file again")

    async def test_of_a_file_that_is_no_longer_stored(
        self, app: Application, user_id: UserId
    ) -> None:
        queued = await enqueue(app, user_id)
        app.store.files.clear()

        assert await app.use(ProcessQueuedImport)(received_event(app)) == Success(None)

        failed = await reloaded(app, queued)
        assert failed.error == Refusal("import-not-found", "The file is no longer stored.")

    async def test_a_failed_import_can_be_deleted_with_its_file(
        self, app: Application, user_id: UserId
    ) -> None:
        queued = await enqueue(app, user_id, b"hello")
        await app.use(ProcessQueuedImport)(received_event(app))

        undone = await app.use(UndoImport)(import_id=queued.id, user_id=user_id)

        assert isinstance(undone, Success)
        assert undone.value.status is ImportStatus.UNDONE
        assert undone.value.error
        assert app.store.files == {}
        assert (await reloaded(app, queued)).status is ImportStatus.UNDONE
        reimported = await app.use(ReimportStatement)(import_id=queued.id, user_id=user_id)
        assert isinstance(reimported, Failure)
        assert isinstance(reimported.error, FileNotKept)


async def _is_missing(*args: object, **kwargs: object) -> object:
    return OUTAGE


class TestTransientFailures:
    @pytest.mark.parametrize(
        ("port", "method"),
        [
            ("imports", "lock"),
            ("imports", "allow_long_transaction"),
            ("imports", "complete"),
            ("files", "get"),
            ("accounts", "lock"),
            ("transactions", "add"),
            ("balances", "add"),
        ],
    )
    async def test_leave_the_import_pending(
        self,
        app: Application,
        user_id: UserId,
        monkeypatch: pytest.MonkeyPatch,
        port: str,
        method: str,
    ) -> None:
        queued = await enqueue(app, user_id)
        with monkeypatch.context() as patch:
            patch.setattr(getattr(app.world, port), method, _is_missing)

            assert await app.use(ProcessQueuedImport)(received_event(app)) == OUTAGE

        assert (await reloaded(app, queued)).status is ImportStatus.WAITING
        assert not app.store.transactions
        assert await app.use(ProcessQueuedImport)(received_event(app)) == Success(None)
        assert (await reloaded(app, queued)).new == 3

    async def test_another_worker_has_the_lock(
        self, app: Application, user_id: UserId, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        queued = await enqueue(app, user_id)
        busy = Failure(ImportIsRunning("The import is in progress. Try again later."))

        async def lock(*args: object, **kwargs: object) -> object:
            return busy

        monkeypatch.setattr(app.world.imports, "lock", lock)

        assert await app.use(ProcessQueuedImport)(received_event(app)) == busy
        assert await app.use(UndoImport)(import_id=queued.id, user_id=user_id) == busy

    async def test_the_account_cannot_be_looked_up(
        self, app: Application, user_id: UserId, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await app.use(ImportPipeline)(ImportRequest(user_id=user_id, file_name="x", content=MARCH))
        account_id = AccountId(next(iter(app.store.accounts)))
        queued = await enqueue(app, user_id, account_id=account_id)
        with monkeypatch.context() as patch:
            patch.setattr(app.world.accounts, "get", _is_missing)
            assert await app.use(ProcessQueuedImport)(received_event(app)) == OUTAGE

        assert (await reloaded(app, queued)).status is ImportStatus.WAITING


class TestWithdrawal:
    async def test_a_withdrawn_import_is_never_processed(
        self, app: Application, user_id: UserId
    ) -> None:
        queued = await enqueue(app, user_id)

        undone = await app.use(UndoImport)(import_id=queued.id, user_id=user_id)
        assert await app.use(ProcessQueuedImport)(received_event(app)) == Success(None)

        assert undone == Success(queued.undo(at=NOON))
        assert (await reloaded(app, queued)).status is ImportStatus.UNDONE
        assert not app.store.transactions
        assert app.store.entries[1].details == {"removed": 0, "restored": 0}

    async def test_happens_once(self, app: Application, user_id: UserId) -> None:
        queued = await enqueue(app, user_id)
        await app.use(UndoImport)(import_id=queued.id, user_id=user_id)

        repeated = await app.use(UndoImport)(import_id=queued.id, user_id=user_id)

        assert repeated == Failure(ImportIsUndone("The import has already been undone."))

    async def test_between_reading_and_storing(
        self, app: Application, user_id: UserId, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        queued = await enqueue(app, user_id)
        lock: Callable[..., Awaitable[Any]] = app.world.imports.lock
        requests = []

        async def withdrawn_meanwhile(import_id: ImportId, *, owner: UserId) -> Any:
            requests.append(import_id)
            if len(requests) == 2:
                app.store.imports[import_id] = queued.undo(at=NOON)
            return await lock(import_id, owner=owner)

        monkeypatch.setattr(app.world.imports, "lock", withdrawn_meanwhile)

        assert await app.use(ProcessQueuedImport)(received_event(app)) == Success(None)
        assert len(requests) == 2
        assert not app.store.transactions


class TestProgress:
    async def test_is_reported_for_every_batch(
        self, app: Application, user_id: UserId, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        progress: list[int] = []

        class Counted(NoProgress):
            async def advance(self, rows: int) -> None:
                progress.append(rows)

        monkeypatch.setattr(post_statement, "ROWS_AT_ONCE", 2)
        await app.use(ImportPipeline)(ImportRequest(user_id=user_id, file_name="x", content=MARCH))

        await app.use(ImportPipeline)(
            ImportRequest(user_id=user_id, file_name="x", content=ofx(statement(*days(8)))),
            progress=Counted(),
        )

        assert progress == [2, 2, 2, 2]

    async def test_is_reported_while_rows_are_stored_and_cleared_at_the_end(
        self, app: Application, user_id: UserId, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        reports: list[ImportProgress] = []
        set_progress = app.world.import_progress.set

        async def look(import_id: ImportId, progress: ImportProgress, *, owner: UserId) -> None:
            await set_progress(import_id, progress, owner=owner)
            found = await app.world.imports.get(import_id, owner=owner)
            assert isinstance(found, Success)
            assert found.value.status is ImportStatus.RUNNING
            assert found.value.progress is not None
            reports.append(found.value.progress)

        monkeypatch.setattr(app.world.import_progress, "set", look)
        queued = await enqueue(app, user_id, ofx(statement(*days(3)), statement(number="2")))

        await app.use(ProcessQueuedImport)(received_event(app))

        assert reports[:2] == [ImportProgress(0, 0), ImportProgress(3, 0)]
        assert reports[-1] == ImportProgress(3, 3)
        assert (await reloaded(app, queued)).progress is None
        assert app.store.progress == {}
