"""A bank tells one movement in a report, a notification and a statement: it is one all the same."""

from dashtam.application.ledger.import_pipeline import ImportPipeline
from domain.ledger.imports import ImportRequest, StatementImport
from domain.ledger.values import Reconciliation
from domain.shared.ids import UserId
from domain.shared.result import Success
from tests.application.conftest import Application
from tests.camt import NTRY, balance, entry, message, statement

BALANCES = balance("OPBD", "100", day="2026-03-01") + balance("CLBD", "87.50", day="2026-03-01")
STATEMENT = message(statement(entry(), balances=BALANCES))
REPORT = ("BkToCstmrAcctRpt", "Rpt")
NOTIFICATION = ("BkToCstmrDbtCdtNtfctn", "Ntfctn")


def told_by(kind: tuple[str, str], body: str = NTRY) -> bytes:
    root, element = kind
    return message(statement(entry(body), element=element), root=root)


async def bring(app: Application, user: UserId, content: bytes) -> StatementImport:
    done = await app.use(ImportPipeline)(
        ImportRequest(user_id=user, file_name="day.xml", content=content)
    )
    assert isinstance(done, Success)
    return done.value


async def test_what_all_three_tell_is_one_transaction(app: Application) -> None:
    ada = (await app.world.user()).id

    done = [
        await bring(app, ada, content)
        for content in (told_by(REPORT), told_by(NOTIFICATION), STATEMENT)
    ]

    assert [(each.new, each.same) for each in done] == [(1, 0), (0, 1), (0, 1)]
    proofs = [each.statements[0].reconciliation for each in done]
    assert proofs == [Reconciliation.UNKNOWN, Reconciliation.UNKNOWN, Reconciliation.BALANCED]


async def test_what_a_report_calls_pending_is_booked_by_the_statement(app: Application) -> None:
    ada = (await app.world.user()).id
    pending = NTRY.replace("BOOK", "PDNG").replace("<AcctSvcrRef>B1</AcctSvcrRef>", "")
    await bring(app, ada, told_by(REPORT, pending))

    done = await bring(app, ada, STATEMENT)

    assert (done.new, done.updates) == (0, 1)


async def test_what_only_informs_is_entered_when_the_statement_books_it(app: Application) -> None:
    ada = (await app.world.user()).id
    announced = await bring(app, ada, told_by(NOTIFICATION, NTRY.replace("BOOK", "INFO")))

    done = await bring(app, ada, STATEMENT)

    assert (announced.new, len(announced.quarantined)) == (0, 1)
    assert done.new == 1


async def test_without_the_banks_id_a_booked_row_of_a_report_is_one_of_its_own(
    app: Application,
) -> None:
    """Nothing is guessed of two booked rows: rather one too many to see than one too few."""
    ada = (await app.world.user()).id
    bare = NTRY.replace("<AcctSvcrRef>B1</AcctSvcrRef>", "")
    await bring(app, ada, told_by(REPORT, bare))

    assert (await bring(app, ada, told_by(NOTIFICATION, bare))).same == 1
    assert (await bring(app, ada, STATEMENT)).new == 1
