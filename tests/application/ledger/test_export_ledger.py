"""Writing a ledger into a file."""

import pytest

from dashtam.application.ledger.export_ledger import ExportedFile, ExportLedger
from dashtam.application.ledger.import_pipeline import ImportPipeline
from domain.ledger.errors import AccountNotFound, UnknownExportFormat
from domain.ledger.exports import ExportScope, Ledger
from domain.ledger.imports import ImportRequest
from domain.shared.ids import AccountId, UserId, new_id
from domain.shared.result import Failure, Success
from tests.application.conftest import Application
from tests.contracts.exports import LedgerSourceContract, LedgerWriterContract
from tests.export_fakes import PlainWriter
from tests.ports import with_ports
from tests.statements import days, ofx, statement

MARCH = ofx(statement(*days(4)))
ALL = ExportScope()


class TestSourceInMemory(LedgerSourceContract):
    pass


class TestPlainWriter:
    def test_writes_amounts(self) -> None:
        assert list(PlainWriter().write(Ledger(accounts=[]))) == []

    test_names_its_format = LedgerWriterContract.test_names_its_format

    @pytest.fixture
    def writer(self) -> PlainWriter:
        return PlainWriter()


@pytest.fixture
def user_id() -> UserId:
    return UserId(new_id())


async def export(
    app: Application, user_id: UserId, scope: ExportScope = ALL, format: str = "plain"
) -> ExportedFile:
    done = await app.use(ExportLedger)(user_id=user_id, format=format, scope=scope)
    assert isinstance(done, Success), done
    return done.value


async def import_file(app: Application, user_id: UserId, content: bytes = MARCH) -> None:
    done = await app.use(ImportPipeline)(
        ImportRequest(user_id=user_id, file_name="march.ofx", content=content)
    )
    assert isinstance(done, Success)


async def test_an_export_is_a_file_and_an_event(app: Application, user_id: UserId) -> None:
    await import_file(app, user_id)

    file = await export(app, user_id)

    content = file.content.read()
    assert content == b"-1.00 EUR\n-2.00 EUR\n-3.00 EUR\n-4.00 EUR\n"
    assert (file.size, file.count, file.name) == (len(content), 4, "ledger.txt")
    assert app.trail[-1] == ("ledger.exported", "success")
    assert app.store.entries[-1].details == {"format": "plain", "count": 4}
    assert "ledger.exported" not in app.announced
    file.content.close()


async def test_uses_the_requested_format(app: Application, user_id: UserId) -> None:
    await import_file(app, user_id)

    file = await export(app, user_id, format="csv")

    assert file.media_type.startswith("text/csv")
    assert file.content.read().startswith(b"transaction_id,")
    file.content.close()


async def test_can_be_limited_to_one_account(app: Application, user_id: UserId) -> None:
    await import_file(app, user_id)
    await import_file(app, user_id, ofx(statement(*days(2), number="2")))
    second = next(each for each in app.store.accounts.values() if each.number == "2")

    file = await export(app, user_id, ExportScope(account_id=second.id))

    assert file.count == 2
    assert app.store.entries[-1].resource_id == second.id
    file.content.close()


async def test_an_unknown_format_is_refused(app: Application, user_id: UserId) -> None:
    refused = await app.use(ExportLedger)(user_id=user_id, format="xls", scope=ALL)

    assert refused == Failure(UnknownExportFormat("Use one of these formats: csv, plain."))
    assert app.trail[-1] == ("ledger.export", "failure")


async def test_another_users_account_is_not_found(app: Application, user_id: UserId) -> None:
    await import_file(app, user_id)
    (account,) = app.store.accounts.values()
    missing = Failure(AccountNotFound("No such account."))

    for wanted, whose in ((account.id, UserId(new_id())), (AccountId(new_id()), user_id)):
        scope = ExportScope(account_id=wanted)
        assert await app.use(ExportLedger)(user_id=whose, format="csv", scope=scope) == missing
    assert app.trail[-1] == ("ledger.export", "failure")


async def test_a_failing_writer_leaves_no_event(app: Application, user_id: UserId) -> None:
    await import_file(app, user_id)

    class Broken(PlainWriter):
        def write(self, ledger: Ledger) -> "Broken":
            return self

        def __iter__(self) -> "Broken":
            return self

        def __next__(self) -> bytes:
            raise KeyError("a defect")

    app.use_cases = with_ports(app.use_cases, ledger_writers=[Broken()])

    with pytest.raises(KeyError):
        await export(app, user_id)
    assert app.trail[-1] == ("ledger.export", "failure")
