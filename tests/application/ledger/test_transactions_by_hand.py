"""Transactions that users write by hand."""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from asgiref.sync import async_to_sync

from adapters.statements.by_hand import ByHandReader
from dashtam.application.ledger.deleted_transactions import RestoreTransaction
from dashtam.application.ledger.import_pipeline import ImportPipeline
from dashtam.application.ledger.import_queries import ListImports
from dashtam.application.ledger.matches import DecideMatch, ListMatches
from dashtam.application.ledger.submit_import import ReimportStatement
from dashtam.application.ledger.transactions import DeleteTransaction
from dashtam.application.ledger.transactions_by_hand import (
    AddedTransaction,
    AddTransaction,
    ReviseTransaction,
)
from dashtam.application.ledger.undo_import import UndoImport
from domain.ledger.allocations import UNANNOTATED, Annotation
from domain.ledger.by_hand import Document, Entry, unnamed
from domain.ledger.entities import Account, Transaction
from domain.ledger.errors import AccountNotFound, NotWrittenByHand
from domain.ledger.hints import ReadingHints
from domain.ledger.import_filter import ImportFilter
from domain.ledger.imports import ImportRequest, StatementImport
from domain.ledger.kinds import TransactionKind
from domain.ledger.suggested_matches import MatchDecision, MatchStatus, SuggestedMatch
from domain.shared.ids import AccountId, UserId, new_id
from domain.shared.result import Failure, Result, Success
from tests.application.conftest import Application
from tests.factories import make_account, make_connection
from tests.statements import ofx, statement, transaction

COFFEE = Entry(
    booking_date=date(2026, 3, 3), amount=Decimal("-4.50"), payee="Coffee house", memo="Two cups"
)
RENT = transaction("-900.00", "20260301", "R1", "Rent")


@dataclass
class Person:
    """A user with one account."""

    app: Application
    id: UserId = field(default_factory=lambda: UserId(new_id()))

    @property
    def account(self) -> Account:
        (account,) = self.app.store.accounts.values()
        return account

    @property
    def ledger(self) -> list[Transaction]:
        rows = self.app.store.transactions.values()
        return sorted((e for e in rows if e.removal is None), key=lambda each: each.id)

    async def imports(self, *rows: str) -> StatementImport:
        request = ImportRequest(
            user_id=self.id, file_name="march.ofx", content=ofx(statement(*rows))
        )
        done = await self.app.use(ImportPipeline)(request)
        assert isinstance(done, Success)
        return done.value

    async def writes(self, entry: Entry = COFFEE, **said: Any) -> AddedTransaction:
        added = await self.app.use(AddTransaction)(
            entry, account_id=self.account.id, user_id=self.id, annotation=Annotation(**said)
        )
        assert isinstance(added, Success)
        return added.value

    async def revises(
        self, row: Transaction, own: Annotation = UNANNOTATED, **changes: Any
    ) -> Result[Transaction, object]:
        return await self.app.use(ReviseTransaction)(
            changes, transaction_id=row.id, user_id=self.id, annotation=own
        )

    async def matches(self) -> list[SuggestedMatch]:
        page = await self.app.use(ListMatches)(
            user_id=self.id, status=MatchStatus.SUGGESTED, after=None, limit=9
        )
        assert isinstance(page, Success)
        return list(page.value.items)

    async def undoes(self, import_id: Any) -> None:
        undone = await self.app.use(UndoImport)(import_id=import_id, user_id=self.id)
        assert isinstance(undone, Success)


@pytest.fixture
def ada(app: Application) -> Person:
    ada = Person(app)
    async_to_sync(ada.imports)(RENT)
    return ada


async def test_what_is_written_is_in_the_ledger(ada: Person) -> None:
    added = await ada.writes(note="with Grace", tags=["Food"])

    row = added.transaction
    assert row in ada.ledger
    assert (row.description, row.payee, row.memo) == (
        "Coffee house Two cups",
        "Coffee house",
        "Two cups",
    )
    assert (row.note, row.tags, row.kind) == ("with Grace", ("food",), TransactionKind.DEBIT)
    assert (str(row.amount), added.suggested) == ("-4.50 EUR", 0)
    assert ada.app.trail[-2:] == [
        ("transaction.added", "success"),
        ("statement.imported", "success"),
    ]


async def test_equal_ones_are_as_many_as_were_written(ada: Person) -> None:
    for _ in range(3):
        assert (await ada.writes()).suggested == 0

    assert len(ada.ledger) == 4
    assert await ada.matches() == []


def test_the_document_reads_as_it_was_entered() -> None:
    entry = replace(COFFEE, value_date=date(2026, 3, 4), kind=TransactionKind.CASH, reference="7")
    account = unnamed(make_account(make_connection(UserId(new_id()))))
    document = Document(id=new_id(), currency="EUR", content=entry)
    content = document.encode()

    read = ByHandReader().read(content, ReadingHints(account="Cash"))

    assert isinstance(read, Success)
    (stated,) = read.value.statements
    (entered,) = document.file(account).statements
    assert replace(stated, account=account) == entered
    assert stated.account.number == "Cash"


async def test_it_is_an_import_that_is_listed_only_if_asked(ada: Person) -> None:
    row = (await ada.writes()).transaction
    listing = ada.app.use(ListImports)

    files = await listing(user_id=ada.id, after=None, limit=9)
    every = await listing(user_id=ada.id, after=None, limit=9, where=ImportFilter(by_hand=True))

    assert isinstance(files, Success)
    assert isinstance(every, Success)
    assert [each.format for each in files.value.items] == ["ofx"]
    assert [each.format for each in every.value.items] == ["by_hand", "ofx"]
    assert every.value.items[0].id == row.import_id


async def test_undone_and_imported_again_it_is_the_same_transaction(ada: Person) -> None:
    row = (await ada.writes()).transaction
    await ada.undoes(row.import_id)
    assert row.id not in [each.id for each in ada.ledger]

    again = await ada.app.use(ReimportStatement)(import_id=row.import_id, user_id=ada.id)

    assert isinstance(again, Success)
    assert replace(row, import_id=again.value.id) in ada.ledger


async def test_a_revision_changes_the_same_transaction(ada: Person) -> None:
    row = (await ada.writes(note="mine")).transaction

    revised = await ada.revises(
        row, Annotation(tags=["food"]), amount=Decimal("5.00"), booking_date=date(2026, 3, 5)
    )

    assert isinstance(revised, Success)
    now = revised.value
    assert (now.id, str(now.amount), now.booking_date) == (row.id, "5.00 EUR", date(2026, 3, 5))
    assert (now.note, now.tags, now.kind) == ("mine", ("food",), TransactionKind.CREDIT)
    assert now.description == row.description
    assert now in ada.ledger
    assert len(ada.ledger) == 2
    (edited,) = [e for e in ada.app.store.entries if e.action == "transaction.edited"]
    assert edited.details == {"fields": ["amount", "booking_date", "tags"]}


async def test_a_description_follows_what_it_is_made_of(ada: Person) -> None:
    row = (await ada.writes()).transaction

    revised = await ada.revises(row, payee="Tea house")
    assert isinstance(revised, Success)
    assert revised.value.description == "Tea house Two cups"

    own = await ada.revises(row, description="Breakfast")
    assert isinstance(own, Success)
    kept = await ada.revises(row, memo="")
    assert isinstance(kept, Success)
    assert (kept.value.description, kept.value.payee) == ("Breakfast", "Tea house")


async def test_a_revision_back_and_forth_leaves_one_state(ada: Person) -> None:
    row = (await ada.writes()).transaction
    for amount in ("-5.00", "-4.50", "-5.00", "-4.50"):
        assert isinstance(await ada.revises(row, amount=Decimal(amount)), Success)

    (now,) = [each for each in ada.ledger if each.id == row.id]
    assert replace(now, import_id=row.import_id) == row
    active = [each for each in ada.app.store.imports.values() if each.undone_at is None]
    assert now.import_id in {each.id for each in active}
    assert len(active) == 2
    await ada.undoes(now.import_id)
    assert len(ada.ledger) == 1


async def test_what_a_bank_states_is_not_revised(ada: Person) -> None:
    (rent,) = ada.ledger

    refused = await ada.revises(rent, amount=Decimal("-1.00"))

    assert isinstance(refused, Failure)
    assert isinstance(refused.error, NotWrittenByHand)
    assert ada.ledger == [rent]
    assert ada.app.trail[-1] == ("transaction.revise", "failure")


async def test_the_banks_row_later_is_no_second_one(ada: Person) -> None:
    row = (await ada.writes()).transaction

    done = await ada.imports(
        RENT, transaction("-4.50", "20260303", "C1", "COFFEE HOUSE 4711"), *later_days()
    )

    assert done.same == 2
    assert row in ada.ledger
    refused = await ada.revises(row, amount=Decimal("-4.00"))
    assert isinstance(refused, Failure)
    # Undoing what was written leaves what the bank states, as the same transaction.
    await ada.undoes(row.import_id)
    (banks,) = [each for each in ada.ledger if each.id == row.id]
    assert banks.description == "COFFEE HOUSE 4711"


async def test_the_banks_row_on_another_day_is_suggested(ada: Person) -> None:
    row = (await ada.writes()).transaction

    await ada.imports(RENT, transaction("-4.50", "20260305", "C1", "SumUp 4711"), *later_days())

    (match,) = await ada.matches()
    assert match.existing.transaction_id == row.id
    decided = await ada.app.use(DecideMatch)(
        match_id=match.id, decision=MatchDecision.CONFIRMED, user_id=ada.id
    )
    assert isinstance(decided, Success)
    assert row in ada.ledger


async def test_what_is_written_of_a_known_row_is_suggested_and_never_dropped(
    ada: Person,
) -> None:
    await ada.imports(RENT, transaction("-4.50", "20260303", "C1", "COFFEE HOUSE"), *later_days())

    added = await ada.writes()

    assert added.suggested == 1
    (match,) = await ada.matches()
    assert match.added.transaction_id == added.transaction.id
    assert match.existing.description == "COFFEE HOUSE"


async def test_a_revision_may_be_another_one_too(ada: Person) -> None:
    await ada.imports(RENT, transaction("-4.50", "20260303", "C1", "COFFEE HOUSE"), *later_days())
    row = (await ada.writes(replace(COFFEE, amount=Decimal("-45.00")))).transaction
    assert await ada.matches() == []

    await ada.revises(row, amount=Decimal("-4.50"))

    (match,) = await ada.matches()
    assert match.added.transaction_id == row.id


async def test_what_is_written_like_a_deleted_row_is_added(ada: Person) -> None:
    await ada.imports(RENT, transaction("-4.50", "20260303", "C1", "COFFEE HOUSE"), *later_days())
    (coffee,) = [each for each in ada.ledger if each.description == "COFFEE HOUSE"]
    await ada.app.use(DeleteTransaction)(transaction_id=coffee.id, user_id=ada.id)

    added = await ada.writes()

    assert (added.suggested, added.transaction in ada.ledger) == (0, True)


async def test_a_deleted_one_is_restored(ada: Person) -> None:
    row = (await ada.writes()).transaction
    await ada.app.use(DeleteTransaction)(transaction_id=row.id, user_id=ada.id)

    restored = await ada.app.use(RestoreTransaction)(transaction_id=row.id, user_id=ada.id)

    assert restored == Success(row)


async def test_another_users_account_is_not_found(ada: Person) -> None:
    missing = Failure(AccountNotFound("No such account."))
    add = ada.app.use(AddTransaction)

    for account_id in (ada.account.id, AccountId(new_id())):
        assert await add(COFFEE, account_id=account_id, user_id=UserId(new_id())) == missing
    assert ada.app.trail[-1] == ("transaction.add", "failure")


def later_days() -> list[str]:
    """Return rows until the tenth, so that a file covers the days before."""
    return [transaction("-2.00", "20260310", "G1", "Gas")]
