"""Which account a file is for: as it says, as its person says, or not without being told."""

from typing import Any

import pytest

from dashtam.application.ledger.import_pipeline import ImportPipeline
from domain.ledger.entities import (
    Account,
)
from domain.ledger.errors import AccountNotFound, HintNeeded, UnreadableStatement
from domain.ledger.hints import ReadingHints
from domain.ledger.imports import ImportRequest, StatementImport
from domain.shared.ids import AccountId, UserId, new_id
from domain.shared.result import Failure, Result, Success
from tests.application.conftest import Application
from tests.camt import balance, entry, message, statement

UNNAMED = message(statement(entry(), iban=""))
NAMED = message(statement(entry()))
WITHOUT_CURRENCY = message(statement(iban="", currency="", balances=""))
NO_ACCOUNT = Failure(HintNeeded("The file names no account. Say which one it is."))


@pytest.fixture
def user_id() -> UserId:
    return UserId(new_id())


async def bring(
    app: Application, user_id: UserId, content: bytes, **more: Any
) -> Result[StatementImport, Any]:
    return await app.use(ImportPipeline)(
        ImportRequest(user_id=user_id, file_name="march.xml", content=content, **more)
    )


async def account_of(app: Application, user_id: UserId, content: bytes) -> Account:
    assert isinstance(await bring(app, user_id, content), Success)
    (account,) = app.store.accounts.values()
    return account


async def test_a_file_that_names_no_account_needs_to_be_told(
    app: Application, user_id: UserId
) -> None:
    assert await bring(app, user_id, UNNAMED) == NO_ACCOUNT
    assert app.trail == [("statement.import", "failure")]
    assert not app.store.accounts


async def test_a_name_will_do(app: Application, user_id: UserId) -> None:
    hints = ReadingHints(account="Household")

    first = await bring(app, user_id, UNNAMED, hints=hints)
    again = await bring(app, user_id, UNNAMED, hints=hints)

    assert isinstance(first, Success)
    assert isinstance(again, Success)
    assert (first.value.new, again.value.same) == (1, 1)
    assert [each.number for each in app.store.accounts.values()] == ["Household"]


async def test_what_a_file_says_goes_before_what_is_said_of_it(
    app: Application, user_id: UserId
) -> None:
    hints = ReadingHints(account="Household", currency="USD")

    assert isinstance(await bring(app, user_id, NAMED, hints=hints), Success)

    (account,) = app.store.accounts.values()
    assert (account.number, account.currency) == ("DE01", "EUR")


async def test_it_may_be_for_an_account_that_is_there(app: Application, user_id: UserId) -> None:
    account = await account_of(app, user_id, NAMED)

    done = await bring(app, user_id, UNNAMED, account_id=account.id)

    assert isinstance(done, Success)
    assert [each.account_id for each in done.value.statements] == [account.id]
    assert done.value.same == 1


async def test_the_account_tells_the_currency(app: Application, user_id: UserId) -> None:
    account = await account_of(app, user_id, NAMED)
    rows = message(
        statement(
            entry().replace(' Ccy="EUR"', ""),
            iban="",
            currency="",
            balances=balance("OPBD", "1.00").replace(" Ccy='EUR'", ""),
        )
    )

    needed = await bring(app, user_id, rows, hints=ReadingHints(account="X"))
    done = await bring(app, user_id, rows, account_id=account.id)

    assert isinstance(needed, Failure)
    assert isinstance(needed.error, HintNeeded)
    assert isinstance(done, Success)


async def test_a_new_name_is_one_more_name_of_it(app: Application, user_id: UserId) -> None:
    account = await account_of(app, user_id, NAMED)
    renamed = message(statement(entry(), iban="DE99"))

    told = await bring(app, user_id, renamed, account_id=account.id)
    untold = await bring(app, user_id, renamed)

    assert isinstance(told, Success)
    assert isinstance(untold, Success)
    assert untold.value.statements[0].account_id == account.id
    assert len(app.store.accounts) == 1


async def test_a_file_of_several_accounts_is_not_for_one(app: Application, user_id: UserId) -> None:
    account = await account_of(app, user_id, NAMED)
    two = message(statement(entry()), statement(entry(), iban="DE02"))

    refused = await bring(app, user_id, two, account_id=account.id)

    told = "The file has several accounts. Do not choose one for it."
    assert refused == Failure(UnreadableStatement(told))


async def test_the_currency_must_be_the_accounts(app: Application, user_id: UserId) -> None:
    account = await account_of(app, user_id, NAMED)
    francs = message(statement(entry(), currency="<Ccy>CHF</Ccy>"))

    refused = await bring(app, user_id, francs, account_id=account.id)

    told = "The account has a different currency from the file."
    assert refused == Failure(UnreadableStatement(told))


async def test_an_account_of_another_is_not_there(app: Application, user_id: UserId) -> None:
    account = await account_of(app, user_id, NAMED)
    missing = Failure(AccountNotFound("No such account."))
    stranger = UserId(new_id())

    assert await bring(app, stranger, NAMED, account_id=account.id) == missing
    assert await bring(app, user_id, NAMED, account_id=AccountId(new_id())) == missing


class TestPreview:
    async def test_tells_what_would_be_and_keeps_nothing(
        self, app: Application, user_id: UserId
    ) -> None:
        told = await app.use(ImportPipeline).preview(
            ImportRequest(user_id=user_id, file_name="march.xml", content=NAMED)
        )

        assert isinstance(told, Success)
        outcome = told.value.outcome
        assert (outcome.new, outcome.format) == (1, "camt")
        assert not app.store.transactions
        assert not app.store.imports
        assert not app.store.files
        assert app.trail == [("statement.previewed", "success")]
        assert app.announced == []

    async def test_sees_what_is_there(self, app: Application, user_id: UserId) -> None:
        await bring(app, user_id, NAMED)

        told = await app.use(ImportPipeline).preview(
            ImportRequest(user_id=user_id, file_name="march.xml", content=NAMED)
        )

        assert isinstance(told, Success)
        assert (told.value.outcome.new, told.value.outcome.same) == (0, 1)

    async def test_refuses_what_an_import_would(self, app: Application, user_id: UserId) -> None:
        told = await app.use(ImportPipeline).preview(
            ImportRequest(user_id=user_id, file_name="march.xml", content=UNNAMED)
        )

        assert told == NO_ACCOUNT
        assert app.trail == [("statement.preview", "failure")]


class TestFiles:
    async def test_are_kept_once_for_each_person(self, app: Application, user_id: UserId) -> None:
        other = UserId(new_id())
        for person in (user_id, user_id, other):
            assert isinstance(await bring(app, person, NAMED), Success)

        assert {owner for owner, _ in app.store.files} == {user_id, other}
        assert set(app.store.files.values()) == {NAMED}

    async def test_that_are_refused_are_not_kept(self, app: Application, user_id: UserId) -> None:
        await bring(app, user_id, WITHOUT_CURRENCY)

        assert not app.store.files
