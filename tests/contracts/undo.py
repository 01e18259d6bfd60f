"""What every implementation of `TransactionRepository` must do with stages, and when undone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from domain.ledger.entities import Transaction
from domain.ledger.evidence import Outline
from domain.ledger.matches import MatchContext
from domain.ledger.neighbourhood import Neighbourhood
from domain.ledger.ports import ListedTransaction, TransactionFilter
from domain.ledger.values import MatchResult, Removal, StatementRef, transaction_keys
from domain.shared.ids import ImportId, TransactionId, new_id
from domain.shared.result import Failure, Success
from tests.contracts.world import World
from tests.factories import NOON, imported_row, make_row, make_transaction
from tests.listed import shown
from tests.statement_rows import import_of, outcome

PENDING = make_row(pending=True, provider_id=None)
BOOKED = make_row(day=3, provider_id="F1")


def march(day: int) -> date:
    return date(2026, 3, day)


class UndoContract:
    async def test_updating_from_an_import_preserves_the_id_and_the_owners_text(
        self, world: World
    ) -> None:
        waiting, booked = await self._booked(world)

        rows = await self._listed(world, waiting)

        assert shown(rows) == shown([replace(booked, note="mine", category="food")])

    async def test_pending_and_booked_are_found_as_one_transaction(self, world: World) -> None:
        waiting, booked = await self._booked(world)

        evidence = await self._evidence(world, booked)

        existing = {key: each.id for key, each in evidence.known.items()}
        assert existing == {waiting.key: booked.id, booked.key: booked.id}
        assert not any(each.pending for each in evidence.known.values())

    async def test_what_a_file_says_when_read_anew_replaces_what_it_said(
        self, world: World
    ) -> None:
        account = await world.account()
        source, again = await world.source(account), await world.source(account)
        row, other = (make_transaction(account, source, make_row(day=day)) for day in (1, 2))
        for each in (row, other):
            await self._enter(world, each)
        await world.transactions.edit(replace(row, note="mine", category="food"))
        read = replace(row, import_id=again.id, payee="Tea house", memo="", line=99)
        # This one is in another state by now.
        moved = replace(other, key=make_transaction(account, source, make_row(day=9)).key, memo="?")

        for digest in (bytes(32), source.digest):
            before = await self._listed(world, row)
            assert await world.transactions.refresh([read, moved], digest) == Success(None)
            if digest != source.digest:
                assert shown(await self._listed(world, row)) == shown(before)

        expected = replace(row, payee="Tea house", memo="", note="mine", category="food")
        assert shown(await self._listed(world, row)) == shown([other, expected])

    async def test_the_pending_state_may_arrive_later(self, world: World) -> None:
        account = await world.account()
        source = await world.source(account)
        booked = make_transaction(account, source, BOOKED)
        await world.transactions.add([booked])
        waiting = make_transaction(account, source, PENDING, id=booked.id)

        assert await world.transactions.add_prior_states([waiting]) == Success(None)

        assert shown(await self._listed(world, booked)) == shown([booked])
        assert set((await self._evidence(world, booked)).known) == {
            waiting.key,
            booked.key,
        }

    async def test_what_a_statement_withdraws_has_expired_until_that_is_undone(
        self, world: World
    ) -> None:
        account = await world.account()
        source = await world.source(account)
        waiting, other, booked = (
            make_transaction(account, source, each)
            for each in (PENDING, replace(PENDING, booking_date=BOOKED.booking_date), BOOKED)
        )
        for each in (waiting, other, booked):
            await self._enter(world, each)
        withdrawn = [waiting.id, booked.id]
        done = import_of(account, outcome(closes=("1", 9), withdrawn=withdrawn))
        assert await world.imports.add(done) == Success(None)

        await world.transactions.expire([account.id], owner=account.user_id)

        assert await self._ids(world, waiting) == {other.id, booked.id}
        await world.imports.mark_undone(done, at=NOON)
        await world.transactions.expire([account.id], owner=account.user_id)
        assert await self._ids(world, waiting) == {waiting.id, other.id, booked.id}

    async def test_a_list_without_a_period_ends_what_it_lacks_on_the_days_of_its_rows(
        self, world: World
    ) -> None:
        account = await world.account()
        source = import_of(account, outcome())
        assert await world.imports.add(source) == Success(None)
        first, second, third = (replace(PENDING, booking_date=march(day)) for day in (8, 12, 16))
        before, lacking, after = (
            make_transaction(account, source, each) for each in (first, second, third)
        )
        listing = import_of(account, outcome(pending_day=march(14)))
        assert await world.imports.add(listing) == Success(None)
        shared = make_transaction(account, listing, replace(PENDING, booking_date=march(10)))
        for each in (before, lacking, after, shared):
            await self._enter(world, each)

        await world.transactions.expire([account.id], owner=account.user_id)

        assert await self._ids(world, before) == {before.id, shared.id, after.id}
        whole = import_of(account, outcome(first_day=march(1), pending_day=march(15)))
        assert await world.imports.add(whole) == Success(None)
        await world.transactions.expire([account.id], owner=account.user_id)
        assert await self._ids(world, before) == {after.id}
        await world.imports.mark_undone(whole, at=NOON)
        await world.transactions.expire([account.id], owner=account.user_id)
        assert await self._ids(world, before) == {before.id, shared.id, after.id}

    async def test_a_statement_states_as_booked_what_was_not_pending_there(
        self, world: World
    ) -> None:
        _, booked = await self._booked(world)
        account_id, owner = booked.account_id, booked.user_id
        near = Neighbourhood.of(
            Outline(ref=StatementRef(ImportId(new_id()), 1), currency="EUR"),
            [Outline(ref=StatementRef(booked.import_id, 1), currency="EUR")],
        )

        found = await world.transactions.match_context(
            account_id, owner=owner, rows=[BOOKED], keys=[booked.key], near=near
        )

        assert isinstance(found, Success)
        assert found.value.stating[booked.id] == {StatementRef(booked.import_id, 1)}

    async def test_undo_removes_what_no_other_import_has(self, world: World) -> None:
        account = await world.account()
        source = await world.source(account)
        row = make_transaction(account, source)
        await self._enter(world, row)

        undone = await world.transactions.undo(source.id, owner=account.user_id)

        assert undone == Success((1, 0))
        assert await self._listed(world, row) == []
        assert isinstance(await world.transactions.get(row.id, owner=row.user_id), Failure)
        existing = (await self._evidence(world, row)).known
        assert [each.removal for each in existing.values()] == [Removal.UNDONE]

    async def test_undo_preserves_what_another_import_has(self, world: World) -> None:
        account = await world.account()
        first, second = await world.source(account), await world.source(account)
        row = make_transaction(account, first)
        await self._enter(world, row)
        await self._record_rows(world, replace(row, import_id=second.id), MatchResult.SAME)

        undone = await world.transactions.undo(first.id, owner=account.user_id)

        assert undone == Success((0, 0))
        assert len(await self._listed(world, row)) == 1

    async def test_undoing_a_booking_makes_it_pending_again(self, world: World) -> None:
        waiting, booked = await self._booked(world)

        undone = await world.transactions.undo(booked.import_id, owner=booked.user_id)

        assert undone == Success((0, 1))
        (shown,) = await self._listed(world, waiting)
        row = await world.transactions.get(shown.id, owner=booked.user_id)
        assert isinstance(row, Success)
        assert row.value.is_pending
        assert (row.value.key, shown.note) == (waiting.key, "mine")

    async def test_undoing_the_pending_import_leaves_the_booking(self, world: World) -> None:
        waiting, booked = await self._booked(world)

        undone = await world.transactions.undo(waiting.import_id, owner=booked.user_id)

        assert undone == Success((0, 0))
        assert [row.status for row in await self._listed(world, waiting)] == ["posted"]

    async def test_a_new_import_restores_what_was_undone(self, world: World) -> None:
        account = await world.account()
        first, second = await world.source(account), await world.source(account)
        row = make_transaction(account, first)
        await self._enter(world, row)
        await world.transactions.undo(first.id, owner=account.user_id)
        copy = replace(row, import_id=second.id)

        await world.transactions.update_from_import([copy])

        assert shown(await self._listed(world, row)) == shown([copy])

    async def test_a_deleted_transaction_stays_deleted(self, world: World) -> None:
        account = await world.account()
        source = await world.source(account)
        row = make_transaction(account, source)
        await self._enter(world, row)

        assert await world.transactions.delete(row) == Success(None)
        undone = await world.transactions.undo(source.id, owner=account.user_id)

        assert undone == Success((0, 0))
        existing = (await self._evidence(world, row)).known
        assert [each.removal for each in existing.values()] == [Removal.DELETED]

    async def test_another_users_import_is_not_undone(self, world: World) -> None:
        account = await world.account()
        source = await world.source(account)
        row = make_transaction(account, source)
        await self._enter(world, row)
        stranger = await world.user("eve@example.org")

        assert await world.transactions.undo(source.id, owner=stranger.id) == Success((0, 0))

        assert shown(await self._listed(world, row)) == shown([row])

    async def _booked(self, world: World) -> tuple[Transaction, Transaction]:
        """Return a transaction as it was pending, and as it is booked by another import."""
        account = await world.account()
        first, second = await world.source(account), await world.source(account)
        waiting = make_transaction(account, first, PENDING)
        await self._enter(world, waiting)
        await world.transactions.edit(replace(waiting, note="mine", category="food"))
        booked = make_transaction(account, second, BOOKED, id=waiting.id)
        assert await world.transactions.update_from_import([booked]) == Success(None)
        await self._record_rows(world, booked, MatchResult.UPDATES)
        return waiting, booked

    async def _enter(self, world: World, row: Transaction) -> None:
        assert await world.transactions.add([row]) == Success(None)
        await self._record_rows(world, row, MatchResult.NEW)

    async def _record_rows(self, world: World, row: Transaction, result: MatchResult) -> None:
        assert await world.transactions.record_rows([imported_row(row, result)]) == Success(None)

    async def _ids(self, world: World, row: Transaction) -> set[TransactionId]:
        return {each.id for each in await self._listed(world, row)}

    async def _listed(self, world: World, row: Transaction) -> Sequence[ListedTransaction]:
        page = await world.transactions.page(
            row.account_id, owner=row.user_id, where=TransactionFilter(), after=None, limit=9
        )
        assert isinstance(page, Success)
        return page.value.items

    async def _evidence(self, world: World, row: Transaction) -> MatchContext:
        stated = [PENDING, BOOKED, make_row()]
        keys = [transaction_keys([each])[0] for each in stated]
        evidence = await world.transactions.match_context(
            row.account_id, owner=row.user_id, rows=stated, keys=keys
        )
        assert isinstance(evidence, Success)
        return evidence.value
