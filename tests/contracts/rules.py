"""What every implementation of the ports for rules must do."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, cast

from domain.ledger.allocations import CategorySource, StatedAllocation
from domain.ledger.categories import Category
from domain.ledger.entities import Transaction
from domain.ledger.errors import RuleApplicationNotFound, RuleNotFound
from domain.ledger.rule_effects import (
    AppliedEffect,
    ExaminedTransaction,
    ImportRules,
    RuleApplication,
    RuleEffect,
    Undoing,
    of_import,
)
from domain.ledger.rules import (
    AccountCondition,
    AmountCondition,
    Comparison,
    Direction,
    Rule,
    RuleChanges,
    TextCondition,
    TextField,
    arranged,
)
from domain.shared.ids import (
    AccountId,
    RuleApplicationId,
    RuleId,
    TransactionId,
    UserId,
    new_id,
)
from domain.shared.result import Failure, Success
from tests.contracts.categories import make_category
from tests.contracts.world import World
from tests.factories import NOON, make_row, make_transaction

MISSING = Failure(RuleNotFound())
NO_APPLICATION = Failure(RuleApplicationNotFound())
COFFEE = TextCondition(where=TextField.TEXT, comparison=Comparison.CONTAINS, value="Coffee")


def make_rule(owner: UserId, name: str = "Coffee", position: int = 1, **said: Any) -> Rule:
    its = {"name": name, "conditions": (COFFEE,), "tags": ("shop",), **said}
    made = Rule.create(
        cast(RuleChanges, its),
        id=RuleId(new_id()),
        user_id=owner,
        position=position,
    )
    assert isinstance(made, Success)
    return made.value


class RuleRepositoryContract:
    async def test_a_rule_is_read_as_it_was_stored(self, world: World) -> None:
        user = await world.user()
        food = make_category(user.id, "Food")
        await world.categories.add(food)
        conditions = (
            COFFEE,
            AmountCondition(at_least=Decimal("1.50"), direction=Direction.OUTGOING, currency="EUR"),
            AccountCondition(account_ids=(AccountId(new_id()),)),
        )
        rule = make_rule(
            user.id, conditions=conditions, category_id=food.id, payee_name="A", enabled=False
        )

        assert await world.rules.add(rule) == Success(None)

        assert await world.rules.get(rule.id, owner=user.id) == Success(rule)
        assert await world.rules.all(owner=user.id) == Success([rule])

    async def test_rules_are_in_their_order(self, world: World) -> None:
        user = await world.user()
        rules = [make_rule(user.id, name, place) for place, name in enumerate("abc", 1)]
        for each in reversed(rules):
            await world.rules.add(each)
        assert await world.rules.all(owner=user.id) == Success(rules)

        await world.rules.arrange(arranged(rules, rules[2], 1), owner=user.id)

        listed = await world.rules.all(owner=user.id)
        assert isinstance(listed, Success)
        assert [(each.name, each.position) for each in listed.value] == [
            ("c", 1),
            ("a", 2),
            ("b", 3),
        ]

    async def test_a_change_leaves_the_order(self, world: World) -> None:
        user = await world.user()
        rule = make_rule(user.id, position=7)
        await world.rules.add(rule)
        changed = rule.change({"enabled": False, "tags": (), "payee_name": "A"})
        assert isinstance(changed, Success)

        assert await world.rules.change(replace(changed.value, position=1)) == Success(None)

        assert await world.rules.get(rule.id, owner=user.id) == Success(changed.value)

    async def test_a_deleted_rule_is_gone(self, world: World) -> None:
        user = await world.user()
        rule = make_rule(user.id)
        await world.rules.add(rule)

        assert await world.rules.delete(rule) == Success(None)

        assert await world.rules.get(rule.id, owner=user.id) == MISSING
        assert await world.rules.change(rule) == await world.rules.delete(rule) == MISSING

    async def test_follows_its_category(self, world: World) -> None:
        user = await world.user()
        food, gifts = (make_category(user.id, name) for name in ("Food", "Gifts"))
        for each in (food, gifts):
            await world.categories.add(each)
        rule = make_rule(user.id, category_id=food.id)
        await world.rules.add(rule)

        await world.categories.delete(food, into=gifts)
        moved = replace(rule, category_id=gifts.id, version=2)
        assert await world.rules.get(rule.id, owner=user.id) == Success(moved)
        await world.categories.delete(gifts, into=None)
        cleared = replace(rule, category_id=None, version=3)
        assert await world.rules.get(rule.id, owner=user.id) == Success(cleared)

    async def test_finds_nothing_of_another_user(self, world: World) -> None:
        user, stranger = await world.user(), UserId(new_id())
        rule = make_rule(user.id)
        await world.rules.add(rule)

        assert await world.rules.all(owner=stranger) == Success([])
        assert await world.rules.get(rule.id, owner=stranger) == MISSING
        theirs = replace(rule, user_id=stranger)
        assert await world.rules.change(theirs) == await world.rules.delete(theirs) == MISSING


class RuleApplicationRepositoryContract:
    async def test_examines_transactions_by_id(self, world: World) -> None:
        rows = await self._rows(world)
        rows.sort(key=lambda row: row.id)
        deleted, _ = rows[2].delete(at=NOON)
        await world.transactions.delete(deleted)

        first, second = await self._examined(world, rows[0].user_id)

        assert (first.id, second.id) == (rows[0].id, rows[1].id)
        assert (first.payee, first.description, first.memo, first.reference) == (
            rows[0].payee,
            rows[0].description,
            rows[0].memo,
            rows[0].reference,
        )
        assert (first.amount, first.currency) == (rows[0].amount.amount, "EUR")
        assert first.booking_date == rows[0].booking_date
        assert first.account_id == rows[0].account_id
        assert (first.category_id, first.category_source, first.is_split) == (None, None, False)
        assert first.tags == first.refused_tags == ()
        applications, owner = world.rule_applications, rows[0].user_id
        assert await applications.examined(owner=owner, after=first.id, limit=1) == Success(
            [second]
        )
        stranger = UserId(new_id())
        assert await applications.examined(owner=stranger, after=None, limit=9) == Success([])

    async def test_records_what_transactions_were_inserted_with(self, world: World) -> None:
        account = await world.account()
        source = await world.source(account)
        food = await self._category(world, account.user_id, "Food")
        rule = make_rule(account.user_id, category_id=food.id, tags=("a", "b"), payee_name="Café")
        rows = [
            make_transaction(account, source, row)
            for row in (make_row(), make_row(day=2, description="Rent", payee="", provider_id="2"))
        ]
        ruled, effects = ImportRules([rule], {food.id: "Food"}).apply(rows)

        assert await world.transactions.add(ruled) == Success(None)
        first, second = [await self._read(world, row) for row in rows]
        assert (first.category, first.category_id) == ("Food", food.id)
        assert (first.category_source, first.payee_name) == (CategorySource.RULE, "Café")
        assert first.tags == ("a", "b")
        assert (first, second) == tuple(ruled)
        assert second == rows[1]

        owner, applications = account.user_id, world.rule_applications
        done = RuleApplication(
            id=of_import(source.id), user_id=owner, import_id=source.id, applied_at=NOON
        )
        assert await applications.add_of_import(done) == Success(None)
        assert await applications.get(done.id, owner=owner) == NO_APPLICATION
        assert await applications.record_effects(done.id, effects, owner=owner) == Success(None)
        assert await applications.add_of_import(done) == Success(None)
        assert await applications.get(done.id, owner=owner) == Success(
            replace(done, transactions=1)
        )
        (effect,) = await self._effects(world, done)
        assert (effect.transaction_id, effect.rule_ids) == (first.id, (rule.id,))
        assert await self._undo(world, done) == Undoing(restored=1, changed_since=0)
        assert await self._read(world, rows[0]) == rows[0]

    async def test_sets_only_what_an_effect_says(self, world: World) -> None:
        rows = await self._rows(world)
        food = await self._category(world, rows[0].user_id, "Food")
        tagged, _ = rows[0].edit(tags=("mine",), at=NOON)
        await world.transactions.edit(tagged)

        await self._apply(world, rows[0], category=food, tags=("shop",))
        await self._apply(world, rows[1], payee_name="Café")

        first, second, third = [await self._read(world, row) for row in rows]
        assert first == replace(
            tagged,
            category="Food",
            category_id=food.id,
            category_source=CategorySource.RULE,
            tags=("mine", "shop"),
        )
        assert second == replace(rows[1], payee_name="Café")
        assert third == rows[2]

    async def test_lists_applications_and_their_effects(self, world: World) -> None:
        rows = await self._rows(world)
        owner, applications = rows[0].user_id, world.rule_applications
        one = await self._apply(world, rows[0], tags=("shop",))
        other = await self._apply(world, rows[0], payee_name="Café")

        page = await applications.page(owner=owner, after=None, limit=1)
        assert isinstance(page, Success)
        assert (list(page.value.items), bool(page.value.next)) == ([other], True)
        rest = await applications.page(owner=owner, after=other.id, limit=1)
        assert isinstance(rest, Success)
        assert (list(rest.value.items), rest.value.next) == ([one], None)
        for find in (applications.get, applications.lock):
            assert await find(one.id, owner=owner) == Success(one)
            assert await find(one.id, owner=UserId(new_id())) == NO_APPLICATION
        (effect,) = await self._effects(world, one)
        assert (effect.transaction_id, effect.category_id) == (rows[0].id, None)
        assert (effect.tags, effect.payee_name) == (("shop",), "")
        stranger = UserId(new_id())
        none = await applications.effects(one.id, owner=stranger, after=None, limit=9)
        assert isinstance(none, Success)
        assert none.value.items == []
        nothing = await applications.page(owner=stranger, after=None, limit=9)
        assert isinstance(nothing, Success)
        assert nothing.value.items == []

    async def test_undoing_returns_to_what_others_say(self, world: World) -> None:
        rows = await self._rows(world)
        food, gifts, travel = [
            await self._category(world, rows[0].user_id, name)
            for name in ("Food", "Gifts", "Travel")
        ]
        stated = [StatedAllocation(transaction_id=rows[0].id, category_id=food.id)]
        await world.categories.record_stated(rows[0].import_id, stated, owner=food.user_id)
        before = await self._read(world, rows[0])
        one = await self._apply(world, rows[0], category=gifts, payee_name="One", tags=("a",))
        other = await self._apply(world, rows[0], category=travel, payee_name="Two", tags=("b",))

        assert await self._undo(world, other) == Undoing(restored=1, changed_since=0)
        between = await self._read(world, rows[0])
        assert (between.category, between.payee_name, between.tags) == ("Gifts", "One", ("a",))
        assert between.category_source is CategorySource.RULE

        assert await self._undo(world, one) == Undoing(restored=1, changed_since=0)
        assert before.category_source is CategorySource.IMPORT
        assert await self._read(world, rows[0]) == before
        found = await world.rule_applications.get(one.id, owner=food.user_id)
        assert found == Success(replace(one, undone_at=NOON))

    async def test_undoing_leaves_what_is_newer(self, world: World) -> None:
        rows = await self._rows(world)
        gifts = await self._category(world, rows[0].user_id, "Gifts")
        done = await self._apply(world, rows[0], category=gifts, tags=("a",))
        await self._apply(world, rows[1], payee_name="One")
        chosen, _ = (await self._read(world, rows[0])).edit(splits=(), tags=("b",), at=NOON)
        await world.transactions.edit(chosen)

        assert await self._undo(world, done) == Undoing(restored=0, changed_since=1)

        assert await self._read(world, rows[0]) == chosen
        assert (await self._read(world, rows[1])).payee_name == "One"

    async def test_a_tag_that_rules_added_is_remembered_until_that_is_undone(
        self, world: World
    ) -> None:
        row, *_ = await self._rows(world)
        done = await self._apply(world, row, tags=("a",))
        removed, _ = (await self._read(world, row)).edit(tags=(), at=NOON)
        await world.transactions.edit(removed)

        seen = {each.id: each for each in await self._examined(world, row.user_id)}
        assert (seen[row.id].tags, seen[row.id].refused_tags) == ((), ("a",))
        await self._undo(world, done)

        seen = {each.id: each for each in await self._examined(world, row.user_id)}
        assert seen[row.id].refused_tags == ()

    async def test_effects_follow_a_merged_transaction_and_a_category(self, world: World) -> None:
        rows = await self._rows(world)
        food, gifts = [
            await self._category(world, rows[0].user_id, name) for name in ("Food", "Gifts")
        ]
        done = await self._apply(world, rows[0], category=food, payee_name="Café", tags=("a",))

        await world.transactions.merge(rows[0].id, rows[1].id, owner=food.user_id)
        await world.categories.delete(food, into=gifts)

        merged = await self._read(world, rows[1])
        assert (merged.category, merged.payee_name, merged.tags) == ("Gifts", "Café", ("a",))
        (effect,) = await self._effects(world, done)
        assert (effect.transaction_id, effect.category_id) == (rows[1].id, gifts.id)
        assert await self._undo(world, done) == Undoing(restored=1, changed_since=0)
        assert await self._read(world, rows[1]) == rows[1]

    async def _rows(self, world: World) -> list[Transaction]:
        account = await world.account()
        source = await world.source(account)
        rows = [
            make_transaction(account, source, make_row(day=day, provider_id=f"F{day}"))
            for day in (1, 2, 3)
        ]
        await world.transactions.add(rows)
        return rows

    async def _category(self, world: World, owner: UserId, name: str) -> Category:
        category = make_category(owner, name)
        await world.categories.add(category)
        return category

    async def _examined(self, world: World, owner: UserId) -> Sequence[ExaminedTransaction]:
        found = await world.rule_applications.examined(owner=owner, after=None, limit=9)
        assert isinstance(found, Success)
        return found.value

    async def _apply(
        self, world: World, row: Transaction, *, category: Category | None = None, **sets: Any
    ) -> RuleApplication:
        (seen,) = [e for e in await self._examined(world, row.user_id) if e.id == row.id]
        effect = RuleEffect(
            transaction=seen,
            rule_ids=(RuleId(new_id()),),
            category_id=category.id if category else None,
            **sets,
        )
        done = RuleApplication(
            id=RuleApplicationId(new_id()),
            user_id=row.user_id,
            import_id=row.import_id,
            applied_at=NOON,
            transactions=1,
        )
        paths = {category.id: category.path} if category else {}
        written = await world.rule_applications.write(done.id, [effect], paths, owner=row.user_id)
        assert written == Success(1)
        assert await world.rule_applications.add(done) == Success(None)
        return done

    async def _effects(self, world: World, done: RuleApplication) -> Sequence[AppliedEffect]:
        page = await world.rule_applications.effects(
            done.id, owner=done.user_id, after=None, limit=9
        )
        assert isinstance(page, Success)
        after = TransactionId(page.value.items[-1].transaction_id)
        rest = await world.rule_applications.effects(
            done.id, owner=done.user_id, after=after, limit=9
        )
        assert isinstance(rest, Success)
        assert rest.value.items == []
        return page.value.items

    async def _undo(self, world: World, done: RuleApplication) -> Undoing:
        undone = await world.rule_applications.undo(done, at=NOON)
        assert isinstance(undone, Success)
        return undone.value

    async def _read(self, world: World, row: Transaction) -> Transaction:
        found = await world.transactions.get(row.id, owner=row.user_id)
        assert isinstance(found, Success)
        return found.value
