"""The account of a file: stated by the file, chosen by the user, or required as a hint."""

from typing import Any

import pytest

from dashtam.application.ledger.import_pipeline import ImportPipeline
from domain.ledger.entities import Account
from domain.ledger.errors import (
    AccountNotFound,
    ContradictoryHint,
    HintNeeded,
    UnreadableStatement,
)
from domain.ledger.hints import ReadingHints
from domain.ledger.imports import ImportRequest, StatementImport
from domain.ledger.questions import ACCOUNT_ASKED
from domain.shared.ids import AccountId, UserId, new_id
from domain.shared.result import Failure, Result, Success
from tests.application.conftest import Application
from tests.camt import balance, entry, message, statement

UNNAMED = message(statement(entry(), iban=""))
WITH_ACCOUNT = message(statement(entry()))
WITHOUT_CURRENCY = message(statement(iban="", currency="", balances=""))
NO_ACCOUNT = Failure(HintNeeded.ask(ACCOUNT_ASKED))


@pytest.fixture
def user_id() -> UserId:
    return UserId(new_id())


async def import_file(
    app: Application, user_id: UserId, content: bytes, **more: Any
) -> Result[StatementImport, Any]:
    return await app.use(ImportPipeline)(
        ImportRequest(user_id=user_id, file_name="march.xml", content=content, **more)
    )


async def account_of(app: Application, user_id: UserId, content: bytes) -> Account:
    assert isinstance(await import_file(app, user_id, content), Success)
    (account,) = app.store.accounts.values()
    return account


async def test_a_file_without_an_account_needs_a_hint(app: Application, user_id: UserId) -> None:
    assert await import_file(app, user_id, UNNAMED) == NO_ACCOUNT
    assert app.trail == [("statement.import", "failure")]
    assert not app.store.accounts


async def test_an_account_name_is_enough(app: Application, user_id: UserId) -> None:
    hints = ReadingHints(account="Household")

    first = await import_file(app, user_id, UNNAMED, hints=hints)
    repeated = await import_file(app, user_id, UNNAMED + b"\n", hints=hints)

    assert isinstance(first, Success)
    assert isinstance(repeated, Success)
    assert (first.value.new, repeated.value.same) == (1, 1)
    assert [each.number for each in app.store.accounts.values()] == ["Household"]


@pytest.mark.parametrize("hints", [ReadingHints(account="Household"), ReadingHints(currency="USD")])
async def test_a_hint_that_contradicts_the_file_is_refused(
    app: Application, user_id: UserId, hints: ReadingHints
) -> None:
    refused = await import_file(app, user_id, WITH_ACCOUNT, hints=hints)

    assert isinstance(refused, Failure)
    assert isinstance(refused.error, ContradictoryHint)
    assert app.store.accounts == {}


@pytest.mark.parametrize("hints", [ReadingHints(account="Household"), ReadingHints(currency="USD")])
async def test_a_hint_that_contradicts_the_account_is_refused(
    app: Application, user_id: UserId, hints: ReadingHints
) -> None:
    account = await account_of(app, user_id, WITH_ACCOUNT)

    refused = await import_file(app, user_id, UNNAMED, account_id=account.id, hints=hints)

    assert isinstance(refused, Failure)
    assert isinstance(refused.error, ContradictoryHint)


async def test_an_existing_account_can_be_chosen(app: Application, user_id: UserId) -> None:
    account = await account_of(app, user_id, WITH_ACCOUNT)

    done = await import_file(app, user_id, UNNAMED, account_id=account.id)

    assert isinstance(done, Success)
    assert [each.account_id for each in done.value.statements] == [account.id]
    assert done.value.same == 1


async def test_the_chosen_account_determines_the_currency(
    app: Application, user_id: UserId
) -> None:
    account = await account_of(app, user_id, WITH_ACCOUNT)
    rows = message(
        statement(
            entry().replace(' Ccy="EUR"', ""),
            iban="",
            currency="",
            balances=balance("OPBD", "1.00").replace(" Ccy='EUR'", ""),
        )
    )

    needed = await import_file(app, user_id, rows, hints=ReadingHints(account="X"))
    done = await import_file(app, user_id, rows, account_id=account.id)

    assert isinstance(needed, Failure)
    assert isinstance(needed.error, HintNeeded)
    assert isinstance(done, Success)


async def test_a_new_name_becomes_an_alias(app: Application, user_id: UserId) -> None:
    account = await account_of(app, user_id, WITH_ACCOUNT)
    renamed = message(statement(entry(), iban="DE99"))

    result = await import_file(app, user_id, renamed, account_id=account.id)
    unassigned = await import_file(app, user_id, renamed)

    assert isinstance(result, Success)
    assert isinstance(unassigned, Success)
    assert unassigned.value.statements[0].account_id == account.id
    assert len(app.store.accounts) == 1


async def test_a_file_of_several_accounts_cannot_be_assigned_to_one(
    app: Application, user_id: UserId
) -> None:
    account = await account_of(app, user_id, WITH_ACCOUNT)
    two = message(statement(entry()), statement(entry(), iban="DE02"))

    refused = await import_file(app, user_id, two, account_id=account.id)

    reason = "The file has several accounts. Do not choose one for it."
    assert refused == Failure(UnreadableStatement(reason))


async def test_the_currency_must_match_the_account(app: Application, user_id: UserId) -> None:
    account = await account_of(app, user_id, WITH_ACCOUNT)
    francs = message(statement(entry(), currency="<Ccy>CHF</Ccy>"))

    refused = await import_file(app, user_id, francs, account_id=account.id)

    reason = "The account has a different currency from the file."
    assert refused == Failure(UnreadableStatement(reason))


async def test_another_users_account_is_not_found(app: Application, user_id: UserId) -> None:
    account = await account_of(app, user_id, WITH_ACCOUNT)
    missing = Failure(AccountNotFound("No such account."))
    stranger = UserId(new_id())

    assert await import_file(app, stranger, WITH_ACCOUNT, account_id=account.id) == missing
    assert await import_file(app, user_id, WITH_ACCOUNT, account_id=AccountId(new_id())) == missing


class TestPreview:
    async def test_shows_the_result_and_stores_nothing(
        self, app: Application, user_id: UserId
    ) -> None:
        preview = await app.use(ImportPipeline).preview(
            ImportRequest(user_id=user_id, file_name="march.xml", content=WITH_ACCOUNT)
        )

        assert isinstance(preview, Success)
        outcome = preview.value.outcome
        assert (outcome.new, outcome.format) == (1, "camt")
        assert not app.store.transactions
        assert not app.store.imports
        assert not app.store.files
        assert app.trail == [("statement.previewed", "success")]
        assert app.announced == []

    async def test_recognises_existing_transactions(
        self, app: Application, user_id: UserId
    ) -> None:
        await import_file(app, user_id, WITH_ACCOUNT)

        preview = await app.use(ImportPipeline).preview(
            ImportRequest(user_id=user_id, file_name="march.xml", content=WITH_ACCOUNT)
        )

        assert isinstance(preview, Success)
        assert (preview.value.outcome.new, preview.value.outcome.same) == (0, 1)

    async def test_refuses_what_an_import_refuses(self, app: Application, user_id: UserId) -> None:
        preview = await app.use(ImportPipeline).preview(
            ImportRequest(user_id=user_id, file_name="march.xml", content=UNNAMED)
        )

        assert preview == NO_ACCOUNT
        assert app.trail == [("statement.preview", "failure")]


class TestFiles:
    async def test_are_stored_once_per_user(self, app: Application, user_id: UserId) -> None:
        other = UserId(new_id())
        for person in (user_id, user_id, other):
            assert isinstance(await import_file(app, person, WITH_ACCOUNT), Success)

        assert {owner for owner, _ in app.store.files} == {user_id, other}
        assert set(app.store.files.values()) == {WITH_ACCOUNT}

    async def test_that_are_refused_are_not_stored(self, app: Application, user_id: UserId) -> None:
        await import_file(app, user_id, WITHOUT_CURRENCY)

        assert not app.store.files
