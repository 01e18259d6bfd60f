"""Reading the ledger: what is shown, to whom, and the audit entry of every read."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from dashtam.application.identity.users import ShowProfile
from dashtam.application.ledger.accounts import AccountOverview, ListAccounts, ShowAccount
from dashtam.application.ledger.balances import ListBalances, ListStatedBalances
from dashtam.application.ledger.transactions import (
    ListTransactions,
    ShowTransaction,
    TransactionsPage,
)
from domain.ledger.accounts import Freshness
from domain.ledger.balances import BalancesPage, BalancesRange, DailyBalance
from domain.ledger.entities import Account, Transaction
from domain.ledger.errors import AccountNotFound, TransactionNotFound
from domain.ledger.imported import BalanceSnapshot
from domain.ledger.ports import TransactionFilter
from domain.ledger.reconciling import AccountReconciliation
from domain.shared.errors import DomainError, Unavailable
from domain.shared.ids import UserId, new_id
from domain.shared.pages import Page
from domain.shared.result import Failure, Result, Success
from tests.application.conftest import Application
from tests.factories import NOON, make_row, make_snapshot, make_transaction

EVERYTHING = TransactionFilter()
FIRST_DAY = BalancesRange(date(2026, 3, 1), date(2026, 3, 1))
OUTAGE = Failure(Unavailable("The database is not available."))

Reading = Callable[[UserId], Awaitable[Result[Any, DomainError]]]


class Ledger:
    """One account with a balance and two transactions."""

    def __init__(self, app: Application, account: Account) -> None:
        self.app = app
        self.account = account
        self.balance: BalanceSnapshot
        self.transactions: list[Transaction]

    @classmethod
    async def stored(cls, app: Application) -> "Ledger":
        ledger = cls(app, await app.world.account())
        account = ledger.account
        source = await app.world.source(account)
        ledger.balance = make_snapshot(account, source)
        await app.world.balances.add([ledger.balance])
        rows = [make_row(day=day, provider_id=f"F{day}") for day in (2, 1)]
        ledger.transactions = [make_transaction(account, source, row) for row in rows]
        await app.world.transactions.add(ledger.transactions)
        return ledger

    def readings(self) -> dict[str, Reading]:
        """Return every way to read, by the action that it leaves in the trail."""
        app, account_id = self.app, self.account.id
        return {
            "accounts.viewed": lambda user: app.use(ListAccounts)(user_id=user),
            "account.viewed": lambda user: app.use(ShowAccount)(
                account_id=account_id, user_id=user
            ),
            "balances.viewed": lambda user: app.use(ListBalances)(
                account_id=account_id, user_id=user, days=FIRST_DAY, limit=10
            ),
            "stated_balances.viewed": lambda user: app.use(ListStatedBalances)(
                account_id=account_id, user_id=user, limit=10
            ),
            "transactions.viewed": lambda user: app.use(ListTransactions)(
                account_id=account_id, user_id=user, where=EVERYTHING, after=None, limit=10
            ),
            "transaction.viewed": lambda user: app.use(ShowTransaction)(
                transaction_id=self.transactions[0].id, user_id=user
            ),
        }


ACTIONS = [
    *("accounts.viewed", "account.viewed", "balances.viewed", "stated_balances.viewed"),
    *("transactions.viewed", "transaction.viewed"),
]


async def test_existing_rows_are_shown(app: Application) -> None:
    ledger = await Ledger.stored(app)
    (source,) = app.store.imports.values()
    owner, stated = ledger.account.user_id, ledger.balance
    of_day = DailyBalance(
        account_id=ledger.account.id,
        day=stated.day,
        currency="EUR",
        amount=stated.money.amount,
        kind=stated.kind,
        stated_on=stated.day,
    )
    spent = ledger.transactions[0].amount.amount
    today = replace(of_day, day=NOON.date(), amount=stated.money.amount + spent)
    overview = AccountOverview(
        account=ledger.account,
        balances=[today],
        reconciliation=AccountReconciliation(),
        freshness=Freshness(date(2026, 3, 31), source.imported_at),
    )

    results = [await reading(owner) for reading in ledger.readings().values()]

    assert results == [
        Success([overview]),
        Success(overview),
        Success(BalancesPage([of_day], None)),
        Success(Page([ledger.balance], None)),
        Success(TransactionsPage(ledger.transactions, None)),
        Success(ledger.transactions[0]),
    ]


@pytest.mark.parametrize("action", ACTIONS)
async def test_reading_is_audited_and_not_announced(app: Application, action: str) -> None:
    ledger = await Ledger.stored(app)
    owner = ledger.account.user_id

    await ledger.readings()[action](owner)

    (entry,) = app.store.entries
    assert (entry.action, entry.result, entry.actor.id) == (action, "success", owner)
    assert app.announced == []


@pytest.mark.parametrize("action", ACTIONS[1:])
async def test_another_user_sees_nothing_and_the_attempt_is_audited(
    app: Application, action: str
) -> None:
    ledger = await Ledger.stored(app)

    result = await ledger.readings()[action](UserId(new_id()))

    assert isinstance(result, Failure)
    assert isinstance(result.error, AccountNotFound | TransactionNotFound)
    (entry,) = app.store.entries
    assert (entry.action, entry.result) == (action.removesuffix("ed"), "failure")
    assert entry.resource_id in (ledger.account.id, ledger.transactions[0].id)


async def test_another_user_has_no_accounts(app: Application) -> None:
    await Ledger.stored(app)

    assert await app.use(ListAccounts)(user_id=UserId(new_id())) == Success([])


@pytest.mark.parametrize(
    ("port", "method", "action"),
    [
        ("accounts", "all", "accounts.viewed"),
        ("daily_balances", "by_day", "accounts.viewed"),
        ("accounts", "get", "account.viewed"),
        ("daily_balances", "by_day", "account.viewed"),
        ("accounts", "get", "balances.viewed"),
        ("daily_balances", "by_day", "balances.viewed"),
        ("accounts", "get", "stated_balances.viewed"),
        ("balances", "page", "stated_balances.viewed"),
        ("transactions", "page", "transactions.viewed"),
        ("transactions", "get", "transaction.viewed"),
    ],
)
async def test_an_outage_is_reported(
    app: Application, monkeypatch: pytest.MonkeyPatch, port: str, method: str, action: str
) -> None:
    ledger = await Ledger.stored(app)

    async def fail(*args: object, **kwargs: object) -> object:
        return OUTAGE

    monkeypatch.setattr(getattr(app.world, port), method, fail)

    assert await ledger.readings()[action](ledger.account.user_id) == OUTAGE
    assert [entry.details for entry in app.store.entries] == [{"error": "unavailable"}]


async def test_users_see_their_own_profile(app: Application) -> None:
    user = await app.world.user()

    assert await app.use(ShowProfile)(user_id=user.id) == Success(user)
    assert app.trail == [("user.viewed", "success")]


async def test_a_closed_account_has_no_profile(app: Application) -> None:
    assert isinstance(await app.use(ShowProfile)(user_id=UserId(new_id())), Failure)
    assert app.trail == [("user.view", "failure")]
