"""Transactions that a later file of their bank replaces or deletes."""

import pytest

from dashtam.application.ledger.import_pipeline import ImportPipeline
from dashtam.application.ledger.undo_import import UndoImport
from domain.ledger.imports import ImportRequest, StatementImport
from domain.shared.ids import UserId, new_id
from domain.shared.result import Success
from tests.application.conftest import Application
from tests.statements import ofx, statement, transaction

DELETED = "<CORRECTFITID>A\n<CORRECTACTION>DELETE\n<NAME>"
FIRST = ofx(statement(transaction(fitid="A"), transaction("-7.00", fitid="D")))
SECOND = ofx(statement(transaction(fitid="C").replace("<NAME>", DELETED)))


@pytest.fixture
def user_id() -> UserId:
    return UserId(new_id())


async def import_file(app: Application, user_id: UserId, content: bytes) -> StatementImport:
    request = ImportRequest(user_id=user_id, file_name="march.ofx", content=content)
    done = await app.use(ImportPipeline)(request)
    assert isinstance(done, Success)
    return done.value


def listed(app: Application) -> list[str]:
    rows = app.store.transactions.values()
    return sorted(str(each.provider_id) for each in rows if each.removal is None)


@pytest.mark.parametrize("files", [[FIRST, SECOND], [SECOND, FIRST]])
async def test_are_over(app: Application, user_id: UserId, files: list[bytes]) -> None:
    for each in files:
        await import_file(app, user_id, each)

    assert listed(app) == ["D"]


async def test_return_when_the_correction_is_undone(app: Application, user_id: UserId) -> None:
    await import_file(app, user_id, FIRST)
    done = await import_file(app, user_id, SECOND)

    await app.use(UndoImport)(import_id=done.id, user_id=user_id)

    assert listed(app) == ["A", "D"]
