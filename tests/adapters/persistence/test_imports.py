"""Imports that really commit: at once, interrupted, in any order: each row exactly once."""

import asyncio
import random
from dataclasses import replace

import pytest
from asgiref.sync import sync_to_async

from adapters.audit.models import AuditEntryModel
from adapters.persistence.ledger.models import (
    AccountModel,
    BalanceModel,
    ImportModel,
    TransactionModel,
)
from adapters.persistence.outbox.models import OutboxModel
from dashtam.application.identity.users import RegisterUser
from dashtam.application.ledger.import_pipeline import ImportPipeline
from dashtam.application.ledger.submit_import import EnqueueImport, SubmitImport
from dashtam.container import container
from domain.identity.actions import TOKEN_MAILED
from domain.ledger.errors import HintNeeded
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.imports import ImportRequest, StatementImport
from domain.shared.ids import UserId
from domain.shared.result import Failure, Success
from tests.adapters.persistence.scratch import until
from tests.statements import days, ofx, statement, transaction

pytestmark = pytest.mark.usefixtures("committing_database")

DAYS = 28
SEED = 20260301


async def someone() -> UserId:
    registered = await container.use(RegisterUser)(
        email="ada@example.org", password="correct horse battery"
    )
    assert isinstance(registered, Success)
    await container.drain()
    return registered.value.id


async def import_file(user_id: UserId, content: bytes) -> StatementImport:
    # All but two concurrent files of one user would be refused by the queue of requests.
    imports = container.background.use(ImportPipeline)
    done = await imports(ImportRequest(user_id=user_id, file_name="x.ofx", content=content))
    assert isinstance(done, Success), done
    return done.value


async def counted(*tables: type) -> list[int]:
    """Count what there is, above the policies: on Django's own connection."""
    return [await table.objects.acount() for table in tables]  # type: ignore[attr-defined]  # every model has it


async def test_concurrent_overlapping_files_store_every_row_once() -> None:
    user_id, rows = await someone(), list(days(DAYS))
    files = [ofx(statement(*rows[start : start + 7])) for start in range(DAYS - 6)]
    files += [content + b"\n" for content in files]
    random.Random(SEED).shuffle(files)

    done = await asyncio.gather(*(import_file(user_id, content) for content in files))

    assert sum(each.new for each in done) == DAYS
    assert sum(each.same for each in done) == 7 * len(files) - DAYS
    assert await counted(AccountModel, TransactionModel) == [1, DAYS]
    assert await counted(BalanceModel) == [len(files)]
    await container.drain()


async def test_accounts_in_opposite_order_do_not_deadlock() -> None:
    user_id = await someone()
    first, second = (statement(*days(5), number=number) for number in ("1", "2"))

    done = await asyncio.gather(
        *(
            import_file(user_id, ofx(*pair) + number * b"\n")
            for number in range(6)
            for pair in [(first, second), (second, first)]
        )
    )

    assert sum(each.new for each in done) == 10
    assert await counted(AccountModel, TransactionModel) == [2, 10]
    await container.drain()


async def test_the_same_bytes_at_once_are_one_import() -> None:
    user_id, content = await someone(), ofx(statement(*days(5)))

    done = await asyncio.gather(*(import_file(user_id, content) for _ in range(6)))

    assert len({each.id for each in done}) == 1
    assert sorted(each.is_resubmitted for each in done) == [False] + [True] * 5
    assert await counted(ImportModel, BalanceModel, TransactionModel) == [1, 1, 5]
    assert await _audited("statement.imported", "statement.resubmitted") == [1, 5]
    await container.drain()


async def test_the_same_bytes_queued_at_once_are_one_import() -> None:
    user_id, content = await someone(), ofx(statement(*days(5)))
    request = ImportRequest(user_id=user_id, file_name="x.ofx", content=content)
    enqueue = container.background.use(EnqueueImport)

    queued = await asyncio.gather(
        *(enqueue(request) for _ in range(4)), *(import_file(user_id, content) for _ in range(2))
    )
    await container.drain()

    assert len(queued) == 6
    assert await counted(ImportModel, TransactionModel) == [1, 5]
    assert await _audited("statement.imported", "statement.resubmitted") == [1, 5]


async def test_a_file_with_questions_that_is_sent_at_once_waits_once() -> None:
    user_id = await someone()
    content = b"Date,Amount,Payee\n2026-03-13,-4.50,Shop\n2026-03-14,9.00,Pay\n"
    submit = container.background.use(SubmitImport)

    refused = await asyncio.gather(
        *(
            submit(ImportRequest(user_id=user_id, file_name="a.csv", content=content))
            for _ in range(4)
        )
    )

    asked = [each.error for each in refused if isinstance(each, Failure)]
    assert [type(each) for each in asked] == [HintNeeded] * 4
    assert len({each.import_id for each in asked if isinstance(each, HintNeeded)}) == 1
    assert await counted(ImportModel) == [1]
    await container.drain()


async def _audited(*actions: str) -> list[int]:
    """Count the entries of each action."""
    entries = AuditEntryModel.objects
    return [await entries.filter(action=action).acount() for action in actions]


async def test_csv_files_are_one_import_in_whatever_way_they_were_read() -> None:
    user_id, imports = await someone(), container.background.use(ImportPipeline)
    said = ReadingHints(currency="EUR", account="Card")
    content = b"Date,Amount,Payee\n2026-03-13,-4.50,Shop\n2026-03-14,9.00,Pay\n"
    first = ImportRequest(user_id=user_id, file_name="a.csv", content=content, hints=said)

    done = await asyncio.gather(*(imports(first) for _ in range(4)))
    done.append(await container.background.use(EnqueueImport)(first))
    done.append(await imports(replace(first, hints=NO_HINTS)))

    assert len({each.value.id for each in done if isinstance(each, Success)}) == 1
    assert all(isinstance(each, Success) for each in done)
    assert await counted(ImportModel, TransactionModel) == [1, 2]
    await container.drain()


async def test_a_cancelled_import_stores_all_or_nothing() -> None:
    user_id = await someone()
    content = ofx(statement(*(transaction(fitid=f"F{n}") for n in range(400))))
    chance = random.Random(SEED)
    for number in range(25):
        task = asyncio.create_task(import_file(user_id, content + number * b"\n"))
        await asyncio.sleep(chance.random() * 0.06)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        # What was cancelled may still be at its COMMIT, on a connection of its own.
        await until(lambda: container.database.state.leased == 0)
        transactions, imports = await counted(TransactionModel, ImportModel)
        assert (transactions == 400) is (imports > 0)

    await import_file(user_id, content)
    assert await counted(TransactionModel, AccountModel) == [400, 1]
    await container.drain()
    assert container.database.state.leased == 0


async def test_a_defect_in_the_middle_stores_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    user_id = await someone()

    async def fail(*args: object) -> None:
        raise KeyError("a defect")

    monkeypatch.setattr(container.ports.imports, "add", fail)
    with pytest.raises(KeyError):
        await import_file(user_id, ofx(statement(*days(3))))

    assert await counted(AccountModel, BalanceModel, ImportModel, TransactionModel) == [0] * 4
    refusal = await AuditEntryModel.objects.alatest("id")
    assert (refusal.action, refusal.details) == ("statement.import", {"error": "internal-error"})


async def test_every_commit_has_its_audit_entry_and_its_event() -> None:
    user_id = await someone()
    for count in (1, 2, 3):
        await import_file(user_id, ofx(statement(*days(count))))
    await container.drain()

    def agree() -> bool:
        announced = set(OutboxModel.objects.values_list("id", "type"))
        # No reaction subscribes to the event that an email was sent.
        entries = AuditEntryModel.objects.exclude(action=TOKEN_MAILED.name)
        return announced == set(entries.values_list("id", "action"))

    assert await sync_to_async(agree)()
