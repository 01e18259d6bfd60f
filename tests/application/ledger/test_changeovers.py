"""An account whose currency was abolished goes on in euros, and counts once."""

from datetime import date

import pytest

from dashtam.application.ledger.import_pipeline import ImportPipeline
from dashtam.application.ledger.undo_import import UndoImport
from domain.ledger.entities import Account, Transaction
from domain.ledger.imports import ImportRequest, StatementImport
from domain.ledger.net_worth import NetWorthRange
from domain.ledger.values import Reconciliation
from domain.shared.ids import UserId, new_id
from domain.shared.result import Success
from tests.application.conftest import Application
from tests.camt import message

IBAN = "HR1210010051863000160"
EVE, FIRST, NEXT = date(2022, 12, 31), date(2023, 1, 1), date(2023, 1, 2)


def file(currency: str, day: str, opens: str, closes: str, spent: str, iban: str = IBAN) -> bytes:
    """Return the statement of a day on which something was spent."""
    balances = "".join(
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='{currency}'>{amount}</Amt>"
        f"<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
        for code, amount in (("OPBD", opens), ("CLBD", closes))
    )
    row = (
        f"<Ntry><Amt Ccy='{currency}'>{spent}</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts>"
        f"<BookgDt><Dt>{day}</Dt></BookgDt><AcctSvcrRef>R{day}</AcctSvcrRef></Ntry>"
    )
    account = f"<Acct><Id><IBAN>{iban}</IBAN></Id><Ccy>{currency}</Ccy></Acct>"
    return message(f"<Stmt><Id>S{day}</Id>{account}{balances}{row}</Stmt>")


KUNA = file("HRK", "2022-12-30", "803.45", "753.45", "50.00")
EUROS = file("EUR", "2023-01-02", "100.00", "95.00", "5.00")
LATER = file("EUR", "2023-01-03", "95.00", "94.00", "1.00")
CONVERTED = [
    "2022-12-31 753.45 HRK",
    "2022-12-31 0.00 EUR",
    "2023-01-01 0.00 HRK",
    "2023-01-01 100.00 EUR",
    "2023-01-02 0.00 HRK",
    "2023-01-02 95.00 EUR",
]


@pytest.fixture
def ada() -> UserId:
    return UserId(new_id())


async def imports(app: Application, user_id: UserId, content: bytes) -> StatementImport:
    request = ImportRequest(user_id=user_id, file_name="x", content=content)
    done = await app.use(ImportPipeline)(request)
    assert isinstance(done, Success)
    return done.value


async def worth(app: Application, user_id: UserId) -> list[str]:
    found = await app.world.net_worth.by_day(NetWorthRange(EVE, NEXT), owner=user_id)
    assert isinstance(found, Success)
    items = sorted(found.value.items, key=lambda each: (each.day, each.currency != "HRK"))
    return [f"{each.day} {each.cash:.2f} {each.currency}" for each in items]


def ledger(app: Application) -> list[Transaction]:
    return [each for each in app.store.transactions.values() if each.removal is None]


def accounts(app: Application) -> dict[str, Account]:
    return {each.currency: each for each in app.store.accounts.values()}


@pytest.mark.parametrize("files", [(KUNA, EUROS), (EUROS, KUNA)])
async def test_it_counts_once_whichever_comes_first(
    app: Application, ada: UserId, files: tuple[bytes, bytes]
) -> None:
    for content in files:
        await imports(app, ada, content)

    assert await worth(app, ada) == CONVERTED
    moved = {str(each.amount): each for each in ledger(app) if each.booking_date == FIRST}
    assert set(moved) == {"-753.45 HRK", "100.00 EUR"}
    assert moved["100.00 EUR"].original_currency == "HRK"
    agreed = await app.world.reconciliations.by_account(owner=ada)
    assert isinstance(agreed, Success)
    states = {agreed.value[each.id].state for each in accounts(app).values()}
    assert states == {Reconciliation.BALANCED}


async def test_undoing_the_import_undoes_it(app: Application, ada: UserId) -> None:
    await imports(app, ada, KUNA)
    before = await worth(app, ada)
    done = await imports(app, ada, EUROS)

    await app.use(UndoImport)(import_id=done.id, user_id=ada)

    assert await worth(app, ada) == before
    assert len(ledger(app)) == 1
    await imports(app, ada, EUROS)
    assert await worth(app, ada) == CONVERTED


async def test_it_happens_once(app: Application, ada: UserId) -> None:
    for content in (KUNA, EUROS, LATER, EUROS, KUNA):
        done = await imports(app, ada, content)
        if content == LATER:
            assert len(done.statements) == 1

    assert len(ledger(app)) == 5
    assert await worth(app, ada) == CONVERTED


@pytest.mark.parametrize(
    "euros",
    [
        file("EUR", "2023-01-02", "100.01", "95.01", "5.00"),
        file("EUR", "2023-01-02", "100.00", "95.00", "5.00", iban="HR6724070003177711144"),
        file("EUR", "2022-06-01", "100.00", "95.00", "5.00"),
        file("USD", "2023-01-02", "100.00", "95.00", "5.00"),
    ],
    ids=["another amount", "another number", "before the day", "another currency"],
)
async def test_nothing_is_assumed(app: Application, ada: UserId, euros: bytes) -> None:
    for content in (KUNA, euros):
        assert len((await imports(app, ada, content)).statements) == 1

    assert len(ledger(app)) == 2
