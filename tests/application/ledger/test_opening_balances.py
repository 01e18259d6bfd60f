"""Opening balances that users set."""

from datetime import date
from decimal import Decimal

import pytest
from asgiref.sync import async_to_sync

from dashtam.application.ledger.import_pipeline import ImportPipeline
from dashtam.application.ledger.opening_balances import (
    RemoveOpeningBalance,
    SetOpeningBalance,
    StatedOpening,
)
from dashtam.application.ledger.transactions_by_hand import AddTransaction
from domain.ledger.by_hand import Entry, OpeningBalance
from domain.ledger.entities import Account
from domain.ledger.errors import AccountNotFound, BankStatesBalance, OpeningBalanceNotFound
from domain.ledger.imports import ImportRequest
from domain.ledger.net_worth import NetWorthRange
from domain.ledger.values import Reconciliation
from domain.shared.ids import UserId, new_id
from domain.shared.result import Failure, Result, Success
from tests.application.conftest import Application
from tests.statements import ofx, statement, transaction

FIRST = date(2026, 3, 1)


@pytest.fixture
def ada(app: Application) -> UserId:
    ada = UserId(new_id())
    async_to_sync(imports)(app, ada, "")
    return ada


async def imports(app: Application, user_id: UserId, closing: str) -> None:
    """Import a row of March 5th, with the balance after it if there is one."""
    balance = f"<LEDGERBAL><BALAMT>{closing}<DTASOF>20260305</LEDGERBAL>" if closing else ""
    content = ofx(statement(transaction("-900.00", "20260305", "R1", "Rent"), balance=balance))
    request = ImportRequest(user_id=user_id, file_name="march.ofx", content=content)
    assert isinstance(await app.use(ImportPipeline)(request), Success)


def account_of(app: Application) -> Account:
    (account,) = app.store.accounts.values()
    return account


async def set_balance(
    app: Application, user_id: UserId, amount: str, day: date = FIRST
) -> Result[StatedOpening, object]:
    return await app.use(SetOpeningBalance)(
        OpeningBalance(day=day, amount=Decimal(amount)),
        account_id=account_of(app).id,
        user_id=user_id,
    )


async def worth(app: Application, user_id: UserId, first: date, last: date) -> list[str]:
    found = await app.world.net_worth.by_day(NetWorthRange(first, last), owner=user_id)
    assert isinstance(found, Success)
    return [str(each.cash) for each in found.value.items]


async def test_it_is_the_balance_of_the_evening_before(app: Application, ada: UserId) -> None:
    stated = await set_balance(app, ada, "1000.00")

    assert isinstance(stated, Success)
    (snapshot,) = app.store.balances
    assert (snapshot.day, str(snapshot.money)) == (date(2026, 2, 28), "1000.00 EUR")
    assert app.trail[-2:] == [
        ("opening_balance.stated", "success"),
        ("statement.imported", "success"),
    ]


async def test_net_worth_begins_with_it(app: Application, ada: UserId) -> None:
    await set_balance(app, ada, "1000.00")

    found = await worth(app, ada, date(2026, 2, 28), date(2026, 3, 5))

    assert found == ["1000.00", "1000.00", "1000.00", "1000.00", "1000.00", "100.00"]


async def test_another_one_replaces_it(app: Application, ada: UserId) -> None:
    await set_balance(app, ada, "1000.00")

    await set_balance(app, ada, "2000.00", date(2026, 3, 2))

    found = await worth(app, ada, date(2026, 3, 1), date(2026, 3, 5))
    assert found == ["2000.00", "2000.00", "2000.00", "2000.00", "1100.00"]


async def test_removed_it_counts_no_more(app: Application, ada: UserId) -> None:
    await set_balance(app, ada, "1000.00")
    remove = app.use(RemoveOpeningBalance)
    account_id = account_of(app).id

    assert await remove(account_id=account_id, user_id=ada) == Success(None)

    assert app.trail[-2:] == [("opening_balance.removed", "success"), ("import.undone", "success")]
    assert await worth(app, ada, FIRST, FIRST) == []
    again = await remove(account_id=account_id, user_id=ada)
    assert isinstance(again, Failure)
    assert isinstance(again.error, OpeningBalanceNotFound)


@pytest.mark.parametrize(
    ("opening", "state"),
    [("1000.00", Reconciliation.BALANCED), ("1000.01", Reconciliation.UNBALANCED)],
)
async def test_the_balances_of_the_bank_are_compared_with_it(
    app: Application, ada: UserId, opening: str, state: Reconciliation
) -> None:
    await imports(app, ada, "100.00")

    await set_balance(app, ada, opening)

    ledgers = await app.world.reconciliations.by_account(owner=ada)
    assert isinstance(ledgers, Success)
    assert ledgers.value[account_of(app).id].state is state
    assert ("ledger.unbalanced" in app.announced) == (state is Reconciliation.UNBALANCED)


async def test_what_is_written_by_hand_counts_between_balances(
    app: Application, ada: UserId
) -> None:
    await imports(app, ada, "100.00")
    await set_balance(app, ada, "1050.00")
    account_id = account_of(app).id
    cash = Entry(booking_date=date(2026, 3, 3), amount=Decimal("-50.00"), payee="Cash")

    await app.use(AddTransaction)(cash, account_id=account_id, user_id=ada)

    ledgers = await app.world.reconciliations.by_account(owner=ada)
    assert isinstance(ledgers, Success)
    assert ledgers.value[account_id].state is Reconciliation.BALANCED


async def test_a_bank_is_not_contradicted(app: Application, ada: UserId) -> None:
    await imports(app, ada, "100.00")

    refused = await set_balance(app, ada, "99.00", date(2026, 3, 6))

    assert isinstance(refused, Failure)
    assert isinstance(refused.error, BankStatesBalance)
    assert isinstance(await set_balance(app, ada, "100.00", date(2026, 3, 6)), Success)


async def test_another_users_account_is_not_found(app: Application, ada: UserId) -> None:
    missing = Failure(AccountNotFound("No such account."))
    stranger = UserId(new_id())

    assert await set_balance(app, stranger, "1.00") == missing
    account_id = account_of(app).id
    removed = await app.use(RemoveOpeningBalance)(account_id=account_id, user_id=stranger)
    assert removed == missing
