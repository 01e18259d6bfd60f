"""Conflicts: their user decides which of two transactions stays."""

import pytest
from asgiref.sync import async_to_sync

from dashtam.application.ledger.conflicts import DecideConflict, ListConflicts
from dashtam.application.ledger.deleted_transactions import RestoreTransaction
from dashtam.application.ledger.import_pipeline import ImportPipeline
from domain.ledger.conflicts import Conflict, ConflictDecision
from domain.ledger.errors import ConflictNotFound
from domain.ledger.imports import ImportRequest, StatementImport
from domain.shared.ids import UserId, new_id
from domain.shared.result import Failure, Result, Success
from tests.application.conftest import Application
from tests.statements import ofx, statement, transaction

FIRST = ofx(statement(transaction("-12.50", "20260303", "F1", "Coffee house")))
OTHER = ofx(statement(transaction("-13.50", "20260303", "F1", "Coffee house")))
ADDED, EXISTING, BOTH = ConflictDecision


@pytest.fixture
def ada(app: Application) -> UserId:
    ada = UserId(new_id())
    async_to_sync(imports)(app, ada, FIRST)
    assert async_to_sync(imports)(app, ada, OTHER).conflict == 1
    return ada


async def imports(app: Application, user_id: UserId, content: bytes) -> StatementImport:
    request = ImportRequest(user_id=user_id, file_name="x", content=content)
    done = await app.use(ImportPipeline)(request)
    assert isinstance(done, Success)
    return done.value


async def conflicts(app: Application, user_id: UserId) -> list[Conflict]:
    page = await app.use(ListConflicts)(user_id=user_id, after=None, limit=9)
    assert isinstance(page, Success)
    return list(page.value.items)


async def decide(
    app: Application, user_id: UserId, conflict: Conflict, decision: ConflictDecision
) -> Result[Conflict, object]:
    return await app.use(DecideConflict)(
        conflict_id=conflict.id, decision=decision, user_id=user_id
    )


def amounts(app: Application) -> list[str]:
    rows = app.store.transactions.values()
    return sorted(str(each.amount) for each in rows if each.removal is None)


@pytest.mark.parametrize(
    ("decision", "left"),
    [
        (ADDED, ["-13.50 EUR"]),
        (EXISTING, ["-12.50 EUR"]),
        (BOTH, ["-12.50 EUR", "-13.50 EUR"]),
    ],
)
async def test_what_stays_is_decided(
    app: Application, ada: UserId, decision: ConflictDecision, left: list[str]
) -> None:
    (conflict,) = await conflicts(app, ada)
    assert (str(conflict.added.amount), str(conflict.existing.amount)) == (
        "-13.50 EUR",
        "-12.50 EUR",
    )

    assert await decide(app, ada, conflict, decision) == Success(conflict)

    assert amounts(app) == left
    assert await conflicts(app, ada) == []
    (entry,) = [each for each in app.store.entries if each.action == "conflict.decided"]
    assert entry.details["decision"] == decision
    again = await decide(app, ada, conflict, decision)
    assert isinstance(again, Failure)
    assert isinstance(again.error, ConflictNotFound)
    # Neither file brings anything back.
    for content in (FIRST, OTHER):
        await imports(app, ada, content)
    assert amounts(app) == left
    assert await conflicts(app, ada) == []


async def test_what_does_not_stay_can_be_restored(app: Application, ada: UserId) -> None:
    (conflict,) = await conflicts(app, ada)
    await decide(app, ada, conflict, EXISTING)

    await app.use(RestoreTransaction)(transaction_id=conflict.id, user_id=ada)

    assert await conflicts(app, ada) == [conflict]


async def test_another_users_conflict_is_not_found(app: Application, ada: UserId) -> None:
    (conflict,) = await conflicts(app, ada)

    refused = await decide(app, UserId(new_id()), conflict, BOTH)

    assert refused == Failure(ConflictNotFound("No such conflict."))
    assert await conflicts(app, ada) == [conflict]
