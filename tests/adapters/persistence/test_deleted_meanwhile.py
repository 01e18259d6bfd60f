"""A transaction that is deleted during an import or an undo stays deleted."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextvars import copy_context
from dataclasses import replace
from typing import Any

import pytest

from adapters.persistence.ledger.transactions import DjangoTransactionRepository
from dashtam.application.ledger.import_pipeline import ImportPipeline
from dashtam.application.ledger.transactions import DeleteTransaction
from dashtam.application.ledger.undo_import import UndoImport
from dashtam.container import container
from domain.ledger.imports import ImportRequest
from domain.ledger.matches import MatchContext
from domain.ledger.ports import ListedTransaction, TransactionFilter
from domain.shared.result import Result, Success
from tests.adapters.persistence.test_imports import import_file, someone
from tests.statements import ofx, statement, transaction

pytestmark = pytest.mark.usefixtures("committing_database")

PENDING = "<STMTTRNP><TRNTYPE>DEBIT<DTTRAN>20260301<TRNAMT>-12.50<NAME>Coffee house</STMTTRNP>\n"


class Interrupting(DjangoTransactionRepository):
    """Starts something between reading the existing rows and writing; `started` is its task."""

    started: asyncio.Task[Any]

    def __init__(self, meanwhile: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        super().__init__(container.database)
        self.outside, self.meanwhile = copy_context(), meanwhile

    async def match_context(self, *args: Any, **parameters: Any) -> Result[MatchContext, Any]:
        found = await super().match_context(*args, **parameters)
        self.started = asyncio.create_task(self.meanwhile(), context=self.outside)
        return found


async def listed(account_id: Any, owner: Any) -> Sequence[ListedTransaction]:
    async with container.ports.unit_of_work(owner=owner):
        page = await container.ports.transactions.page(
            account_id, owner=owner, where=TransactionFilter(), after=None, limit=9
        )
    assert isinstance(page, Success)
    return page.value.items


async def test_a_booking_does_not_restore_it() -> None:
    user_id = await someone()
    first = await import_file(user_id, ofx(statement(PENDING)))
    account_id = first.statements[0].account_id
    (row,) = await listed(account_id, user_id)
    transactions = Interrupting(
        lambda: container.use(DeleteTransaction)(transaction_id=row.id, user_id=user_id)
    )
    post = replace(container.use(ImportPipeline).post_statement, transactions=transactions)
    import_pipeline = replace(container.use(ImportPipeline), post_statement=post)

    done = await import_pipeline(
        ImportRequest(
            user_id=user_id, file_name="x.ofx", content=ofx(statement(transaction(day="20260303")))
        )
    )

    # The deletion waits for the account, and then deletes what was booked.
    assert isinstance(done, Success)
    assert isinstance(await transactions.started, Success)
    assert await listed(account_id, user_id) == []


async def test_an_undo_does_not_forget_the_deletion() -> None:
    user_id = await someone()
    content = ofx(statement(transaction()))
    done = await import_file(user_id, content)
    account_id = done.statements[0].account_id
    (row,) = await listed(account_id, user_id)
    outside = copy_context()

    async with container.ports.unit_of_work(owner=user_id) as uow:
        found = await container.ports.transactions.lock(row.id, owner=user_id)
        assert isinstance(found, Success)
        deleted, event = found.value.delete(at=container.ports.clock.now())
        assert await container.ports.transactions.delete(deleted) == Success(None)
        undo = container.use(UndoImport)(import_id=done.id, user_id=user_id)
        task = asyncio.create_task(undo, context=outside)
        # It has seen the row as it was by then, and waits for it.
        await asyncio.wait({task}, timeout=0.3)
        await uow.commit(event)

    assert isinstance(await task, Success)
    repeated = await import_file(user_id, content)
    assert (repeated.new, repeated.deleted) == (0, 1)
    assert await listed(account_id, user_id) == []
