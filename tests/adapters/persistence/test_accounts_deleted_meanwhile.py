"""An account that is deleted while an import is on its way to it."""

import asyncio
from collections.abc import Callable, Collection, Coroutine
from contextvars import copy_context
from dataclasses import replace
from typing import Any

import pytest

from adapters.persistence.ledger.accounts import DjangoAccountRepository
from dashtam.application.ledger.import_pipeline import ImportPipeline
from dashtam.application.ledger.manage_accounts import DeleteAccount
from dashtam.application.ledger.undo_import import UndoImport
from dashtam.container import container
from domain.ledger.errors import AccountNotEmpty
from domain.ledger.imports import ImportRequest
from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId, UserId
from domain.shared.result import Failure, Result, Success
from tests.adapters.persistence.test_imports import import_file, someone
from tests.statements import days, ofx, statement

pytestmark = pytest.mark.usefixtures("committing_database")


class Overtaken(DjangoAccountRepository):
    """Does something once, before it locks accounts."""

    def __init__(self, meanwhile: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        super().__init__(container.database)
        self.outside, self.meanwhile = copy_context(), meanwhile
        self.times = 0

    async def lock(
        self, account_ids: Collection[AccountId], *, owner: UserId
    ) -> Result[None, Unavailable]:
        self.times += 1
        if self.times == 1:
            done = await asyncio.create_task(self.meanwhile(), context=self.outside)
            assert isinstance(done, Success)
        return await super().lock(account_ids, owner=owner)


async def test_an_import_that_found_it_adds_a_new_one() -> None:
    user_id = await someone()
    first = await import_file(user_id, ofx(statement(*days(1))))
    former = first.statements[0].account_id
    await container.use(UndoImport)(import_id=first.id, user_id=user_id)
    accounts = Overtaken(lambda: container.use(DeleteAccount)(account_id=former, user_id=user_id))
    pipeline = replace(container.use(ImportPipeline), accounts=accounts)

    done = await pipeline(
        ImportRequest(content=ofx(statement(*days(2))), file_name="", user_id=user_id)
    )

    assert isinstance(done, Success)
    assert accounts.times > 1
    assert done.value.statements[0].account_id != former
    assert done.value.new == 2
    async with container.ports.unit_of_work(owner=user_id):
        listed = await container.ports.accounts.all(owner=user_id)
    assert isinstance(listed, Success)
    assert [each.id for each in listed.value] == [done.value.statements[0].account_id]


async def test_what_an_import_has_filled_is_not_deleted() -> None:
    user_id = await someone()
    first = await import_file(user_id, ofx(statement(*days(1))))
    account_id = first.statements[0].account_id
    await container.use(UndoImport)(import_id=first.id, user_id=user_id)
    accounts = Overtaken(lambda: _imported(user_id))
    delete = replace(container.use(DeleteAccount), accounts=accounts)

    done = await delete(account_id=account_id, user_id=user_id)

    assert isinstance(done, Failure)
    assert isinstance(done.error, AccountNotEmpty)


async def _imported(user_id: UserId) -> Success[Any]:
    return Success(await import_file(user_id, ofx(statement(*days(2)))))
