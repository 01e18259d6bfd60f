"""How much a user may store and have waiting: decided by the database, however many ask at once."""

import asyncio
from contextvars import copy_context
from dataclasses import replace
from hashlib import sha256
from typing import Any

import psycopg
import pytest
from asgiref.sync import sync_to_async
from django.db import connection

from adapters.audit.models import AuditEntryModel
from adapters.persistence.ledger.models import FileModel, ImportModel, TransactionModel
from adapters.persistence.outbox.models import OutboxModel
from adapters.persistence.personal_data import owners_to_purge
from dashtam.application.identity.personal_data import PurgeExpired
from dashtam.application.identity.users import RegisterUser
from dashtam.application.ledger.import_pipeline import ImportPipeline
from dashtam.application.ledger.store_file import StoreFile
from dashtam.application.ledger.submit_import import EnqueueImport
from dashtam.application.ledger.undo_import import UndoImport
from dashtam.container import container
from domain.identity.actions import USER_VIEWED
from domain.ledger.errors import StorageFull, TooManyImportsWaiting
from domain.ledger.imports import ImportRequest, StatementImport
from domain.ledger.quotas import Quota
from domain.shared.events import SYSTEM
from domain.shared.ids import UserId
from domain.shared.result import Failure, Success
from tests.audit_trail import times_recorded
from tests.canaries import PASSWORD
from tests.factories import just_now
from tests.statements import ofx, statement, transaction
from tests.unaudited import add_entry
from tests.waiting import locked, until_waiting

pytestmark = pytest.mark.usefixtures("committing_database")
PLENTY = 10**9
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('files ' || %s, 0))"
AGE = "UPDATE ledger_import SET imported_at = now() - interval '{}' WHERE error <> ''"


async def _user(email: str = "ada@example.org") -> UserId:
    made = await container.use(RegisterUser)(email=email, password=PASSWORD)
    assert isinstance(made, Success)
    await container.drain()
    return made.value.id


def _file(number: int) -> bytes:
    return ofx(statement(transaction(fitid=f"F{number}", amount=f"-{number + 1}.00")))


def _request(owner: UserId, content: bytes) -> ImportRequest:
    return ImportRequest(user_id=owner, file_name="f.ofx", content=content)


def _receiving(quota: Quota) -> EnqueueImport:
    store_file = replace(container.use(StoreFile), quota=quota)
    return replace(container.use(EnqueueImport), store_file=store_file)


def _importing(quota: Quota) -> ImportPipeline:
    store_file = replace(container.use(StoreFile), quota=quota)
    # Files of one user are read one after the other: here all of them wait in the queue.
    return replace(container.background.use(ImportPipeline), store_file=store_file)


async def _at_once(use_case: Any, owner: UserId, count: int) -> list[Any]:
    """Submit so many files at once, all of which reach the decision before one continues."""
    async with locked(LOCK, str(owner)):
        tasks = [
            asyncio.create_task(
                use_case(_request(owner, _file(number))),
                context=copy_context(),
            )
            for number in range(count)
        ]
        await until_waiting(count)
    return await asyncio.gather(*tasks)


def _errors(results: list[Any]) -> list[type]:
    return [type(result.error) for result in results if isinstance(result, Failure)]


class TestWaiting:
    async def test_concurrent_requests_cannot_exceed_the_limit(self) -> None:
        owner = await _user()

        results = await _at_once(_receiving(Quota(PLENTY, 3)), owner, 8)

        assert _errors(results) == [TooManyImportsWaiting] * 5
        assert await ImportModel.objects.acount() == await FileModel.objects.acount() == 3
        assert await OutboxModel.objects.filter(type="statement.received").acount() == 3
        assert await times_recorded("statement.receive", error="too-many-imports-waiting") == 5

    async def test_other_users_are_not_counted(self) -> None:
        ada, bob = await _user(), await _user("bob@example.org")
        receive = _receiving(Quota(PLENTY, 1))

        for owner in (ada, bob):
            queued = await receive(_request(owner, _file(1)))
            assert isinstance(queued, Success)

    async def test_a_completed_or_withdrawn_import_frees_its_place(self) -> None:
        owner = await _user()
        receive = _receiving(Quota(PLENTY, 1))
        for number in range(2):
            queued = await receive(_request(owner, _file(number)))
            assert isinstance(queued, Success)
            refused = await receive(_request(owner, _file(9)))
            assert _errors([refused]) == [TooManyImportsWaiting]
            if number:
                await container.use(UndoImport)(import_id=queued.value.id, user_id=owner)
            else:
                await container.drain()

        assert isinstance(await receive(_request(owner, _file(9))), Success)


class TestStorage:
    @pytest.mark.parametrize("use", [_receiving, _importing])
    async def test_concurrent_requests_cannot_exceed_the_quota(self, use: Any) -> None:
        owner = await _user()
        first = await use(Quota(PLENTY, 99))(_request(owner, _file(99)))
        assert isinstance(first, Success)
        size = len((await FileModel.objects.aget()).sealed)

        results = await _at_once(use(Quota(size * 3 + 20, 99)), owner, 6)

        assert _errors(results) == [StorageFull] * 4
        assert await FileModel.objects.acount() == await ImportModel.objects.acount() == 3

    @pytest.mark.parametrize("use", [_receiving, _importing])
    async def test_the_same_bytes_count_once(self, use: Any) -> None:
        owner = await _user()
        first = await use(Quota(PLENTY, 99))(_request(owner, _file(0)))
        assert isinstance(first, Success)
        size = len((await FileModel.objects.aget()).sealed)

        # They are the import that there is, and wait for nothing.
        results = [await use(Quota(size, 99))(_request(owner, _file(0))) for _ in range(4)]

        assert {each.value.id for each in results if isinstance(each, Success)} == {first.value.id}
        assert _errors(results) == []
        assert await FileModel.objects.acount() == 1

    async def test_a_refusal_reports_the_usage_and_stores_nothing(self) -> None:
        owner = await _user()
        await _importing(Quota(PLENTY, 3))(_request(owner, _file(0)))
        size = len((await FileModel.objects.aget()).sealed)

        refused = await _importing(Quota(size, 3))(_request(owner, _file(1)))

        assert isinstance(refused, Failure)
        assert f"{size:,} of the {size:,} bytes" in refused.error.detail
        assert await TransactionModel.objects.acount() == 1
        assert await FileModel.objects.acount() == 1


class TestFailedImports:
    """Their bytes are deleted after a day, or at once if their user wants it."""

    async def _failed(self, owner: UserId, content: bytes = b"garbage") -> StatementImport:
        queued = await container.use(EnqueueImport)(
            ImportRequest(user_id=owner, file_name="g.bin", content=content)
        )
        assert isinstance(queued, Success)
        await container.drain()
        return queued.value

    async def test_are_purged_after_a_day(self) -> None:
        owner = await _user()
        failed = await self._failed(owner)
        await container.use(ImportPipeline)(_request(owner, _file(0)))
        await _alter(AGE.format("23 hours"))
        assert await _to_purge() == []
        assert await container.use(PurgeExpired)(user_id=owner) == Success({})

        await _alter(AGE.format("25 hours"))
        assert await _to_purge() == [owner]
        swept = await container.use(PurgeExpired)(user_id=owner)

        assert swept == Success({"ledger_file": 1})
        stored = await FileModel.objects.aget()
        assert bytes(stored.digest) == sha256(_file(0)).digest()
        assert (await ImportModel.objects.aget(id=failed.id)).status == "failed"
        entry = await AuditEntryModel.objects.aget(action="user.swept")
        assert entry.details == {"rows": {"ledger_file": 1}}

    async def test_a_file_with_open_questions_waits_for_thirty_days(self) -> None:
        owner = await _user()
        asked = await self._failed(owner, b"Date,Amount\n2026-03-01,-4.50\n2026-03-02,-9.00\n")
        assert (await ImportModel.objects.aget(id=asked.id)).status == "asked"
        await _alter(AGE.format("29 days"))
        assert await _to_purge() == []

        await _alter(AGE.format("31 days"))
        assert await _to_purge() == [owner]
        assert await container.use(PurgeExpired)(user_id=owner) == Success({"ledger_file": 1})

    async def test_the_application_can_delete_nothing_else(self) -> None:
        owner = await _user()
        await container.use(ImportPipeline)(_request(owner, _file(0)))
        waiting = await container.use(EnqueueImport)(_request(owner, _file(1)))
        assert isinstance(waiting, Success)
        await container.use(UndoImport)(import_id=waiting.value.id, user_id=owner)
        await self._failed(owner)

        async with container.ports.unit_of_work(owner=owner) as uow:
            deleted = await container.database.run(_delete_all_files)
            viewed = USER_VIEWED.record(subject_id=owner, actor=SYSTEM, occurred_at=just_now())
            await uow.commit(viewed)

        assert deleted == 1

    async def test_a_file_submitted_again_meanwhile_is_preserved(self) -> None:
        owner = await _user()
        await self._failed(owner)
        await _alter(AGE.format("25 hours"))

        async with locked(LOCK, str(owner)):
            giving = asyncio.create_task(
                container.use(EnqueueImport)(
                    ImportRequest(user_id=owner, file_name="g", content=b"garbage")
                ),
                context=copy_context(),
            )
            await until_waiting(1)
            sweeping = asyncio.create_task(
                container.use(PurgeExpired)(user_id=owner), context=copy_context()
            )
            await until_waiting(2)

        assert isinstance(await giving, Success)
        assert await sweeping == Success({})
        assert await FileModel.objects.acount() == 1


async def _alter(statement: str) -> None:
    """Change rows as nobody may, to simulate the passing of time."""
    await asyncio.to_thread(_alter_beside, statement)


def _alter_beside(statement: str) -> None:
    parameters = connection.get_connection_params()
    with psycopg.connect(**parameters) as beside:
        add_entry(beside)
        beside.execute(statement.encode())


async def _to_purge() -> list[Any]:
    return await sync_to_async(owners_to_purge)()


def _delete_all_files() -> int:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_file")
        return int(cursor.rowcount)
