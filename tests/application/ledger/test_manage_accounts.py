"""Accounts are added, changed and deleted by their owner, and by nobody else."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import pytest

from dashtam.application.ledger.manage_accounts import AddAccount, DeleteAccount, EditAccount
from domain.ledger.entities import Account
from domain.ledger.errors import (
    AccountExists,
    AccountNotEmpty,
    AccountNotFound,
    InvalidAccount,
    TooManyAccounts,
)
from domain.shared.ids import UserId, new_id
from domain.shared.result import Failure, Result, Success
from tests.application.conftest import Application
from tests.application.worlds import MOST_ACCOUNTS
from tests.factories import make_reference

Change = Callable[[Application, Account, UserId], Awaitable[Result[Any, Any]]]


def edit(app: Application, account: Account, user_id: UserId) -> Awaitable[Result[Any, Any]]:
    return app.use(EditAccount)(account_id=account.id, user_id=user_id, changes={"name": "Rent"})


def delete(app: Application, account: Account, user_id: UserId) -> Awaitable[Result[Any, Any]]:
    return app.use(DeleteAccount)(account_id=account.id, user_id=user_id)


def add(app: Application, user_id: UserId, name: str = "Cash", **reference: Any) -> Any:
    return app.use(AddAccount)(
        make_reference(**{"number": "", **reference}), user_id=user_id, name=name
    )


@pytest.mark.parametrize(
    ("change", "action", "attempt"),
    [(edit, "account.changed", "account.change"), (delete, "account.removed", "account.delete")],
)
async def test_only_the_owner_changes_an_account(
    app: Application, change: Change, action: str, attempt: str
) -> None:
    account = await app.world.account()

    refused = await change(app, account, UserId(new_id()))
    done = await change(app, account, account.user_id)

    assert refused == Failure(AccountNotFound())
    assert isinstance(done, Success)
    assert [(each.action, each.result) for each in app.store.entries] == [
        (attempt, "failure"),
        (action, "success"),
    ]


async def test_a_change_leaves_what_it_does_not_name(app: Application) -> None:
    account = await app.world.account()

    edited = await app.use(EditAccount)(
        account_id=account.id, user_id=account.user_id, changes={"closed_on": date(2026, 4, 1)}
    )

    assert isinstance(edited, Success)
    shown = edited.value.account
    assert (shown.name, shown.closed_on, shown.version) == (account.name, date(2026, 4, 1), 2)
    assert app.store.accounts[account.id] == shown


async def test_a_full_account_stays(app: Application) -> None:
    account = await app.world.account()
    await app.world.source(account)

    refused = await delete(app, account, account.user_id)

    assert isinstance(refused, Failure)
    assert isinstance(refused.error, AccountNotEmpty)
    assert account.id in app.store.accounts


async def test_an_account_by_hand_is_announced(app: Application) -> None:
    user = await app.world.user()

    added = await add(app, user.id)

    assert isinstance(added, Success)
    account = added.value.account
    assert (account.name, account.number, account.version) == ("Cash", "", 1)
    assert app.announced[-1] == "account.added"


async def test_a_number_belongs_to_one_account(app: Application) -> None:
    account = await app.world.account(number="DE02120300000000202051")
    national = {"number": "202051", "institution": "12030000"}

    for reference in ({"number": "DE02 1203 0000 0000 2020 51"}, national):
        refused = await add(app, account.user_id, **reference)
        assert isinstance(refused, Failure)
        assert isinstance(refused.error, AccountExists)
    assert isinstance(await add(app, account.user_id, number="7"), Success)


async def test_there_are_only_so_many(app: Application) -> None:
    user = await app.world.user()
    for _ in range(MOST_ACCOUNTS):
        assert isinstance(await add(app, user.id), Success)

    refused = await add(app, user.id)

    assert isinstance(refused, Failure)
    assert isinstance(refused.error, TooManyAccounts)


async def test_an_account_by_hand_needs_a_name(app: Application) -> None:
    user = await app.world.user()

    refused = await add(app, user.id, name=" ")

    assert refused == Failure(InvalidAccount("An account needs a name."))
    assert app.store.accounts == {}
