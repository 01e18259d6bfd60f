"""What every implementation of `DeletedTransactions` must do."""

from dataclasses import replace

from domain.ledger.entities import Transaction
from domain.ledger.errors import TransactionIsUndone, TransactionNotFound
from domain.ledger.values import MatchResult, StatementRow
from domain.shared.ids import TransactionId
from domain.shared.pages import Cursor
from domain.shared.result import Failure, Success
from tests.contracts.world import World
from tests.factories import imported_row, make_row, make_transaction
from tests.listed import shown

PENDING = make_row(pending=True, provider_id=None)
BOOKED = make_row(day=3, provider_id="F1")


class DeletedTransactionsContract:
    async def test_lists_what_was_deleted_newest_first(self, world: World) -> None:
        account = await world.account()
        source = await world.source(account)
        rows = [
            make_transaction(account, source, make_row(day=day, provider_id=f"D{number}"))
            for number, day in enumerate((2, 5, 5, 9))
        ]
        for each in rows:
            await self._enter(world, each)
        for each in rows[:3]:
            await world.transactions.delete(each)
        newest = sorted(rows[:3], key=lambda row: (row.booking_date, row.id), reverse=True)

        first = await world.deleted_transactions.page(owner=account.user_id, after=None, limit=2)
        assert isinstance(first, Success)
        rest = await world.deleted_transactions.page(
            owner=account.user_id, after=first.value.next, limit=2
        )

        assert first.value.next == Cursor(newest[1].booking_date, newest[1].id)
        assert isinstance(rest, Success)
        assert shown([*first.value.items, *rest.value.items]) == shown(newest)
        assert rest.value.next is None

    async def test_restores_what_was_deleted(self, world: World) -> None:
        deleted = await self._deleted(world)

        assert await world.deleted_transactions.restore(deleted) == Success(None)

        assert await self._ledger(world, deleted) == shown([deleted])
        assert await self._are_deleted(world, deleted) == []
        again = await world.deleted_transactions.restore(deleted)
        assert again == Failure(TransactionNotFound())

    async def test_what_was_booked_meanwhile_is_booked(self, world: World) -> None:
        waiting = await self._deleted(world, PENDING)
        booked = await self._stated(world, waiting, BOOKED)

        assert await world.deleted_transactions.restore(waiting) == Success(None)

        assert await self._ledger(world, waiting) == shown([booked])
        # The pending state is a prior one, and so another way back.
        await world.transactions.undo(booked.import_id, owner=booked.user_id)
        assert await self._ledger(world, waiting) == shown([waiting])

    async def test_what_is_no_longer_stated_as_booked_is_pending(self, world: World) -> None:
        booked = await self._deleted(world, BOOKED)
        waiting = await self._stated(world, booked, PENDING)
        await world.transactions.undo(booked.import_id, owner=booked.user_id)

        assert await world.deleted_transactions.restore(booked) == Success(None)

        assert await self._ledger(world, booked) == shown([waiting])

    async def test_it_is_of_an_import_that_was_not_undone(self, world: World) -> None:
        deleted = await self._deleted(world)
        later = await self._stated(world, deleted, make_row(), MatchResult.DELETED)
        await world.transactions.undo(deleted.import_id, owner=deleted.user_id)

        assert await world.deleted_transactions.restore(deleted) == Success(None)

        assert await self._ledger(world, deleted) == shown([later])

    async def test_note_and_category_remain(self, world: World) -> None:
        waiting = await self._deleted(world, PENDING)
        await world.transactions.edit(replace(waiting, note="mine", category="food"))
        booked = await self._stated(world, waiting, BOOKED)

        assert await world.deleted_transactions.restore(waiting) == Success(None)

        expected = replace(booked, note="mine", category="food")
        assert await self._ledger(world, waiting) == shown([expected])

    async def test_what_no_import_states_is_not_restored(self, world: World) -> None:
        deleted = await self._deleted(world)
        await world.transactions.undo(deleted.import_id, owner=deleted.user_id)

        restored = await world.deleted_transactions.restore(deleted)

        assert isinstance(restored, Failure)
        assert isinstance(restored.error, TransactionIsUndone)
        assert await self._are_deleted(world, deleted) == [deleted.id]

    async def test_another_users_is_not_found(self, world: World) -> None:
        deleted = await self._deleted(world)
        stranger = (await world.user("eve@example.org")).id
        missing = Failure(TransactionNotFound())

        assert await world.deleted_transactions.get(deleted.id, owner=stranger) == missing
        theirs = replace(deleted, user_id=stranger)
        assert await world.deleted_transactions.restore(theirs) == missing
        page = await world.deleted_transactions.page(owner=stranger, after=None, limit=9)
        assert isinstance(page, Success)
        assert page.value.items == []
        assert await self._are_deleted(world, deleted) == [deleted.id]

    async def _deleted(self, world: World, row: StatementRow | None = None) -> Transaction:
        account = await world.account()
        source = await world.source(account)
        transaction = make_transaction(account, source, row)
        await self._enter(world, transaction)
        assert await world.transactions.delete(transaction) == Success(None)
        return transaction

    async def _enter(self, world: World, row: Transaction) -> None:
        assert await world.transactions.add([row]) == Success(None)
        recorded = await world.transactions.record_rows([imported_row(row, MatchResult.NEW)])
        assert recorded == Success(None)

    async def _stated(
        self,
        world: World,
        deleted: Transaction,
        row: StatementRow,
        result: MatchResult = MatchResult.DELETED,
    ) -> Transaction:
        """Let another import state a deleted transaction, as posting does."""
        account = await world.accounts.get(deleted.account_id, owner=deleted.user_id)
        assert isinstance(account, Success)
        source = await world.source(account.value)
        stated = make_transaction(account.value, source, row, id=deleted.id)
        if stated.key != deleted.key:
            await world.transactions.add_prior_states([stated])
        await world.transactions.record_rows([imported_row(stated, result)])
        return stated

    async def _ledger(self, world: World, of: Transaction) -> list[dict[str, object]]:
        found = await world.transactions.get(of.id, owner=of.user_id)
        return shown([found.value]) if isinstance(found, Success) else []

    async def _are_deleted(self, world: World, of: Transaction) -> list[TransactionId]:
        page = await world.deleted_transactions.page(owner=of.user_id, after=None, limit=9)
        assert isinstance(page, Success)
        return [each.id for each in page.value.items]
