"""What every implementation of `CategoryRepository` must do."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from domain.ledger.allocations import CategoryChoice, CategorySource, Split, StatedAllocation
from domain.ledger.categories import Category
from domain.ledger.entities import Transaction
from domain.ledger.errors import CategoryExists, CategoryNotFound
from domain.ledger.values import transaction_keys
from domain.shared.ids import CategoryId, ImportId, TransactionId, UserId, new_id
from domain.shared.result import Failure, Success
from tests.contracts.world import World
from tests.factories import NOON, make_row, make_transaction

TAKEN = Failure(CategoryExists("There is already a category with this name here."))
MISSING = Failure(CategoryNotFound())


def make_category(owner: UserId, name: str, parent: Category | None = None) -> Category:
    made = Category.create(name, parent, id=CategoryId(new_id()), user_id=owner)
    assert isinstance(made, Success)
    return made.value


def renamed(category: Category, name: str) -> Category:
    made = category.rename(name)
    assert isinstance(made, Success)
    return made.value


def moved(category: Category, parent: Category | None) -> Category:
    made = category.move(parent)
    assert isinstance(made, Success)
    return made.value


class CategoryRepositoryContract:
    async def test_lists_each_after_its_parent_by_name(self, world: World) -> None:
        user = await world.user()
        food, travel = make_category(user.id, "food"), make_category(user.id, "Travel")
        added = [
            *(travel, food),
            *(make_category(user.id, name, food) for name in ("Restaurant", "groceries")),
            make_category(user.id, "Alms"),
        ]
        for each in added:
            assert await world.categories.add(each) == Success(None)

        listed = await world.categories.all(owner=user.id)

        assert await world.categories.lock_all(owner=user.id) == listed
        assert listed == Success([added[4], food, added[3], added[2], travel])
        for each in added:
            assert await world.categories.get(each.id, owner=user.id) == Success(each)
            for shared in (True, False):
                found = await world.categories.lock(each.id, owner=user.id, shared=shared)
                assert found == Success(each)

    async def test_a_name_is_unique_for_each_parent_and_user_whatever_its_case(
        self, world: World
    ) -> None:
        user, other = await world.user(), await world.user("bob@example.org")
        food, travel = (make_category(user.id, name) for name in ("Food", "Travel"))
        for each in (food, travel, make_category(user.id, "food", travel)):
            assert await world.categories.add(each) == Success(None)

        assert await world.categories.add(make_category(user.id, "FOOD")) == TAKEN
        assert await world.categories.add(make_category(user.id, "Food", travel)) == TAKEN
        assert await world.categories.add(make_category(other.id, "Food")) == Success(None)

    async def test_refuses_to_rename_to_a_name_that_is_taken(self, world: World) -> None:
        user = await world.user()
        food, travel = (make_category(user.id, name) for name in ("Food", "Travel"))
        for each in (food, travel):
            await world.categories.add(each)

        assert await world.categories.change(renamed(travel, "food")) == TAKEN

    async def test_its_own_name_may_be_written_otherwise(self, world: World) -> None:
        user = await world.user()
        food = make_category(user.id, "Food")
        await world.categories.add(food)

        assert await world.categories.change(renamed(food, "FOOD")) == Success(0)
        assert await world.categories.all(owner=user.id) == Success([renamed(food, "FOOD")])

    async def test_transactions_show_the_new_path(self, world: World) -> None:
        rows = await self._rows(world)
        food = make_category(rows[0].user_id, "Food")
        groceries = make_category(rows[0].user_id, "Groceries", food)
        for each in (food, groceries):
            await world.categories.add(each)
        await self._choose(world, rows[0], food)
        await self._choose(world, rows[1], groceries)

        assert await world.categories.change(renamed(food, "Eating")) == Success(2)
        assert await self._paths(world, rows) == ["Eating", "Eating:Groceries", ""]
        assert await world.categories.change(moved(groceries, None)) == Success(1)
        assert await self._paths(world, rows) == ["Eating", "Groceries", ""]

    async def test_transactions_of_a_deleted_category_have_none_or_another(
        self, world: World
    ) -> None:
        rows = await self._rows(world)
        food, travel, gifts = (
            make_category(rows[0].user_id, name) for name in ("Food", "Travel", "Gifts")
        )
        for each in (food, travel, gifts):
            await world.categories.add(each)
        await self._choose(world, rows[0], food)
        await self._choose(world, rows[1], travel)

        assert await world.categories.delete(food, into=None) == Success(1)
        assert await world.categories.delete(travel, into=gifts) == Success(1)

        first, second, _ = [await self._read(world, row) for row in rows]
        assert (first.category, first.category_id, first.category_source) == ("", None, None)
        assert (second.category, second.category_id) == ("Gifts", gifts.id)
        assert second.category_source is CategorySource.OWNER
        assert await world.categories.get(food.id, owner=food.user_id) == MISSING
        assert await world.categories.all(owner=food.user_id) == Success([gifts])
        # Its name is free.
        assert await world.categories.add(make_category(food.user_id, "food")) == Success(None)

    async def test_the_parts_of_a_transaction_follow_their_categories(self, world: World) -> None:
        rows = await self._rows(world)
        food, gifts = (make_category(rows[0].user_id, name) for name in ("Food", "Gifts"))
        bread = make_category(rows[0].user_id, "Bread", food)
        for each in (food, gifts, bread):
            await world.categories.add(each)
        whole = rows[0].amount.amount
        parts = (
            Split(amount=whole - 2, category_id=food.id, category=food.path, memo="a"),
            Split(amount=Decimal("1.50"), category_id=bread.id, category=bread.path),
            Split(amount=Decimal("0.50")),
        )
        split, event = rows[0].edit(splits=parts, at=NOON)
        assert event.fields == ("splits",)
        assert await world.transactions.edit(split) == Success(None)
        assert await self._read(world, rows[0]) == split

        assert await world.categories.change(renamed(food, "Eating")) == Success(1)
        assert await self._parts(world, rows[0]) == ["Eating", "Eating:Bread", ""]
        assert await world.categories.delete(bread, into=gifts) == Success(1)
        assert await self._parts(world, rows[0]) == ["Eating", "Gifts", ""]
        assert await world.categories.delete(gifts, into=None) == Success(1)

        left = await self._read(world, rows[0])
        assert [(e.category_id, e.category) for e in left.splits] == [
            (food.id, "Eating"),
            *[(None, "")] * 2,
        ]
        assert [(e.amount, e.memo) for e in left.splits] == [(e.amount, e.memo) for e in parts]
        assert not left.splits_broken
        await world.transactions.merge(rows[0].id, rows[1].id, owner=food.user_id)
        assert (await self._read(world, rows[1])).splits == left.splits

    async def test_tags_and_choice_are_read_as_they_were_stored(self, world: World) -> None:
        row, *_ = await self._rows(world)
        food = make_category(row.user_id, "Food")
        await world.categories.add(food)
        choice = CategoryChoice(food.id, food.path)
        edited, _ = row.edit(category=choice, tags=("a", "b"), at=NOON)

        assert await world.transactions.edit(edited) == Success(None)
        assert await self._read(world, row) == edited
        cleared, _ = edited.edit(category=CategoryChoice(None), tags=(), at=NOON)
        assert await world.transactions.edit(cleared) == Success(None)
        assert await self._read(world, row) == cleared

    async def test_an_import_fills_what_the_owner_has_not_said(self, world: World) -> None:
        rows = await self._rows(world)
        food, gifts = (make_category(rows[0].user_id, name) for name in ("Food", "Gifts"))
        for each in (food, gifts):
            await world.categories.add(each)
        await self._choose(world, rows[0], gifts)
        none, _ = rows[1].edit(category=CategoryChoice(None), at=NOON)
        await world.transactions.edit(none)

        await self._state(world, rows[0].import_id, rows, food)

        assert await self._paths(world, rows) == ["Gifts", "", "Food"]
        filled = await self._read(world, rows[2])
        assert (filled.category_id, filled.category_source) == (food.id, CategorySource.IMPORT)
        await world.categories.withdraw(rows[0].import_id, owner=food.user_id)
        assert await self._paths(world, rows) == ["Gifts", "", ""]
        assert (await self._read(world, rows[2])).category_source is None

    async def test_the_first_import_counts_and_then_the_next(self, world: World) -> None:
        rows = await self._rows(world)
        food, gifts = (make_category(rows[0].user_id, name) for name in ("Food", "Gifts"))
        for each in (food, gifts):
            await world.categories.add(each)
        account = await world.accounts.get(rows[0].account_id, owner=food.user_id)
        assert isinstance(account, Success)
        later = await world.source(account.value)

        await self._state(world, later.id, rows[:2], gifts)
        await self._state(world, rows[0].import_id, rows[:1], food)

        assert await self._paths(world, rows) == ["Food", "Gifts", ""]
        await world.categories.withdraw(rows[0].import_id, owner=food.user_id)
        assert await self._paths(world, rows) == ["Gifts", "Gifts", ""]

    async def test_what_imports_state_follows_their_categories(self, world: World) -> None:
        rows = await self._rows(world)
        food, gifts = (make_category(rows[0].user_id, name) for name in ("Food", "Gifts"))
        for each in (food, gifts):
            await world.categories.add(each)
        await self._state(world, rows[0].import_id, rows[:1], food)

        assert await world.categories.delete(food, into=gifts) == Success(1)
        await self._state(world, rows[0].import_id, [], gifts)
        assert await self._paths(world, rows) == ["Gifts", "", ""]
        assert await world.categories.delete(gifts, into=None) == Success(1)
        await world.categories.withdraw(ImportId(new_id()), owner=food.user_id)
        assert await self._paths(world, rows) == ["", "", ""]

    async def test_what_imports_state_goes_with_a_merged_transaction(self, world: World) -> None:
        rows = await self._rows(world)
        food = make_category(rows[0].user_id, "Food")
        await world.categories.add(food)
        await self._state(world, rows[0].import_id, rows[:1], food)

        await world.transactions.merge(rows[0].id, rows[1].id, owner=food.user_id)

        assert await self._paths(world, rows[1:]) == ["Food", ""]
        await world.categories.withdraw(rows[0].import_id, owner=food.user_id)
        assert await self._paths(world, rows[1:]) == ["", ""]

    async def test_the_owners_word_outlasts_a_merge(self, world: World) -> None:
        rows = await self._rows(world)
        food, gifts = (make_category(rows[0].user_id, name) for name in ("Food", "Gifts"))
        for each in (food, gifts):
            await world.categories.add(each)
        await self._choose(world, rows[0], gifts)
        await self._state(world, rows[0].import_id, rows[1:2], food)

        await world.transactions.merge(rows[0].id, rows[1].id, owner=food.user_id)

        kept = await self._read(world, rows[1])
        assert (kept.category, kept.category_source) == ("Gifts", CategorySource.OWNER)

    async def test_an_import_states_splits_and_tags_too(self, world: World) -> None:
        rows = await self._rows(world)
        food = make_category(rows[0].user_id, "Food")
        await world.categories.add(food)
        parts = (
            Split(amount=Decimal("-1.50"), category_id=food.id, category="Food", memo="a"),
            Split(amount=Decimal("-0.50")),
        )
        mine, _ = rows[0].edit(tags=(), at=NOON)
        await world.transactions.edit(mine)
        await self._choose(world, rows[1], food)
        source = rows[0].import_id
        stated = [
            StatedAllocation(transaction_id=row.id, splits=parts, tags=("null", "été"))
            for row in rows
        ]

        await world.categories.record_stated(source, stated, owner=food.user_id)

        first, second, third = [await self._read(world, row) for row in rows]
        by_import = CategorySource.IMPORT
        assert (first.splits, first.tags) == (parts, ())
        assert (first.category_source, first.tags_source) == (by_import, CategorySource.OWNER)
        assert (second.splits, second.category) == ((), "Food")
        assert (second.tags, second.tags_source) == (("null", "été"), by_import)
        assert (third.splits, third.tags) == (parts, ("null", "été"))
        await world.categories.withdraw(source, owner=food.user_id)
        left = [await self._read(world, row) for row in rows]
        assert [(row.splits, row.tags, row.category) for row in left] == [
            ((), (), ""),
            ((), (), "Food"),
            ((), (), ""),
        ]
        assert left[2].category_source is left[2].tags_source is None

    async def test_the_parts_that_an_import_states_follow_their_categories(
        self, world: World
    ) -> None:
        row, *_ = await self._rows(world)
        food = make_category(row.user_id, "Food")
        await world.categories.add(food)
        parts = (
            Split(amount=Decimal("-1.50"), category_id=food.id, category="Food"),
            Split(amount=Decimal("-0.50")),
        )
        stated = [StatedAllocation(transaction_id=row.id, splits=parts)]
        await world.categories.record_stated(row.import_id, stated, owner=food.user_id)

        assert await world.categories.change(renamed(food, "Eating")) == Success(1)
        assert await self._parts(world, row) == ["Eating", ""]
        # What has been stated is asked again, as when another import is undone.
        await world.categories.withdraw(ImportId(new_id()), owner=food.user_id)
        nothing = [StatedAllocation(transaction_id=row.id, tags=("later",))]
        await world.categories.record_stated(row.import_id, nothing, owner=food.user_id)

        assert await self._parts(world, row) == ["Eating", ""]
        assert (await self._read(world, row)).tags == ("later",)

    async def test_new_transactions_begin_with_their_category(self, world: World) -> None:
        account = await world.account()
        source = await world.source(account)
        food = make_category(account.user_id, "Food")
        await world.categories.add(food)
        made = Transaction.from_rows(
            [make_row(), replace(make_row(day=2), category="food", tags=("a", "null"))],
            transaction_keys([make_row(), make_row(day=2)]),
            [TransactionId(new_id()) for _ in range(2)],
            account=account,
            import_id=source.id,
            categories={"food": CategoryChoice(food.id, food.path)},
        )

        assert await world.transactions.add(made) == Success(None)

        assert [await self._read(world, row) for row in made] == made
        assert [row.category for row in made] == ["", "Food"]
        assert made[1].category_source is CategorySource.IMPORT

    async def test_finds_nothing_of_another_user(self, world: World) -> None:
        user, stranger = await world.user(), UserId(new_id())
        food = make_category(user.id, "Food")
        await world.categories.add(food)

        assert await world.categories.get(food.id, owner=stranger) == MISSING
        assert await world.categories.lock(food.id, owner=stranger) == MISSING
        assert await world.categories.lock(food.id, owner=stranger, shared=True) == MISSING
        assert await world.categories.all(owner=stranger) == Success([])
        assert await world.categories.lock_all(owner=stranger) == Success([])
        theirs = replace(food, user_id=stranger)
        assert await world.categories.delete(theirs, into=None) == Success(0)
        assert await world.categories.all(owner=user.id) == Success([food])

    async def _rows(self, world: World) -> list[Transaction]:
        account = await world.account()
        source = await world.source(account)
        rows = [make_transaction(account, source, make_row(day=day)) for day in (1, 2, 3)]
        assert await world.transactions.add(rows) == Success(None)
        return rows

    async def _choose(self, world: World, row: Transaction, category: Category) -> None:
        edited, _ = row.edit(category=CategoryChoice(category.id, category.path), at=NOON)
        assert await world.transactions.edit(edited) == Success(None)

    async def _parts(self, world: World, row: Transaction) -> list[str]:
        return [split.category for split in (await self._read(world, row)).splits]

    async def _state(
        self,
        world: World,
        import_id: ImportId,
        rows: Sequence[Transaction],
        category: Category,
    ) -> None:
        stated = [StatedAllocation(transaction_id=row.id, category_id=category.id) for row in rows]
        done = await world.categories.record_stated(import_id, stated, owner=category.user_id)
        assert done == Success(None)

    async def _paths(self, world: World, rows: Sequence[Transaction]) -> list[str]:
        return [(await self._read(world, row)).category for row in rows]

    async def _read(self, world: World, row: Transaction) -> Transaction:
        found = await world.transactions.get(row.id, owner=row.user_id)
        assert isinstance(found, Success)
        return found.value
