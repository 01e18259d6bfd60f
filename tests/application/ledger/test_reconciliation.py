"""An import, an undo or a deletion says whether the ledger still agrees with the bank."""

from random import Random

import pytest

from dashtam.application.ledger.import_pipeline import ImportPipeline
from dashtam.application.ledger.transactions import DeleteTransaction
from dashtam.application.ledger.undo_import import UndoImport
from domain.ledger.imports import ImportRequest, StatementImport, StatementOutcome
from domain.ledger.values import Reconciliation
from domain.shared.ids import AccountId, UserId, new_id
from domain.shared.result import Success
from tests.application.conftest import Application
from tests.camt import WEEK
from tests.daily_files import daily
from tests.statements import ofx, statement, transaction


@pytest.fixture
def ada() -> UserId:
    return UserId(new_id())


async def import_file(
    app: Application, user: UserId, content: bytes, account: AccountId | None = None
) -> StatementImport:
    request = ImportRequest(user_id=user, file_name="x", content=content, account_id=account)
    done = await app.use(ImportPipeline)(request)
    assert isinstance(done, Success)
    return done.value


def outcomes(app: Application) -> list[StatementOutcome]:
    active = [each for each in app.store.imports.values() if each.undone_at is None]
    return [outcome for each in active for outcome in each.statements]


def states(app: Application) -> set[Reconciliation]:
    return {each.ledger.state for each in outcomes(app)}


@pytest.mark.parametrize("seed", range(3))
async def test_daily_files_are_balanced_in_any_order(
    app: Application, ada: UserId, seed: int
) -> None:
    files = daily()
    Random(seed).shuffle(files)

    for content in files:
        await import_file(app, ada, content)

    assert states(app) == {Reconciliation.BALANCED}


async def test_each_transaction_that_is_removed_from_daily_files_is_found(
    app: Application, ada: UserId
) -> None:
    for content in daily(range(6)):
        await import_file(app, ada, content)
    assert states(app) == {Reconciliation.BALANCED}

    for deleted in list(app.store.transactions.values()):
        whole = app.store.snapshot()
        await app.use(DeleteTransaction)(transaction_id=deleted.id, user_id=ada)

        found = {each.ledger.difference for each in outcomes(app) if each.ledger.is_unbalanced}
        assert found == {deleted.amount}
        app.store.restore(whole)


async def test_each_transaction_that_another_source_doubles_is_found(
    app: Application, ada: UserId
) -> None:
    for content in WEEK:
        await import_file(app, ada, content)
    account = outcomes(app)[0].account_id

    for day in range(1, 5):
        whole = app.store.snapshot()
        again = transaction("-7.77", f"202603{day:02}", f"X{day}", "Another word")
        content = ofx(statement(again, balance=""))
        await import_file(app, ada, content, account)

        found = [each.ledger for each in outcomes(app) if each.ledger.is_unbalanced]
        assert [str(each.difference) for each in found] == ["7.77 EUR"]
        assert found[0].last_day
        assert found[0].last_day.day == day
        app.store.restore(whole)


async def test_an_import_is_kept_and_announced_for_each_account(
    app: Application, ada: UserId
) -> None:
    await import_file(app, ada, WEEK[0])

    done = await import_file(app, ada, WEEK[2])

    assert done.statements[0].ledger.is_unbalanced
    assert app.announced.count("ledger.unbalanced") == 1
    assert app.publisher.published[-1].subject_id == done.statements[0].account_id
    assert app.store.entries[-1].details == {}


async def test_what_was_unbalanced_before_is_not_announced_again(
    app: Application, ada: UserId
) -> None:
    await import_file(app, ada, WEEK[0])
    first = await import_file(app, ada, WEEK[2])

    again = await import_file(app, ada, WEEK[2] + b"\n")

    assert again.statements[0].ledger == first.statements[0].ledger
    await import_file(app, ada, WEEK[1])
    assert states(app) == {Reconciliation.BALANCED}
    assert app.announced.count("ledger.unbalanced") == 1


async def test_an_undo_that_leaves_a_gap_is_announced(app: Application, ada: UserId) -> None:
    imports = [await import_file(app, ada, content) for content in WEEK]

    undone = await app.use(UndoImport)(import_id=imports[1].id, user_id=ada)

    assert isinstance(undone, Success)
    assert undone.value.statements[0].ledger.state is Reconciliation.UNKNOWN
    assert app.announced.count("ledger.unbalanced") == 1
    assert [each.ledger.is_unbalanced for each in outcomes(app)] == [False, True, False]


async def test_what_followed_an_undone_statement_is_compared_anew(
    app: Application, ada: UserId
) -> None:
    first = await import_file(app, ada, WEEK[0])
    after_a_gap = await import_file(app, ada, WEEK[2])
    assert after_a_gap.statements[0].ledger.is_unbalanced

    await app.use(UndoImport)(import_id=first.id, user_id=ada)

    assert states(app) == {Reconciliation.BALANCED}


async def test_a_preview_says_it_and_changes_nothing(app: Application, ada: UserId) -> None:
    await import_file(app, ada, WEEK[0])
    await import_file(app, ada, WEEK[3])
    before, announced = app.store.snapshot(), app.announced
    request = ImportRequest(user_id=ada, file_name="x", content=WEEK[2])

    preview = await app.use(ImportPipeline).preview(request)

    assert isinstance(preview, Success)
    assert preview.value.outcome.statements[0].ledger.is_unbalanced
    assert app.store.imports == before["imports"]
    assert app.announced == announced
