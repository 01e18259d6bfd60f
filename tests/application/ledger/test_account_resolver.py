"""Finding accounts by the references in statements, even for two concurrent imports."""

from typing import Any

import pytest

from dashtam.application.ledger.account_resolver import AccountResolver
from domain.connections.entities import Connection
from domain.ledger.entities import Account
from domain.ledger.errors import HintNeeded
from domain.ledger.hints import SimilarAccounts
from domain.ledger.values import AccountReference
from domain.shared.errors import Unavailable
from domain.shared.ids import UserId, new_id
from domain.shared.result import Failure, Success
from tests.application.conftest import Application
from tests.factories import make_account, make_connection, make_reference
from tests.ports import with_ports

ADA = UserId(new_id())
OUTAGE = Failure(Unavailable("The database is not available."))


@pytest.fixture
def resolver(app: Application) -> AccountResolver:
    return with_ports(app.use_cases, accounts_per_user=3).use(AccountResolver)


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


IBAN = "DE02120300000000202051"


@pytest.mark.parametrize("is_iban_first", [True, False])
async def test_bank_and_number_are_the_iban(
    app: Application, resolver: AccountResolver, is_iban_first: bool
) -> None:
    spellings = [
        {"number": IBAN, "institution": "BYLADEM1001"},
        {"number": "12030000/202051", "institution": ""},
    ]
    first, _ = await open_account(resolver, **spellings[not is_iban_first])
    second, happened = await open_account(resolver, **spellings[is_iban_first])
    lacking, _ = await open_account(resolver, number=f"{IBAN} EUR", institution="")

    assert (second, happened, lacking) == (first, [], first)
    # What was compared once is found from then on.
    known = await app.world.accounts.find(
        make_reference(number="0000202051", institution="12030000"), owner=ADA
    )
    assert known == Success(first)


async def test_asks_whether_a_number_that_looks_alike_is_the_account(
    app: Application, resolver: AccountResolver
) -> None:
    held, _ = await open_account(resolver, number=IBAN, institution="")
    alike = make_reference(number="202051")

    asked = await resolver.resolve(alike, user_id=ADA)

    assert isinstance(asked, Failure)
    assert isinstance(asked.error, HintNeeded)
    for part in ("••••2051", f"account_id={held.id}", "similar_accounts=different"):
        assert part in asked.error.detail
    assert "202051" not in asked.error.detail.replace(str(held.id), "")
    assert len(app.store.accounts) == len(app.store.names) == 1


@pytest.mark.parametrize("answer", ["named", "same", "different"])
async def test_asks_once(app: Application, resolver: AccountResolver, answer: str) -> None:
    held, _ = await open_account(resolver, number=IBAN, institution="")
    alike = make_reference(number="202051")
    said: dict[str, Any] = (
        {"named": held} if answer == "named" else {"similar": SimilarAccounts(answer)}
    )

    told = await resolver.resolve(alike, user_id=ADA, **said)
    untold = await resolver.resolve(alike, user_id=ADA)

    assert isinstance(told, Success)
    assert isinstance(untold, Success)
    assert untold.value == (told.value[0], [])
    assert (told.value[0] == held) is (answer != "different")


@pytest.mark.parametrize("answer", SimilarAccounts)
async def test_asks_once_whether_accounts_of_one_name_are_one(
    resolver: AccountResolver, answer: SimilarAccounts
) -> None:
    named = {"number": "Savings", "institution": ""}
    held, _ = await open_account(resolver, **named, layout="csv a")
    other = make_reference(**named, layout="csv b")

    asked = await resolver.resolve(other, user_id=ADA)
    told = await resolver.resolve(other, user_id=ADA, similar=answer)

    assert isinstance(asked, Failure)
    assert isinstance(asked.error, HintNeeded)
    assert isinstance(told, Success)
    assert (told.value[0].id == held.id) is (answer is SimilarAccounts.SAME)
    assert await open_account(resolver, **named, layout="csv b") == (told.value[0], [])
    assert await open_account(resolver, **named, layout="csv a") == (held, [])


async def test_names_all_that_look_alike(resolver: AccountResolver) -> None:
    for number in (IBAN, "DE98500105170009992051"):
        await open_account(resolver, number=number, institution="")
    masked = make_reference(number="XXXX2051")

    asked = await resolver.resolve(masked, user_id=ADA, similar=SimilarAccounts.SAME)

    assert isinstance(asked, Failure)
    assert asked.error.detail.count("account_id=") == 2


async def test_a_file_that_lists_both_says_that_they_are_two(resolver: AccountResolver) -> None:
    held, _ = await open_account(resolver, number=IBAN, institution="")

    added = await resolver.resolve(
        make_reference(number="202051"), user_id=ADA, distinct_from={held.id}
    )

    assert isinstance(added, Success)
    assert added.value[0] != held


async def test_a_question_goes_before_the_limit(resolver: AccountResolver) -> None:
    for number in (IBAN, "1", "2"):
        await open_account(resolver, number=number, institution="")

    asked = await resolver.resolve(make_reference(number="202051"), user_id=ADA)

    assert isinstance(asked, Failure)
    assert isinstance(asked.error, HintNeeded)


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

    async def add_late(ours: Account, *reference: AccountReference) -> Any:
        await add_account(theirs)
        return await add_account(ours, *reference)

    monkeypatch.setattr(connections, "add", connect_late)
    monkeypatch.setattr(accounts, "add", add_late)

    account, happened = await open_account(resolver)

    assert account == theirs
    assert happened == []
    assert len(app.store.connections) == len(app.store.accounts) == 1


@pytest.mark.parametrize(
    ("port", "method"),
    [
        ("accounts", "count"),
        ("accounts", "aliases"),
        ("accounts", "add"),
        ("accounts", "find"),
        ("connections", "find"),
        ("connections", "add"),
    ],
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
