"""Taking an import back."""

import pytest

from dashtam.application.ledger.import_pipeline import ImportPipeline
from dashtam.application.ledger.import_queries import ListImports, ShowImport
from dashtam.application.ledger.transactions import DeleteTransaction, EditTransaction
from dashtam.application.ledger.undo_import import UndoImport
from domain.ledger.errors import ImportIsUndone, ImportNotFound, TransactionNotFound
from domain.ledger.imports import ImportRequest, StatementImport
from domain.shared.ids import ImportId, TransactionId, UserId, new_id
from domain.shared.pages import IdCursor
from domain.shared.result import Failure, Success
from tests.application.conftest import Application
from tests.statements import days, ofx, statement

MARCH = ofx(statement(*days(4)))
MISSING = Failure(ImportNotFound("No such import."))


@pytest.fixture
def user_id() -> UserId:
    return UserId(new_id())


async def import_file(app: Application, user_id: UserId, content: bytes = MARCH) -> StatementImport:
    done = await app.use(ImportPipeline)(
        ImportRequest(user_id=user_id, file_name="march.ofx", content=content)
    )
    assert isinstance(done, Success)
    return done.value


async def test_an_undo_is_an_event_with_counts(app: Application, user_id: UserId) -> None:
    done = await import_file(app, user_id)

    undone = await app.use(UndoImport)(import_id=done.id, user_id=user_id)

    assert isinstance(undone, Success)
    assert undone.value.undone_at == app.clock.now()
    assert app.trail[-1] == ("import.undone", "success")
    assert app.store.entries[-1].details == {"removed": 4, "restored": 0}
    assert app.announced[-1] == "import.undone"


async def test_the_file_and_the_account_remain(app: Application, user_id: UserId) -> None:
    done = await import_file(app, user_id)

    await app.use(UndoImport)(import_id=done.id, user_id=user_id)

    assert list(app.store.files.values()) == [MARCH]
    assert len(app.store.accounts) == 1


async def test_happens_once(app: Application, user_id: UserId) -> None:
    done = await import_file(app, user_id)
    await app.use(UndoImport)(import_id=done.id, user_id=user_id)

    repeated = await app.use(UndoImport)(import_id=done.id, user_id=user_id)

    assert repeated == Failure(ImportIsUndone("The import has already been undone."))
    assert app.trail[-1] == ("import.undo", "failure")


async def test_another_user_cannot_undo(app: Application, user_id: UserId) -> None:
    done = await import_file(app, user_id)

    stranger = await app.use(UndoImport)(import_id=done.id, user_id=UserId(new_id()))
    absent = await app.use(UndoImport)(import_id=ImportId(new_id()), user_id=user_id)

    assert stranger == absent == MISSING
    assert not any(row.removal for row in app.store.transactions.values())


async def test_edits_and_deletions_are_events_without_text(
    app: Application, user_id: UserId
) -> None:
    await import_file(app, user_id)
    first, second, *_ = app.store.transactions

    await app.use(EditTransaction)(
        transaction_id=TransactionId(first), user_id=user_id, note="secret party"
    )
    await app.use(DeleteTransaction)(transaction_id=TransactionId(second), user_id=user_id)

    assert app.trail[-2:] == [("transaction.edited", "success"), ("transaction.deleted", "success")]
    assert "secret" not in repr(app.store.entries)
    assert app.store.transactions[first].note == "secret party"


async def test_a_deleted_transaction_can_be_neither_edited_nor_deleted(
    app: Application, user_id: UserId
) -> None:
    await import_file(app, user_id)
    row_id = TransactionId(next(iter(app.store.transactions)))
    await app.use(DeleteTransaction)(transaction_id=row_id, user_id=user_id)
    missing = Failure(TransactionNotFound("No such transaction."))

    edited = await app.use(EditTransaction)(transaction_id=row_id, user_id=user_id, note="x")
    deleted = await app.use(DeleteTransaction)(transaction_id=row_id, user_id=user_id)

    assert edited == deleted == missing


class TestImports:
    """Listing imports."""

    async def test_are_shown_to_their_owner(self, app: Application, user_id: UserId) -> None:
        done = await import_file(app, user_id)

        details = await app.use(ShowImport)(import_id=done.id, user_id=user_id)

        assert details == Success(done)
        assert app.trail[-1] == ("import.viewed", "success")
        stranger = await app.use(ShowImport)(import_id=done.id, user_id=UserId(new_id()))
        assert stranger == MISSING
        assert app.trail[-1] == ("import.view", "failure")

    async def test_are_listed_in_pages(self, app: Application, user_id: UserId) -> None:
        files = [ofx(statement(*days(number))) for number in (1, 2, 3)]
        first, second, third = [await import_file(app, user_id, each) for each in files]

        page = await app.use(ListImports)(user_id=user_id, after=None, limit=2)
        rest = await app.use(ListImports)(user_id=user_id, after=second.id, limit=2)

        assert isinstance(page, Success)
        assert isinstance(rest, Success)
        assert (page.value.items, page.value.next) == ([third, second], IdCursor(second.id))
        assert (rest.value.items, rest.value.next) == ([first], None)
        assert app.trail[-2:] == [("imports.viewed", "success")] * 2

    async def test_are_not_listed_to_another_user(self, app: Application, user_id: UserId) -> None:
        await import_file(app, user_id)

        page = await app.use(ListImports)(user_id=UserId(new_id()), after=None, limit=2)

        assert isinstance(page, Success)
        assert page.value.items == []
