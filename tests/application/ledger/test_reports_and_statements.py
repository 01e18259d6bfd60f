"""A transaction in a report, a notification and a statement is stored once."""

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


def message_of(kind: tuple[str, str], body: str = NTRY) -> bytes:
    root, element = kind
    return message(statement(entry(body), element=element), root=root)


async def import_file(app: Application, user: UserId, content: bytes) -> StatementImport:
    done = await app.use(ImportPipeline)(
        ImportRequest(user_id=user, file_name="day.xml", content=content)
    )
    assert isinstance(done, Success)
    return done.value


async def test_three_messages_about_one_transaction_make_one(app: Application) -> None:
    ada = (await app.world.user()).id

    done = [
        await import_file(app, ada, content)
        for content in (message_of(REPORT), message_of(NOTIFICATION), STATEMENT)
    ]

    assert [(each.new, each.same) for each in done] == [(1, 0), (0, 1), (0, 1)]
    proofs = [each.statements[0].reconciliation for each in done]
    assert proofs == [Reconciliation.UNKNOWN, Reconciliation.UNKNOWN, Reconciliation.BALANCED]


async def test_a_transaction_pending_in_a_report_is_booked_by_the_statement(
    app: Application,
) -> None:
    ada = (await app.world.user()).id
    pending = NTRY.replace("BOOK", "PDNG").replace("<AcctSvcrRef>B1</AcctSvcrRef>", "")
    await import_file(app, ada, message_of(REPORT, pending))

    done = await import_file(app, ada, STATEMENT)

    assert (done.new, done.updates) == (0, 1)


async def test_an_informational_row_is_stored_when_the_statement_books_it(app: Application) -> None:
    ada = (await app.world.user()).id
    announced = await import_file(app, ada, message_of(NOTIFICATION, NTRY.replace("BOOK", "INFO")))

    done = await import_file(app, ada, STATEMENT)

    assert (announced.new, len(announced.quarantined)) == (0, 1)
    assert done.new == 1


async def test_a_booked_row_of_a_report_is_the_one_of_the_statement(app: Application) -> None:
    """A report leaves out the id that the statement has: day, amount and account are the same."""
    ada = (await app.world.user()).id
    bare = NTRY.replace("<AcctSvcrRef>B1</AcctSvcrRef>", "")
    await import_file(app, ada, message_of(REPORT, bare))

    assert (await import_file(app, ada, message_of(NOTIFICATION, bare))).same == 1
    done = await import_file(app, ada, STATEMENT)

    assert (done.new, done.same) == (0, 1)


async def test_the_next_statement_books_what_one_lists_as_pending_in_any_order(
    app: Application,
) -> None:
    ada = (await app.world.user()).id
    before = balance("OPBD", "100", day="2026-02-28") + balance("CLBD", "100", day="2026-02-28")
    waiting = NTRY.replace("BOOK", "PDNG").replace("<Dt>2026-03-01", "<Dt>2026-02-28", 1)
    booked = await import_file(app, ada, STATEMENT)

    done = await import_file(app, ada, message(statement(entry(waiting), balances=before)))

    assert (booked.new, done.new, done.conflict, done.same) == (1, 0, 0, 1)


def fee(opens: int, closes: int) -> str:
    body = NTRY.replace("12.50", "1.00").replace("<AcctSvcrRef>B1</AcctSvcrRef>", "")
    bounds = balance("OPBD", str(opens), day="2026-03-01")
    return statement(entry(body), balances=bounds + balance("CLBD", str(closes), day="2026-03-01"))


async def test_statements_of_a_file_lead_to_those_that_came_before_it(
    app: Application,
) -> None:
    ada = (await app.world.user()).id
    await import_file(app, ada, message(*(fee(n, n - 1) for n in range(90, 80, -1))))

    done = await import_file(app, ada, message(*(fee(n, n - 1) for n in range(100, 90, -1))))

    assert (done.new, done.same) == (10, 0)
    assert {each.ledger.state for each in done.statements} == {Reconciliation.BALANCED}
