"""Imports by the relay: exactly once, with visible progress, and without a time limit."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from django.db import connection

from adapters.audit.models import AuditEntryModel
from adapters.events import Reactions
from adapters.persistence.database import Database
from adapters.persistence.ledger.imports import DjangoImportProgressStore
from adapters.persistence.ledger.models import (
    ImportedRowsModel,
    ImportModel,
    ProgressModel,
    TransactionModel,
)
from adapters.persistence.outbox.models import OutboxModel
from dashtam.application.identity.users import RegisterUser
from dashtam.application.ledger.import_pipeline import ImportPipeline
from dashtam.application.ledger.process_queued import ProcessQueuedImport
from dashtam.application.ledger.submit_import import EnqueueImport
from dashtam.application.ledger.undo_import import UndoImport
from dashtam.container import container
from domain.ledger.errors import ImportIsRunning
from domain.ledger.events import StatementReceived
from domain.ledger.imports import ImportProgress, ImportRequest, ImportStatus, StatementImport
from domain.shared.ids import ImportId, UserId, new_id
from domain.shared.result import Failure, Success
from tests.canaries import PASSWORD
from tests.statements import days, ofx, statement
from tests.waiting import MOST_LOOKS, PAUSE_SECONDS

pytestmark = pytest.mark.usefixtures("committing_database")
MARCH = ofx(statement(*days(5)))
BUSY = Failure(ImportIsRunning("The import is in progress. Try again later."))


async def _user() -> UserId:
    made = await container.use(RegisterUser)(email="ada@example.org", password=PASSWORD)
    assert isinstance(made, Success)
    await container.drain()
    return made.value.id


async def _enqueue(user_id: UserId, content: bytes = MARCH) -> StatementImport:
    queued = await container.use(EnqueueImport)(
        ImportRequest(user_id=user_id, file_name="march.ofx", content=content)
    )
    assert isinstance(queued, Success)
    await container.publisher.drain()
    return queued.value


async def _reloaded(queued: StatementImport) -> StatementImport:
    async with container.ports.unit_of_work(owner=queued.user_id):
        found = await container.ports.imports.get(queued.id, owner=queued.user_id)
    assert isinstance(found, Success)
    return found.value


async def _rows() -> int:
    """Return how many rows of imports there are."""
    return sum([len(each.lines) async for each in ImportedRowsModel.objects.all()])


def _undeliver() -> None:
    """Make a delivered event pending again, as if the process had ended before marking it."""
    OutboxModel.objects.filter(type="statement.received").update(
        delivered_at=None, leased_until=None
    )
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM outbox_inbox")


async def test_a_repeated_event_imports_once() -> None:
    queued = await _enqueue(await _user())
    for _ in range(3):
        assert (await container.relay.deliver_all())[1] == 0
        await sync_to_async(_undeliver)()

    assert (await _reloaded(queued)).new == 5
    assert await _rows() == await TransactionModel.objects.acount() == 5
    assert await AuditEntryModel.objects.filter(action="statement.imported").acount() == 1


async def test_relays_with_an_expired_lease_import_once() -> None:
    queued = await _enqueue(await _user(), ofx(statement(*days(28))))
    event = queued.submitted()

    results = await asyncio.gather(
        *(container.background.use(ProcessQueuedImport)(event) for _ in range(6))
    )

    assert Success(None) in results
    assert all(result in (Success(None), BUSY) for result in results)
    assert (await _reloaded(queued)).new == 28
    assert await _rows() == 28
    assert await AuditEntryModel.objects.filter(action="statement.imported").acount() == 1


@asynccontextmanager
async def _entering(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[asyncio.Event]:
    """Pause an import after its rows are stored and before it is completed; resume on the event."""
    reached, go_on = asyncio.Event(), asyncio.Event()
    complete = container.ports.imports.complete

    async def locked(statement_import: StatementImport) -> Any:
        reached.set()
        await go_on.wait()
        return await complete(statement_import)

    with monkeypatch.context() as holding:
        holding.setattr(container.ports.imports, "complete", locked)
        delivering = asyncio.create_task(container.relay.deliver_all())
        try:
            await asyncio.wait_for(reached.wait(), 120)
            yield go_on
        finally:
            go_on.set()
            await delivering


async def test_progress_is_visible_before_the_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    queued = await _enqueue(await _user())

    async with _entering(monkeypatch):
        for _ in range(MOST_LOOKS):
            details = await _reloaded(queued)
            if details.progress and details.progress.entered:
                break
            await asyncio.sleep(PAUSE_SECONDS)
        assert details.status is ImportStatus.RUNNING
        assert details.progress == ImportProgress(5, 5)
        assert await TransactionModel.objects.acount() == 0

    done = await _reloaded(queued)
    assert (done.status, done.progress, done.new) == (ImportStatus.DONE, None, 5)
    assert await ProgressModel.objects.acount() == 0


async def test_a_running_import_is_locked_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    queued = await _enqueue(await _user())

    async with _entering(monkeypatch):
        undone = await container.use(UndoImport)(import_id=queued.id, user_id=queued.user_id)
        assert undone == BUSY

    assert (await _reloaded(queued)).status is ImportStatus.DONE
    undone = await container.use(UndoImport)(import_id=queued.id, user_id=queued.user_id)
    assert isinstance(undone, Success)
    assert await TransactionModel.objects.filter(removal=None).acount() == 0


async def test_a_relay_that_is_killed_leaves_it_pending(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    queued = await _enqueue(await _user())

    async def ends(statement_import: StatementImport) -> Any:
        raise asyncio.CancelledError

    with monkeypatch.context() as ending:
        ending.setattr(container.ports.imports, "complete", ends)
        with pytest.raises(asyncio.CancelledError):
            await container.relay.deliver_all()

    assert (await _reloaded(queued)).status is ImportStatus.WAITING
    assert await TransactionModel.objects.acount() == 0
    await OutboxModel.objects.aupdate(leased_until=None)
    await container.relay.deliver_all()
    assert (await _reloaded(queued)).new == 5


async def test_a_defect_is_retried_and_leaves_it_pending(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    queued = await _enqueue(await _user())

    async def breaks(statement_import: StatementImport) -> Any:
        raise ZeroDivisionError

    with monkeypatch.context() as breaking:
        breaking.setattr(container.ports.imports, "complete", breaks)
        assert await container.relay.deliver_all() == (0, 1)

    assert (await _reloaded(queued)).status is ImportStatus.WAITING
    waiting = await OutboxModel.objects.aget(type="statement.received")
    assert (waiting.attempts, waiting.last_error) == (1, "ZeroDivisionError")


async def test_no_transaction_is_open_while_a_file_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    queued = await _enqueue(await _user())
    leased: list[int] = []
    import_pipeline = container.use(ImportPipeline)
    read_file = import_pipeline.read_file
    read = read_file.read_statement

    class Watched:
        def __call__(self, *arguments: Any) -> Any:
            # Progress is reported meanwhile, and needs a moment.
            for _ in range(100):
                if not container.database.state.leased:
                    break
                time.sleep(0.02)
            leased.append(container.database.state.leased)
            return read(*arguments)

    watching = replace(read_file, read_statement=Watched())  # type: ignore[arg-type]
    reaction = replace(
        container.background.use(ProcessQueuedImport),
        import_pipeline=replace(import_pipeline, read_file=watching),
    )
    fact = await OutboxModel.objects.aget(type="statement.received")
    (subscription,) = [s for s in container.subscriptions if s.event is StatementReceived]
    watched = replace(subscription, reaction=reaction)

    await Reactions(container.database, [watched]).deliver(fact)

    assert leased == [0]
    assert (await _reloaded(queued)).new == 5


async def test_a_withdrawn_import_is_skipped() -> None:
    queued = await _enqueue(await _user())
    await container.use(UndoImport)(import_id=queued.id, user_id=queued.user_id)

    await container.relay.deliver_all()

    assert (await _reloaded(queued)).status is ImportStatus.UNDONE
    assert await TransactionModel.objects.acount() == 0


class TestTime:
    """A transaction of the application has a limit of 30 s; an import's may take longer."""

    async def _limits(self, owner: UserId, *, long: bool) -> list[str]:
        async with container.ports.unit_of_work(owner=owner):
            await container.database.run(_run, "SET LOCAL transaction_timeout = '30s'")
            if long:
                assert await container.ports.imports.allow_long_transaction() == Success(None)
            return await container.database.run(_ask_limits)

    async def test_is_not_limited_for_the_transaction_as_a_whole(self) -> None:
        owner = await _user()

        limited = await self._limits(owner, long=False)
        long = await self._limits(owner, long=True)

        assert limited[0] == "30s"
        assert long[0] == "0"
        assert long[1:] == limited[1:]

    async def test_is_not_limited_for_a_step_on_all_rows(self) -> None:
        owner = await _user()

        async with container.ports.unit_of_work(owner=owner):
            before = await container.database.run(_ask_limits)
            assert await container.ports.imports.allow_long_transaction(steps=True) == Success(None)
            after = await container.database.run(_ask_limits)
        async with container.ports.unit_of_work(owner=owner):
            later = await container.database.run(_ask_limits)

        assert after == ["0", "10min", before[2]]
        assert later == before

    async def test_an_undo_may_use_the_time_of_its_steps(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        queued = await _enqueue(await _user())
        await container.relay.deliver_all()
        limits: list[list[str]] = []
        undo = container.ports.transactions.undo

        async def watched(import_id: ImportId, *, owner: UserId) -> Any:
            limits.append(await container.database.run(_ask_limits))
            return await undo(import_id, owner=owner)

        monkeypatch.setattr(container.ports.transactions, "undo", watched)

        undone = await container.use(UndoImport)(import_id=queued.id, user_id=queued.user_id)

        assert isinstance(undone, Success)
        assert [limit[:2] for limit in limits] == [["0", "10min"]]

    @pytest.mark.slow
    async def test_a_transaction_that_began_with_a_limit_can_outlive_it(self) -> None:
        owner = await _user()

        async with container.ports.unit_of_work(owner=owner):
            await container.database.run(_run, "SET LOCAL transaction_timeout = '5s'")
            assert await container.ports.imports.allow_long_transaction() == Success(None)
            await container.database.run(_run, "SELECT pg_sleep(6)")
            assert await container.database.run(_ask_limits)


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _ask_limits() -> list[str]:
    names = ("transaction_timeout", "statement_timeout", "lock_timeout")
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(f"current_setting('{n}')" for n in names))
        return list(cursor.fetchone() or ())


class TestProgress:
    async def test_the_latest_of_many_updates_counts(self) -> None:
        owner = await _user()
        queued = await _enqueue(owner)
        for stored in range(50):
            await container.ports.import_progress.set(
                queued.id, ImportProgress(50, stored), owner=owner
            )
        await asyncio.sleep(0)
        for _ in range(MOST_LOOKS):
            rows = [row async for row in ProgressModel.objects.all()]
            if rows and rows[0].entered == 49:
                break
            await asyncio.sleep(PAUSE_SECONDS)

        (row,) = rows
        assert (row.source_id, row.user_id, row.rows, row.entered) == (queued.id, owner, 50, 49)

        await container.ports.import_progress.clear(queued.id, owner=owner)
        assert await ProgressModel.objects.acount() == 0

    async def test_is_visible_only_to_the_owner(self) -> None:
        owner = await _user()
        queued = await _enqueue(owner)
        await container.ports.import_progress.set(queued.id, ImportProgress(5, 1), owner=owner)
        await container.ports.import_progress.clear(ImportId(new_id()), owner=owner)
        await container.ports.import_progress.clear(queued.id, owner=UserId(new_id()))

        assert await ProgressModel.objects.acount() == 1
        assert await container.database.run(_progress_for, UUID(int=0)) == 0

    async def test_a_progress_update_that_fails_is_ignored(self) -> None:
        nowhere = Database("default", size=0, timeout=0.01)
        board = DjangoImportProgressStore(nowhere)

        await board.set(ImportId(new_id()), ImportProgress(5, 1), owner=UserId(new_id()))
        await board.clear(ImportId(new_id()), owner=UserId(new_id()))


def _progress_for(user_id: UUID) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.user_id', %s, true)", [str(user_id)])
        cursor.execute("SELECT count(*) FROM ledger_import_progress")
        return int((cursor.fetchone() or (0,))[0])


async def test_hints_survive_a_round_trip() -> None:
    user_id = await _user()
    await _enqueue(user_id)

    row = await ImportModel.objects.aget()

    assert (row.status, row.hints, row.error) == ("waiting", {}, "")
