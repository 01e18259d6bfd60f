"""Statements are shown to their owner, and whether they follow one another."""

from typing import Any

import pytest

from dashtam.application.ledger.statements import ListStatements, ShowContinuity
from domain.ledger.continuity import Continuity, ImportedStatement
from domain.ledger.entities import Account
from domain.ledger.errors import AccountNotFound
from domain.shared.errors import Unavailable
from domain.shared.ids import UserId, new_id
from domain.shared.pages import Page
from domain.shared.result import Failure, Result, Success
from tests.application.conftest import Application
from tests.statement_rows import import_of, outcome

OUTAGE = Failure(Unavailable("The database is not available."))
ACTIONS = ["statements.viewed", "continuity.viewed"]


async def stored(app: Application) -> tuple[Account, list[ImportedStatement]]:
    """Return an account with two statements, and a day missing between them."""
    account = await app.world.account()
    done = import_of(account, outcome(("1", 1), ("2", 1)), outcome(("5", 3), ("6", 3)))
    await app.world.imports.add(done)
    return account, [ImportedStatement(done.id, each) for each in done.statements]


async def view(app: Application, action: str, account: Account, user: UserId) -> Result[Any, Any]:
    if action == "continuity.viewed":
        return await app.use(ShowContinuity)(account_id=account.id, user_id=user)
    return await app.use(ListStatements)(
        account_id=account.id, user_id=user, reconciliation=None, after=None, limit=10
    )


async def test_statements_and_gaps_are_listed(app: Application) -> None:
    account, statements = await stored(app)

    listed = await view(app, "statements.viewed", account, account.user_id)
    continuity = await view(app, "continuity.viewed", account, account.user_id)

    assert listed == Success(Page(statements[::-1], None))
    assert continuity == Success(Continuity.of(statements))
    assert [entry.details for entry in app.store.entries] == [
        {"count": 2},
        {"gaps": 1, "overlaps": 0, "failing": 0, "ledger_unbalanced": 0},
    ]


@pytest.mark.parametrize("action", ACTIONS)
async def test_reading_is_audited_and_not_announced(app: Application, action: str) -> None:
    account, _ = await stored(app)

    await view(app, action, account, account.user_id)

    (entry,) = app.store.entries
    assert (entry.action, entry.result, entry.actor.id) == (action, "success", account.user_id)
    assert entry.resource_id == account.id
    assert app.announced == []


@pytest.mark.parametrize("action", ACTIONS)
async def test_another_user_finds_no_account_and_the_attempt_is_audited(
    app: Application, action: str
) -> None:
    account, _ = await stored(app)

    result = await view(app, action, account, UserId(new_id()))

    assert result == Failure(AccountNotFound("No such account."))
    assert app.trail == [(action.removesuffix("ed"), "failure")]


@pytest.mark.parametrize(
    ("action", "port", "method"),
    [
        ("statements.viewed", "accounts", "get"),
        ("statements.viewed", "statements", "page"),
        ("continuity.viewed", "accounts", "get"),
        ("continuity.viewed", "statements", "all"),
    ],
)
async def test_an_outage_is_reported(
    app: Application, monkeypatch: pytest.MonkeyPatch, action: str, port: str, method: str
) -> None:
    account, _ = await stored(app)

    async def fail(*args: object, **kwargs: object) -> object:
        return OUTAGE

    monkeypatch.setattr(getattr(app.world, port), method, fail)

    assert await view(app, action, account, account.user_id) == OUTAGE
    assert [entry.details for entry in app.store.entries] == [{"error": "unavailable"}]
