"""What every implementation of `MatchRepository` must do, and `TransactionRepository` with it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from domain.ledger.entities import Account, Leg, Transaction
from domain.ledger.errors import MatchNotFound
from domain.ledger.evidence import Outline
from domain.ledger.imports import StatementImport
from domain.ledger.matches import MatchContext
from domain.ledger.neighbourhood import Neighbourhood
from domain.ledger.ports import ListedTransaction, TransactionFilter
from domain.ledger.suggested_matches import MatchStatus, NewSuggestion, SuggestedMatch
from domain.ledger.values import MatchResult, Removal, StatementRef, transaction_keys
from domain.shared.ids import ImportId, MatchId, UserId, new_id
from domain.shared.result import Failure, Success
from tests.contracts.world import World
from tests.factories import NOON, imported_row, make_row, make_statement, make_transaction
from tests.listed import shown

SUGGESTED, CONFIRMED, REFUSED = MatchStatus
MISSING = Failure(MatchNotFound("No such match."))


@dataclass
class Sources:
    """Files of one account, each with rows of its own."""

    world: World
    account: Account

    @classmethod
    async def opened(cls, world: World, email: str = "ada@example.org") -> Self:
        return cls(world, await world.account(email))

    @property
    def owner(self) -> UserId:
        return self.account.user_id

    async def book(self, provider_id: str, day: int = 3) -> Transaction:
        """Import a row in a file of its own."""
        source = await self.world.source(self.account)
        row = make_transaction(self.account, source, make_row(provider_id=provider_id, day=day))
        assert await self.world.transactions.add([row]) == Success(None)
        await self.state(row, source)
        return row

    async def state(self, row: Transaction, source: StatementImport) -> None:
        stated = imported_row(replace(row, import_id=source.id), MatchResult.NEW)
        assert await self.world.transactions.record_rows([stated]) == Success(None)

    async def suggest(self, added: Transaction, existing: Transaction) -> SuggestedMatch:
        new = NewSuggestion(
            id=MatchId(new_id()), user_id=self.owner, added_id=added.id, existing_id=existing.id
        )
        assert await self.world.matches.suggest([new]) == Success(None)
        return SuggestedMatch(
            id=new.id, user_id=self.owner, added=Leg.of(added), existing=Leg.of(existing)
        )

    async def decide(self, match: SuggestedMatch, status: MatchStatus) -> SuggestedMatch:
        decided = replace(match, status=status, decided_at=NOON)
        if status is CONFIRMED:
            merged, into = match.added.transaction_id, match.existing.transaction_id
            done = await self.world.transactions.merge(merged, into, owner=self.owner)
            assert done == Success(None)
        assert await self.world.matches.decide(decided) == Success(None)
        return decided

    async def listed(self, status: MatchStatus = SUGGESTED) -> Sequence[SuggestedMatch]:
        page = await self.world.matches.page(status, owner=self.owner, after=None, limit=9)
        assert isinstance(page, Success)
        assert page.value.next is None
        return page.value.items

    async def ledger(self) -> Sequence[ListedTransaction]:
        page = await self.world.transactions.page(
            self.account.id, owner=self.owner, where=TransactionFilter(), after=None, limit=9
        )
        assert isinstance(page, Success)
        return page.value.items

    async def undo(self, row: Transaction) -> tuple[int, int]:
        undone = await self.world.transactions.undo(row.import_id, owner=self.owner)
        assert isinstance(undone, Success)
        return undone.value

    async def context(self, *rows: Transaction) -> MatchContext:
        """Return what rows like these would be matched with."""
        stated = [make_row(provider_id=row.provider_id, day=row.booking_date.day) for row in rows]
        statement = Outline.of(make_statement(*stated), StatementRef(ImportId(new_id()), 1))
        other = replace(statement, ref=StatementRef(ImportId(new_id()), 1))
        found = await self.world.transactions.match_context(
            self.account.id,
            owner=self.owner,
            rows=stated,
            keys=transaction_keys(stated),
            near=Neighbourhood.of(statement, [other]),
        )
        assert isinstance(found, Success)
        return found.value


class _SuggestionsContract:
    async def test_returns_suggestions_latest_first(self, world: World) -> None:
        own = await Sources.opened(world)
        existing, one, other = [await own.book(name) for name in ("A", "B", "C")]
        first, second = await own.suggest(one, existing), await own.suggest(other, existing)

        assert await own.listed() == [second, first]
        assert await own.listed(CONFIRMED) == await own.listed(REFUSED) == []
        for match in (first, second):
            assert await world.matches.get(match.id, owner=own.owner) == Success(match)
            assert await world.matches.lock(match.id, owner=own.owner) == Success(match)

    async def test_pages_meet_without_gap_or_overlap(self, world: World) -> None:
        own = await Sources.opened(world)
        existing = await own.book("A")
        matches = [await own.suggest(await own.book(name), existing) for name in "BCD"]

        first = await world.matches.page(SUGGESTED, owner=own.owner, after=None, limit=2)
        assert isinstance(first, Success)
        assert first.value.next
        rest = await world.matches.page(
            SUGGESTED, owner=own.owner, after=MatchId(first.value.next.id), limit=2
        )

        assert isinstance(rest, Success)
        assert [*first.value.items, *rest.value.items] == matches[::-1]
        assert rest.value.next is None

    async def test_a_pair_is_suggested_once_in_either_direction(self, world: World) -> None:
        own = await Sources.opened(world)
        one, other = await own.book("A"), await own.book("B")
        match = await own.suggest(other, one)

        await own.suggest(other, one)
        await own.suggest(one, other)

        assert await own.listed() == [match]

    async def test_a_suggestion_is_hidden_while_one_of_the_two_is_gone(self, world: World) -> None:
        own = await Sources.opened(world)
        one, other = await own.book("A"), await own.book("B")
        match = await own.suggest(other, one)

        for gone in (one, other):
            await own.undo(gone)
            assert await own.listed() == []
            assert await world.matches.get(match.id, owner=own.owner) == MISSING
            assert await world.matches.lock(match.id, owner=own.owner) == MISSING
            again = replace(gone, import_id=(await world.source(own.account)).id)
            assert await world.transactions.update_from_import([again]) == Success(None)
            assert await own.listed() == [match]

    async def test_another_users_matches_are_not_found(self, world: World) -> None:
        own = await Sources.opened(world)
        eve = await Sources.opened(world, "eve@example.org")
        match = await own.suggest(await own.book("B"), await own.book("A"))

        assert await eve.listed() == []
        assert await world.matches.get(match.id, owner=eve.owner) == MISSING
        assert await world.matches.lock(match.id, owner=eve.owner) == MISSING

    async def test_says_which_statements_list_both(self, world: World) -> None:
        own = await Sources.opened(world)
        one, other = await own.book("A"), await own.book("B")
        match = await own.suggest(other, one)
        assert await world.matches.listed_together(match) == Success(set())
        source = await world.source(own.account)
        for row in (one, other):
            await own.state(row, source)

        both = await world.matches.listed_together(match)

        assert both == Success({StatementRef(source.id, 1)})


class _DecisionsContract:
    async def test_returns_decisions(self, world: World) -> None:
        own = await Sources.opened(world)
        match = await own.suggest(await own.book("B"), await own.book("A"))

        refused = await own.decide(match, REFUSED)

        assert await own.listed(REFUSED) == [refused]
        assert await own.listed() == await own.listed(CONFIRMED) == []
        assert await world.matches.get(match.id, owner=own.owner) == Success(refused)

    async def test_a_refused_pair_is_known_to_rows_that_restore_one(self, world: World) -> None:
        own = await Sources.opened(world)
        one, other = await own.book("A"), await own.book("B")
        await own.decide(await own.suggest(other, one), REFUSED)
        pair = frozenset((one.id, other.id))

        for gone in (one, other):
            await own.undo(gone)
            assert pair in (await own.context(gone)).refused
            again = replace(gone, import_id=(await world.source(own.account)).id)
            assert await world.transactions.update_from_import([again]) == Success(None)

    async def test_a_confirmed_match_still_shows_both(self, world: World) -> None:
        own = await Sources.opened(world)
        match = await own.suggest(await own.book("B"), await own.book("A"))

        confirmed = await own.decide(match, CONFIRMED)

        assert await own.listed(CONFIRMED) == [confirmed]
        assert await world.matches.lock(match.id, owner=own.owner) == Success(confirmed)

    async def test_what_may_be_the_merged_one_may_be_the_other_one(self, world: World) -> None:
        own = await Sources.opened(world)
        one, other, third = [await own.book(name) for name in ("A", "B", "C")]
        match = await own.suggest(other, one)
        next_one = await own.suggest(third, other)
        refused = await own.decide(await own.suggest(other, await own.book("D")), REFUSED)

        await own.decide(match, CONFIRMED)

        assert await own.listed() == [replace(next_one, existing=Leg.of(one))]
        assert await own.listed(REFUSED) == [replace(refused, added=Leg.of(one))]

    async def test_a_pair_that_is_known_is_not_doubled(self, world: World) -> None:
        own = await Sources.opened(world)
        one, other, third = [await own.book(name) for name in ("A", "B", "C")]
        match = await own.suggest(other, one)
        await own.suggest(third, other)
        known = await own.suggest(one, third)

        await own.decide(match, CONFIRMED)

        assert await own.listed() == [known]


class _MergeContract:
    async def test_a_merged_transaction_is_gone_and_the_other_one_is_as_before(
        self, world: World
    ) -> None:
        own = await Sources.opened(world)
        one, other = await _merged(own)

        assert shown(await own.ledger()) == shown([one])
        assert isinstance(await world.transactions.get(other.id, owner=own.owner), Failure)

    async def test_the_key_of_a_merged_one_is_that_of_the_other(self, world: World) -> None:
        own = await Sources.opened(world)
        one, other = await _merged(own)

        known = (await own.context(one, other)).known

        assert {key: each.id for key, each in known.items()} == {one.key: one.id, other.key: one.id}

    async def test_the_rows_of_its_imports_are_the_other_one(self, world: World) -> None:
        own = await Sources.opened(world)
        one, other = await _merged(own)

        rows = await world.imports.rows(other.import_id, owner=own.owner, after=None, limit=9)

        assert isinstance(rows, Success)
        assert [each.transaction_id for each in rows.value.items] == [one.id]

    async def test_undo_leaves_what_the_other_import_states(self, world: World) -> None:
        own = await Sources.opened(world)
        one, other = await _merged(own)

        assert await own.undo(other) == (0, 0)
        assert shown(await own.ledger()) == shown([one])

        assert await own.undo(one) == (1, 0)
        assert shown(await own.ledger()) == shown([])

    async def test_undo_of_the_first_leaves_what_the_second_states(self, world: World) -> None:
        own = await Sources.opened(world)
        one, other = await _merged(own)

        assert await own.undo(one) == (0, 1)
        assert shown(await own.ledger()) == shown([replace(other, id=one.id)])

        assert await own.undo(other) == (1, 0)
        assert shown(await own.ledger()) == shown([])

    async def test_no_import_restores_a_merged_one(self, world: World) -> None:
        own = await Sources.opened(world)
        one, other = await _merged(own)
        await own.undo(one)
        await own.undo(other)

        known = (await own.context(one, other)).known

        assert {each.id for each in known.values()} == {one.id}
        assert {each.removal for each in known.values()} == {Removal.UNDONE}

    async def test_notes_go_to_one_that_has_none(self, world: World) -> None:
        own = await Sources.opened(world)
        one, other = await own.book("A"), await own.book("B")
        for row, note, category in ((one, "", "Food"), (other, "With Eve", "Fun")):
            edited = replace(row, note=note, category=category)
            assert await world.transactions.edit(edited) == Success(None)

        await own.decide(await own.suggest(other, one), CONFIRMED)

        assert shown(await own.ledger()) == shown([replace(one, note="With Eve", category="Food")])

    async def test_prior_states_go_along(self, world: World) -> None:
        own = await Sources.opened(world)
        one, other = await own.book("A"), await own.book("B")
        pending = make_row(provider_id=None, pending=True)
        source = await world.source(own.account)
        waiting = make_transaction(own.account, source, pending, id=other.id)
        assert await world.transactions.add_prior_states([waiting]) == Success(None)
        await own.state(waiting, source)

        await own.decide(await own.suggest(other, one), CONFIRMED)
        assert await own.undo(one) == (0, 1)
        assert await own.undo(other) == (0, 1)

        assert shown(await own.ledger()) == shown([replace(waiting, id=one.id)])


async def _merged(own: Sources) -> tuple[Transaction, Transaction]:
    """Return a transaction, and one that was merged into it."""
    one, other = await own.book("A", day=3), await own.book("B", day=5)
    await own.decide(await own.suggest(other, one), CONFIRMED)
    return one, other


class MatchRepositoryContract(_SuggestionsContract, _DecisionsContract, _MergeContract):
    """All of it."""
