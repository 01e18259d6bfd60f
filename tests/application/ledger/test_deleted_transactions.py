"""Restoring what was deleted."""

from dataclasses import replace

import pytest

from dashtam.application.ledger.deleted_transactions import (
    ListDeletedTransactions,
    RestoreTransaction,
)
from dashtam.application.ledger.import_pipeline import ImportPipeline
from dashtam.application.ledger.transactions import DeleteTransaction, ShowTransaction
from dashtam.application.ledger.undo_import import UndoImport
from domain.ledger.entities import Transaction
from domain.ledger.errors import TransactionIsUndone, TransactionNotFound
from domain.ledger.imports import ImportRequest, StatementImport
from domain.ledger.values import MatchResult, TransactionStatus
from domain.shared.ids import TransactionId, UserId, new_id
from domain.shared.result import Failure, Success
from tests.application.conftest import Application
from tests.statements import ofx, statement, transaction

COFFEE = transaction()
PENDING = (
    transaction().replace("STMTTRN>", "STMTTRNP>").replace("F1", "").replace("DTPOSTED", "DTTRAN")
)


@pytest.fixture
def user_id() -> UserId:
    return UserId(new_id())


async def imported(app: Application, user_id: UserId, *rows: str) -> StatementImport:
    content = ofx(statement(*rows))
    request = ImportRequest(user_id=user_id, file_name="march.ofx", content=content)
    done = await app.use(ImportPipeline)(request)
    assert isinstance(done, Success)
    return done.value


async def deleted(app: Application, user_id: UserId) -> Transaction:
    """Delete the only transaction."""
    (row,) = app.store.transactions.values()
    done = await app.use(DeleteTransaction)(transaction_id=row.id, user_id=user_id)
    assert done == Success(None)
    return row


async def test_a_transaction_is_listed_as_deleted_until_it_is_restored(
    app: Application, user_id: UserId
) -> None:
    await imported(app, user_id, COFFEE)
    row = await deleted(app, user_id)
    listed = await app.use(ListDeletedTransactions)(user_id=user_id, after=None, limit=9)
    assert isinstance(listed, Success)
    assert [each.id for each in listed.value.items] == [row.id]

    restored = await app.use(RestoreTransaction)(transaction_id=row.id, user_id=user_id)

    assert restored == Success(row)
    assert app.trail[-1] == ("transaction.restored", "success")
    assert app.announced[-1] == "transaction.restored"
    listed = await app.use(ListDeletedTransactions)(user_id=user_id, after=None, limit=9)
    assert isinstance(listed, Success)
    assert listed.value.items == []


async def test_what_was_booked_meanwhile_comes_back_as_booked(
    app: Application, user_id: UserId
) -> None:
    await imported(app, user_id, PENDING)
    row = await deleted(app, user_id)
    booked = await imported(app, user_id, COFFEE)
    assert booked.deleted == 1

    restored = await app.use(RestoreTransaction)(transaction_id=row.id, user_id=user_id)

    assert isinstance(restored, Success)
    expected = replace(restored.value, status=TransactionStatus.POSTED, import_id=booked.id)
    assert restored.value == expected
    assert [each.result for each in app.store.imported_rows][-1] is MatchResult.DELETED


async def test_one_that_is_not_deleted_stays_as_it_is(app: Application, user_id: UserId) -> None:
    await imported(app, user_id, COFFEE)
    (row,) = app.store.transactions.values()

    restored = await app.use(RestoreTransaction)(transaction_id=row.id, user_id=user_id)

    assert restored == Success(row)
    assert app.trail[-1] == ("transaction.viewed", "success")


async def test_what_no_import_states_any_more_stays_deleted(
    app: Application, user_id: UserId
) -> None:
    done = await imported(app, user_id, COFFEE)
    row = await deleted(app, user_id)
    await app.use(UndoImport)(import_id=done.id, user_id=user_id)

    restored = await app.use(RestoreTransaction)(transaction_id=row.id, user_id=user_id)

    assert isinstance(restored, Failure)
    assert isinstance(restored.error, TransactionIsUndone)
    shown = await app.use(ShowTransaction)(transaction_id=row.id, user_id=user_id)
    assert isinstance(shown, Failure)
    # Its file brings it back as deleted, and then it can be restored.
    await imported(app, user_id, COFFEE)
    again = await app.use(RestoreTransaction)(transaction_id=row.id, user_id=user_id)
    assert isinstance(again, Success)


async def test_a_pending_one_that_its_bank_no_longer_lists_is_not_restored(
    app: Application, user_id: UserId
) -> None:
    await imported(app, user_id, PENDING)
    row = await deleted(app, user_id)
    app.store.imports |= {
        key: replace(each, statements=[replace(each.statements[0], withdrawn=(row.id,))])
        for key, each in app.store.imports.items()
    }

    restored = await app.use(RestoreTransaction)(transaction_id=row.id, user_id=user_id)

    assert isinstance(restored, Failure)
    assert isinstance(restored.error, TransactionIsUndone)
    listed = await app.use(ListDeletedTransactions)(user_id=user_id, after=None, limit=9)
    assert isinstance(listed, Success)
    assert [each.id for each in listed.value.items] == [row.id]


async def test_another_users_transaction_is_not_found(app: Application, user_id: UserId) -> None:
    await imported(app, user_id, COFFEE)
    row = await deleted(app, user_id)
    stranger = UserId(new_id())

    for transaction_id in (row.id, TransactionId(new_id())):
        done = await app.use(RestoreTransaction)(transaction_id=transaction_id, user_id=stranger)
        assert done == Failure(TransactionNotFound("No such transaction."))
    assert app.trail[-1] == ("transaction.restore", "failure")
