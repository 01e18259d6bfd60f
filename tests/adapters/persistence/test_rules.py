"""Rules on PostgreSQL: what is previewed is what is applied, and undoing restores it."""

import random
from collections.abc import Sequence
from decimal import Decimal

import pytest

from dashtam.application.ledger.apply_rules import ApplyRules, PreviewRules
from dashtam.application.ledger.rule_applications import UndoRuleApplication
from dashtam.container import container
from domain.ledger.allocations import CategoryChoice, StatedAllocation
from domain.ledger.categories import Category
from domain.ledger.entities import Transaction
from domain.ledger.listing import TransactionFilter
from domain.ledger.rule_effects import RuleApplication, RuleEffect, Undoing
from domain.ledger.rules import AmountCondition, Comparison, Rule, TextCondition, TextField
from domain.shared.ids import RuleApplicationId, RuleId, UserId, new_id
from domain.shared.result import Success
from tests.contracts.categories import make_category
from tests.contracts.rules import make_rule
from tests.contracts.world import World
from tests.factories import NOON, make_row, make_transaction

SHOPS = ["Café Nord", "Market hall", "Northbank fee", "Rent", "Straße 5"]
WORDS = ["cafe", "nord", "MARKET", "strasse", "e"]


async def some_transactions(world: World, pick: random.Random) -> list[Transaction]:
    """Insert transactions with different texts, of which some are sorted already."""
    account = await world.account()
    source = await world.source(account)
    rows = [
        make_transaction(
            account,
            source,
            make_row(
                f"{pick.randint(-20, 20)}.50",
                day=1 + number % 28,
                provider_id=f"F{number}",
                payee=pick.choice(SHOPS),
                description=pick.choice(SHOPS),
            ),
        )
        for number in range(40)
    ]
    await world.transactions.add(rows)
    return rows


async def some_categories(world: World, owner: UserId) -> list[Category]:
    food = make_category(owner, "Food")
    made = [food, make_category(owner, "Out", food), make_category(owner, "Home")]
    for each in made:
        await world.categories.add(each)
    return made


async def some_words(
    world: World, rows: Sequence[Transaction], categories: Sequence[Category], pick: random.Random
) -> None:
    """Let the owner say something of some transactions, and an import of others."""
    owner, source = rows[0].user_id, rows[0].import_id
    stated = [
        StatedAllocation(transaction_id=row.id, category_id=categories[2].id)
        for row in pick.sample(rows, 8)
    ]
    await world.categories.record_stated(source, stated, owner=owner)
    for row in pick.sample(rows, 8):
        found = await world.transactions.get(row.id, owner=owner)
        assert isinstance(found, Success)
        chosen = pick.choice([None, *categories])
        choice = CategoryChoice(chosen.id, chosen.path) if chosen else CategoryChoice(None)
        edited, _ = found.value.edit(category=choice, tags=(pick.choice("ab"),), at=NOON)
        await world.transactions.edit(edited)


def some_rules(owner: UserId, categories: Sequence[Category], pick: random.Random) -> list[Rule]:
    return [
        make_rule(
            owner,
            position=position,
            conditions=(
                TextCondition(
                    where=pick.choice(list(TextField)),
                    comparison=pick.choice(list(Comparison)),
                    value=pick.choice([*WORDS, *SHOPS]),
                ),
                *pick.choice([(), (AmountCondition(at_most=Decimal(12)),)]),
            ),
            category_id=pick.choice([None, *(each.id for each in categories)]),
            tags=(pick.choice("abc"),),
            payee_name=pick.choice(["", "One", "Two"]),
        )
        for position in range(1, 7)
    ]


async def ledger(world: World, owner: UserId) -> list[Transaction]:
    """Return all transactions in full."""
    found = await world.transactions.page(
        None, owner=owner, where=TransactionFilter(), after=None, limit=99
    )
    assert isinstance(found, Success)
    whole = [await world.transactions.get(row.id, owner=owner) for row in found.value.items]
    assert all(isinstance(each, Success) for each in whole)
    return [each.value for each in whole if isinstance(each, Success)]


async def applied(world: World, owner: UserId, pick: random.Random) -> RuleApplication:
    """Preview and apply some rules; what comes of it is what was previewed."""
    listed, before = await world.rules.all(owner=owner), await ledger(world, owner)
    assert isinstance(listed, Success)
    chosen = {rule.id for rule in pick.sample(listed.value, 3)}
    tried = await container.use(PreviewRules)(user_id=owner, rule_ids=chosen)
    assert isinstance(tried, Success)
    assert await ledger(world, owner) == before
    done = await container.use(ApplyRules)(user_id=owner, rule_ids=chosen)
    assert isinstance(done, Success)
    assert done.value.transactions == tried.value.changed
    effects = {each.transaction.id: each for each in tried.value.effects}
    paths = tried.value.paths
    assert await ledger(world, owner) == [
        effects[row.id].on(row, paths) if row.id in effects else row for row in before
    ]
    return done.value


@pytest.mark.parametrize("seed", range(6))
async def test_what_is_previewed_is_applied_and_undoing_restores_it(
    owners_world: World, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashtam.application.ledger.apply_rules.PAGE", 7)
    world, pick = owners_world, random.Random(seed)
    rows = await some_transactions(world, pick)
    owner = rows[0].user_id
    categories = await some_categories(world, owner)
    await some_words(world, rows, categories, pick)
    for rule in some_rules(owner, categories, pick):
        await world.rules.add(rule)
    states, applications = [await ledger(world, owner)], []
    for _ in range(3):
        applications.append(await applied(world, owner, pick))
        states.append(await ledger(world, owner))

    # The last one first, each returns to what was before it; in any order, all of them do.
    backwards = seed % 2 == 0
    order = applications[::-1] if backwards else pick.sample(applications, len(applications))
    for number, application in enumerate(order, 1):
        undone = await container.use(UndoRuleApplication)(
            rule_application_id=application.id, user_id=owner
        )
        assert isinstance(undone, Success)
        if backwards:
            assert await ledger(world, owner) == states[-1 - number]
            assert undone.value == Undoing(application.transactions, 0)
    assert await ledger(world, owner) == states[0]


async def test_what_changes_after_it_was_examined_is_left_as_it_is(owners_world: World) -> None:
    world = owners_world
    rows = await some_transactions(world, random.Random(1))
    owner = rows[0].user_id
    (food, *_) = await some_categories(world, owner)
    found = await world.rule_applications.examined(owner=owner, after=None, limit=2)
    assert isinstance(found, Success)
    effects = [
        RuleEffect(transaction=each, rule_ids=(RuleId(new_id()),), category_id=food.id)
        for each in found.value
    ]
    first = next(row for row in rows if row.id == found.value[0].id)
    said, _ = first.edit(category=CategoryChoice(None), at=NOON)
    await world.transactions.edit(said)

    done = RuleApplication(
        id=RuleApplicationId(new_id()), user_id=owner, import_id=None, applied_at=NOON
    )
    await world.rule_applications.add(done)
    written = await world.rule_applications.write(
        done.id, effects, {food.id: food.path}, owner=owner
    )

    assert written == Success(1)
    assert await world.transactions.get(first.id, owner=owner) == Success(said)
