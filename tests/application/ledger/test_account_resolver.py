"""Finding accounts by the references in statements, even for two concurrent imports."""

from typing import Any

import pytest

from dashtam.application.ledger.account_resolver import AccountResolver
from domain.connections.entities import Connection
from domain.ledger.entities import Account
from domain.shared.errors import Unavailable
from domain.shared.ids import UserId, new_id
from domain.shared.result import Failure, Success
from tests.application.conftest import Application
from tests.factories import make_account, make_connection, make_reference

ADA = UserId(new_id())
OUTAGE = Failure(Unavailable("The database is not available."))


@pytest.fixture
def resolver(app: Application) -> AccountResolver:
    return app.use_cases.with_ports(accounts_per_user=3).use(AccountResolver)


async def open_account(resolver: AccountResolver, **changes: Any) -> tuple[Account, list[str]]:
    opened = await resolver.resolve(make_reference(**changes), user_id=ADA)
    assert isinstance(opened, Success)
    account, events = opened.value
    return account, [event.name for event in events]


async def test_an_account_and_its_connection_are_added_once(resolver: AccountResolver) -> None:
    first, happened = await open_account(resolver)
    reopened, nothing = await open_account(resolver)

    assert happened == ["provider.connected", "account.added"]
    assert (reopened, nothing) == (first, [])


async def test_a_second_account_of_a_bank_reuses_the_connection(
    resolver: AccountResolver,
) -> None:
    first, _ = await open_account(resolver)
    second, happened = await open_account(resolver, number="2")

    assert happened == ["account.added"]
    assert second.connection_id == first.connection_id


async def test_another_currency_is_another_account(resolver: AccountResolver) -> None:
    euros, _ = await open_account(resolver)
    dollars, _ = await open_account(resolver, currency="USD")

    assert euros.id != dollars.id


async def test_the_number_of_accounts_is_limited(
    app: Application, resolver: AccountResolver
) -> None:
    accounts = [(await open_account(resolver, number=str(n)))[0] for n in range(3)]

    refused = await resolver.resolve(make_reference(number="3"), user_id=ADA)

    assert isinstance(refused, Failure)
    assert refused.error.code == "too-many-accounts"
    assert await app.world.accounts.all(owner=ADA) == Success(accounts)
    assert (await open_account(resolver, number="0"))[0] == accounts[0]
    assert isinstance(await resolver.resolve(make_reference(), user_id=UserId(new_id())), Success)


async def test_a_concurrent_import_finds_the_account_that_was_added_first(
    app: Application, resolver: AccountResolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = make_connection(ADA)
    theirs = make_account(connection)
    connections, accounts = app.world.connections, app.world.accounts
    add_connection, add_account = connections.add, accounts.add

    async def connect_late(ours: Connection) -> Any:
        await add_connection(connection)
        return await add_connection(ours)

    async def add_late(ours: Account) -> Any:
        await add_account(theirs)
        return await add_account(ours)

    monkeypatch.setattr(connections, "add", connect_late)
    monkeypatch.setattr(accounts, "add", add_late)

    account, happened = await open_account(resolver)

    assert account == theirs
    assert happened == []
    assert len(app.store.connections) == len(app.store.accounts) == 1


@pytest.mark.parametrize(
    ("port", "method"),
    [("accounts", "find"), ("connections", "find"), ("connections", "add"), ("accounts", "add")],
)
async def test_an_outage_is_reported(
    app: Application,
    resolver: AccountResolver,
    monkeypatch: pytest.MonkeyPatch,
    port: str,
    method: str,
) -> None:
    async def fail(*args: object, **kwargs: object) -> object:
        return OUTAGE

    monkeypatch.setattr(getattr(app.world, port), method, fail)

    assert await resolver.resolve(make_reference(), user_id=ADA) == OUTAGE
