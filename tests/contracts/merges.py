"""What every implementation of `MergeRepository` must do."""

from dataclasses import replace

from domain.ledger.entities import Account
from domain.ledger.merges import (
    MergeIsUndone,
    MergeNotFound,
)
from domain.ledger.values import Removal
from domain.shared.ids import AccountId, ImportId, UserId, new_id
from domain.shared.result import Failure, Success
from tests.contracts.world import World
from tests.factories import NOON, make_merge, make_row, make_transaction


async def two(world: World) -> tuple[Account, Account]:
    """Return two accounts of a user, each with an alias."""
    first = await world.account()
    second = replace(first, id=AccountId(new_id()), number="700800900", name="Typing error")
    assert await world.accounts.add(second) == Success(None)
    return first, second


class MergeRepositoryContract:
    async def test_lists_merges_latest_first(self, world: World) -> None:
        first, second = await two(world)
        owner = first.user_id
        merges = [make_merge(first, second, ids=number) for number in range(3)]
        for each in merges:
            assert await world.merges.add(each) == Success(None)

        page = await world.merges.page(owner=owner, after=None, limit=2)
        rest = await world.merges.page(owner=owner, after=merges[1].id, limit=2)

        assert (page, rest) == (Success([merges[2], merges[1]]), Success([merges[0]]))
        assert await world.merges.get(merges[0].id, owner=owner) == Success(merges[0])
        nobody = await world.merges.get(merges[0].id, owner=UserId(new_id()))
        assert nobody == Failure(MergeNotFound())

    async def test_a_merge_is_undone_once(self, world: World) -> None:
        first, second = await two(world)
        merge = make_merge(first, second)
        await world.merges.add(merge)
        undone = replace(merge, undone_at=NOON)

        assert await world.merges.mark_undone(undone) == Success(None)
        again = await world.merges.mark_undone(undone)

        assert isinstance(again, Failure)
        assert isinstance(again.error, MergeIsUndone)
        assert await world.merges.get(merge.id, owner=first.user_id) == Success(undone)

    async def test_follows_imports_that_are_made_again_until_it_is_undone(
        self, world: World
    ) -> None:
        first, second = await two(world)
        owner = first.user_id
        lasting, undone = make_merge(first, second), make_merge(first, second, ids=1)
        ((was, made),) = lasting.imports.items()
        undone = replace(undone, imports=lasting.imports, undone_at=NOON)
        for each in (lasting, undone):
            await world.merges.add(replace(each, undone_at=None))
        await world.merges.mark_undone(undone)
        again = ImportId(new_id())

        assert await world.merges.follow({made: again}, owner=owner) == Success(None)
        assert await world.merges.follow({}, owner=owner) == Success(None)

        expected = replace(lasting, imports={was: again})
        assert await world.merges.get(lasting.id, owner=owner) == Success(expected)
        assert await world.merges.get(undone.id, owner=owner) == Success(undone)

    async def test_moves_what_is_undone_or_deleted_and_moves_it_back(self, world: World) -> None:
        first, second = await two(world)
        source = await world.source(second)
        undone = make_transaction(second, source, make_row("1.00"))
        deleted = make_transaction(second, source, make_row("2.00"))
        both = [replace(undone, removal=Removal.UNDONE), replace(deleted, removal=Removal.DELETED)]
        await world.transactions.add([undone, deleted])
        for each in both:
            await world.transactions.edit(each)
        reference = second.reference

        moved = await world.merges.move(second, first)

        assert isinstance(moved, Success)
        assert sorted(moved.value.transactions) == sorted([undone.id, deleted.id])
        found = await world.accounts.find(reference, owner=first.user_id)
        assert found == Success(first)
        assert await world.accounts.all(owner=first.user_id) == Success([first])
        merge = replace(make_merge(first, second), moved=moved.value)
        assert await world.merges.annotate({}, moved.value, owner=first.user_id) == Success({})
        assert await world.merges.move_back(merge) == Success(None)
        back = await world.accounts.find(reference, owner=first.user_id)
        assert isinstance(back, Success)
        assert back.value.id == second.id

    async def test_a_deleted_transaction_stays_if_the_other_account_has_it(
        self, world: World
    ) -> None:
        first, second = await two(world)
        here, there = await world.source(first), await world.source(second)
        await world.transactions.add([make_transaction(first, here, make_row("1.00"))])
        deleted = make_transaction(second, there, make_row("1.00"))
        await world.transactions.add([deleted])
        await world.transactions.edit(replace(deleted, removal=Removal.DELETED))

        moved = await world.merges.move(second, first)

        assert isinstance(moved, Success)
        assert moved.value.transactions == []
