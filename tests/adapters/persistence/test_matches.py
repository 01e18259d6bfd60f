"""Decisions about matches at the same time as each other, and as other changes."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from dashtam.application.ledger.changes import ListChanges
from dashtam.application.ledger.matches import DecideMatch, ListMatches
from dashtam.application.ledger.transactions import EditTransaction
from dashtam.application.ledger.undo_import import UndoImport
from dashtam.container import container
from domain.ledger.changes import ChangeKind
from domain.ledger.errors import MatchIsDecided, TransactionNotFound
from domain.ledger.imports import StatementImport
from domain.ledger.ports import ListedTransaction, TransactionFilter
from domain.ledger.suggested_matches import MatchDecision, MatchStatus, SuggestedMatch
from domain.shared.ids import UserId
from domain.shared.result import Failure, Result, Success
from tests.adapters.persistence.test_imports import import_file, someone
from tests.lanes import many
from tests.suggested import COFFEE, PAYMENT, file_of

pytestmark = pytest.mark.usefixtures("committing_database")

CONFIRMED, REFUSED = MatchDecision


@dataclass(frozen=True)
class Suggestion:
    """What two files of a user suggest."""

    owner: UserId
    first: StatementImport
    second: StatementImport
    match: SuggestedMatch

    @classmethod
    async def made(cls, owner: UserId, number: str = "1") -> "Suggestion":
        """Import both files of an account that was not imported before."""
        files = [file_of("A", COFFEE, number=number), file_of("B", PAYMENT, number=number)]
        first, second = [await import_file(owner, content) for content in files]
        match, *_ = await listed(owner, MatchStatus.SUGGESTED)
        return cls(owner, first, second, match)

    async def decide(self, decision: MatchDecision) -> Result[SuggestedMatch, object]:
        return await container.use(DecideMatch)(
            match_id=self.match.id, decision=decision, user_id=self.owner
        )

    async def ledger(self) -> Sequence[ListedTransaction]:
        async with container.ports.unit_of_work(owner=self.owner):
            page = await container.ports.transactions.page(
                self.match.existing.account_id,
                owner=self.owner,
                where=TransactionFilter(),
                after=None,
                limit=9,
            )
        assert isinstance(page, Success)
        return page.value.items


async def listed(owner: UserId, status: MatchStatus) -> Sequence[SuggestedMatch]:
    page = await container.use(ListMatches)(user_id=owner, status=status, after=None, limit=9)
    assert isinstance(page, Success)
    return page.value.items


async def test_of_two_decisions_at_once_one_counts() -> None:
    owner = await someone()
    for number in range(many(4, 60)):
        suggestion = await Suggestion.made(owner, str(number))

        done = await asyncio.gather(*(suggestion.decide(each) for each in MatchDecision))

        ((won, decision),) = [
            (each.value, decision)
            for each, decision in zip(done, MatchDecision, strict=True)
            if isinstance(each, Success)
        ]
        assert [each for each in done if isinstance(each, Failure)] == [
            Failure(MatchIsDecided(f"You have already {decision} this match for good."))
        ]
        assert won in await listed(owner, won.status)
        assert len(await suggestion.ledger()) == (3 if decision is CONFIRMED else 4)


async def test_the_same_decision_at_once_is_made_once() -> None:
    suggestion = await Suggestion.made(await someone())

    done = await asyncio.gather(*(suggestion.decide(CONFIRMED) for _ in range(4)))

    assert [each == done[0] for each in done] == [True] * 4
    assert isinstance(done[0], Success)
    assert len(await suggestion.ledger()) == 3


async def test_a_note_written_meanwhile_is_not_lost() -> None:
    owner = await someone()
    for number in range(many(4, 60)):
        suggestion = await Suggestion.made(owner, str(number))
        edit = container.use(EditTransaction)(
            transaction_id=suggestion.match.added.transaction_id,
            user_id=suggestion.owner,
            note="gift",
        )

        edited, decided = await asyncio.gather(edit, suggestion.decide(CONFIRMED))

        assert isinstance(decided, Success)
        notes = {each.note for each in await suggestion.ledger()}
        if isinstance(edited, Success):
            assert notes == {"", "gift"}
        else:
            assert edited == Failure(TransactionNotFound("No such transaction."))
            assert notes == {""}


async def test_an_import_undone_meanwhile_takes_nothing_with_it() -> None:
    owner = await someone()
    for number in range(many(4, 60)):
        suggestion = await Suggestion.made(owner, str(number))
        undo = container.use(UndoImport)(import_id=suggestion.first.id, user_id=suggestion.owner)

        undone, _ = await asyncio.gather(undo, suggestion.decide(CONFIRMED))

        assert isinstance(undone, Success)
        texts = {each.description for each in await suggestion.ledger()}
        assert texts == {"Rent", "SumUp 4711", "Gas"}
        assert len(await suggestion.ledger()) == 3


async def test_the_feed_says_that_the_merged_one_is_gone() -> None:
    suggestion = await Suggestion.made(await someone())
    before = await container.use(ListChanges)(user_id=suggestion.owner, after=None, limit=50)
    assert isinstance(before, Success)

    assert isinstance(await suggestion.decide(CONFIRMED), Success)

    page = await container.use(ListChanges)(
        user_id=suggestion.owner, after=before.value.next, limit=50
    )
    assert isinstance(page, Success)
    assert [(each.cursor.id, each.kind) for each in page.value.items] == [
        (suggestion.match.added.transaction_id, ChangeKind.REMOVED)
    ]
