"""Two who change one transaction at once: neither undoes what the other did."""

import asyncio
from collections.abc import Coroutine
from contextvars import copy_context
from dataclasses import replace
from typing import Any

import pytest

from dashtam.application.ledger.transactions import DeleteTransaction, EditTransaction
from dashtam.container import container
from domain.ledger.allocations import CategorySource
from domain.ledger.entities import Transaction
from domain.ledger.errors import TransactionNotFound
from domain.ledger.ports import TransactionFilter
from domain.shared.ids import TransactionId, UserId, new_id
from domain.shared.result import Failure, Success
from tests.adapters.persistence.test_imports import import_file, someone
from tests.statements import ofx, statement, transaction

pytestmark = pytest.mark.usefixtures("committing_database")

#: How long one who should wait is given to show that it does not.
A_WHILE = 0.3


async def imported_row() -> Transaction:
    """Return the only transaction of someone's."""
    user_id = await someone()
    done = await import_file(user_id, ofx(statement(transaction())))
    async with container.ports.unit_of_work(owner=user_id):
        page = await container.ports.transactions.page(
            done.statements[0].account_id,
            owner=user_id,
            where=TransactionFilter(),
            after=None,
            limit=1,
        )
        assert isinstance(page, Success)
        row = await container.ports.transactions.get(page.value.items[0].id, owner=user_id)
    assert isinstance(row, Success)
    return row.value


async def while_edited(row: Transaction, other: Coroutine[Any, Any, Any]) -> Any:
    """Run something between the read and the write of a note."""
    # A task of its own: in this one's context it would be in this one's transaction.
    outside = copy_context()
    async with container.ports.unit_of_work(owner=row.user_id) as uow:
        found = await container.ports.transactions.lock(row.id, owner=row.user_id)
        assert isinstance(found, Success)
        task = asyncio.create_task(other, context=outside)
        await asyncio.wait({task}, timeout=A_WHILE)
        edited, event = found.value.edit(note="gift", at=container.ports.clock.now())
        assert await container.ports.transactions.edit(edited) == Success(None)
        await uow.commit(event)
    return await task


async def read(row: Transaction) -> Any:
    async with container.ports.unit_of_work(owner=row.user_id):
        return await container.ports.transactions.get(row.id, owner=row.user_id)


async def test_setting_tags_preserves_the_note() -> None:
    row = await imported_row()
    edit = container.use(EditTransaction)(
        transaction_id=row.id, user_id=row.user_id, tags=["presents"]
    )

    done = await while_edited(row, edit)

    owner = CategorySource.OWNER
    both = replace(row, note="gift", tags=("presents",), tags_source=owner)
    assert done == Success(both)
    assert await read(row) == Success(both)


async def test_a_deleted_transaction_is_not_edited_meanwhile() -> None:
    row = await imported_row()
    delete = container.use(DeleteTransaction)(transaction_id=row.id, user_id=row.user_id)

    assert await while_edited(row, delete) == Success(None)

    assert isinstance(await read(row), Failure)


async def test_the_second_of_two_deletions_finds_nothing() -> None:
    row = await imported_row()
    deletions = [
        container.use(DeleteTransaction)(transaction_id=row.id, user_id=row.user_id)
        for _ in range(2)
    ]

    done = await asyncio.gather(*deletions)

    assert sorted(isinstance(each, Success) for each in done) == [False, True]


async def test_another_users_rows_are_never_locked() -> None:
    row = await imported_row()
    missing = Failure(TransactionNotFound("No such transaction."))

    for transaction_id, owner in [
        (row.id, UserId(new_id())),
        (TransactionId(new_id()), row.user_id),
    ]:
        async with container.ports.unit_of_work(owner=owner):
            assert await container.ports.transactions.lock(transaction_id, owner=owner) == missing
