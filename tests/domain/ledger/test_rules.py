"""Rules: which transactions they are about, and what they set."""

import unicodedata
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ledger.allocations import CategorySource
from domain.ledger.errors import InvalidRule
from domain.ledger.rule_effects import (
    SHOWN,
    ExaminedTransaction,
    RuleEffect,
    RulesPreview,
    examine,
)
from domain.ledger.rules import (
    MAX_CONDITIONS,
    AccountCondition,
    AmountCondition,
    Comparison,
    Condition,
    Direction,
    Rule,
    TextCondition,
    TextField,
    arranged,
)
from domain.ledger.tags import MAX_TAGS, InvalidTags
from domain.shared.ids import AccountId, CategoryId, RuleId, TransactionId, UserId, new_id
from domain.shared.money import Money
from domain.shared.result import Failure, Success
from tests.contracts.rules import COFFEE, make_rule
from tests.factories import NOON

ADA = UserId(new_id())
ACCOUNTS = [AccountId(new_id()) for _ in range(2)]
CATEGORIES = [CategoryId(new_id()) for _ in range(3)]
TEXTS = ["", "Café  Nord", "CAFE NORD 17", "Straße", "strasse 5", "Nord\nSüd", "  nord"]
NEEDLES = ["cafe", "NORD", "strasse", "Straße 5", "cafe nord", "süd", "nord süd", "17"]
TAGS = ["a", "b", "c"]
AMOUNTS = [Decimal(each) for each in ("-12.50", "-5", "0", "5", "12.50", "900")]


def make_examined(**changes: Any) -> ExaminedTransaction:
    plain = ExaminedTransaction(
        id=TransactionId(new_id()),
        version=1,
        account_id=ACCOUNTS[0],
        booking_date=NOON.date(),
        amount=Decimal("-12.50"),
        currency="EUR",
        payee="",
        description="Coffee house",
        memo="",
        reference="",
        payee_name="",
        category_id=None,
        category="",
        category_source=None,
        is_split=False,
        tags=(),
        refused_tags=(),
    )
    return plain._replace(**changes)


# The same in plain words, for one transaction and one rule at a time.


def plain(text: str) -> str:
    bare = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in bare if not unicodedata.combining(c)).split())


def holds(condition: Condition, row: ExaminedTransaction) -> bool:
    match condition:
        case TextCondition(where=where, comparison=comparison, value=value):
            texts = [row.payee]
            if where is TextField.TEXT:
                texts += [row.description, row.memo, row.reference]
            tests = {
                Comparison.IS: lambda text: plain(text) == plain(value),
                Comparison.CONTAINS: lambda text: plain(value) in plain(text),
                Comparison.STARTS_WITH: lambda text: plain(text).startswith(plain(value)),
            }
            return any(map(tests[comparison], texts))
        case AmountCondition(at_least=least, at_most=most, direction=direction, currency=currency):
            size = abs(row.amount)
            sign = {None: True, Direction.INCOMING: row.amount > 0}.get(direction, row.amount < 0)
            return (
                sign
                and (least is None or size >= least)
                and (most is None or size <= most)
                and currency in (None, row.currency)
            )
        case AccountCondition(account_ids=ids):
            return row.account_id in ids


def model(rules: list[Rule], row: ExaminedTransaction) -> tuple[object, ...] | None:
    """Return category, name of the payee and added tags, if anything is set."""
    matching = [rule for rule in rules if all(holds(each, row) for each in rule.conditions)]
    category = next((rule.category_id for rule in matching if rule.category_id), None)
    if row.category_source is CategorySource.OWNER or row.is_split or category == row.category_id:
        category = None
    name = next((rule.payee_name for rule in matching if rule.payee_name), "")
    if name == row.payee_name:
        name = ""
    known = {*row.tags, *row.refused_tags}
    tags = sorted({tag for rule in matching for tag in rule.tags} - known)
    return (category, name, tuple(tags)) if category or name or tags else None


conditions = st.one_of(
    st.builds(
        TextCondition,
        where=st.sampled_from(TextField),
        comparison=st.sampled_from(Comparison),
        value=st.sampled_from(NEEDLES),
    ),
    st.builds(
        AmountCondition,
        at_least=st.none() | st.sampled_from(AMOUNTS[2:]),
        at_most=st.none() | st.sampled_from(AMOUNTS[2:]),
        direction=st.none() | st.sampled_from(Direction),
        currency=st.none() | st.sampled_from(["EUR", "USD"]),
    ),
    st.builds(AccountCondition, account_ids=st.tuples(st.sampled_from(ACCOUNTS))),
)
rules_of_a_user = st.lists(
    st.builds(
        Rule,
        id=st.uuids().map(RuleId),
        user_id=st.just(ADA),
        name=st.just("A rule"),
        position=st.just(1),
        conditions=st.lists(conditions, min_size=1, max_size=3).map(tuple),
        category_id=st.none() | st.sampled_from(CATEGORIES),
        tags=st.lists(st.sampled_from(TAGS), unique=True).map(lambda tags: tuple(sorted(tags))),
        payee_name=st.sampled_from(["", "Nord", "Süd"]),
    ),
    max_size=6,
    unique_by=lambda rule: rule.id,
)
texts = st.sampled_from(TEXTS)
some_tags = st.lists(st.sampled_from(TAGS), unique=True).map(tuple)
examined = st.builds(
    make_examined,
    account_id=st.sampled_from(ACCOUNTS),
    amount=st.sampled_from(AMOUNTS),
    currency=st.sampled_from(["EUR", "USD"]),
    payee=texts,
    description=texts,
    memo=texts,
    reference=texts,
    payee_name=st.sampled_from(["", "Nord"]),
    category_id=st.none() | st.sampled_from(CATEGORIES),
    category_source=st.none() | st.sampled_from(CategorySource),
    is_split=st.booleans(),
    tags=some_tags,
    refused_tags=some_tags,
)


@given(rules_of_a_user, st.lists(examined, max_size=8))
def test_many_at_once_are_examined_as_one_by_one(
    rules: list[Rule], rows: list[ExaminedTransaction]
) -> None:
    found = examine(rules, rows)

    expected = {row.id: model(rules, row) for row in rows}
    assert {
        each.transaction.id: (each.category_id, each.payee_name, each.tags)
        for each in found.effects
    } == {id_: said for id_, said in expected.items() if said}
    assert +found.matched == +Counter(
        rule.id
        for rule in rules
        for row in rows
        if all(holds(each, row) for each in rule.conditions)
    )
    assert [each.transaction for each in found.effects] == [row for row in rows if expected[row.id]]
    # Each rule that is named sets something, and what is set is set by one of them.
    for effect in found.effects:
        named = [set_by(rule) for rule in rules if rule.id in effect.rule_ids]
        done = {effect.category_id, effect.payee_name, *effect.tags} - {None, ""}
        assert all(said & done for said in named)
        assert done <= set().union(*named)


def set_by(rule: Rule) -> set[object]:
    said: set[object] = {rule.category_id, rule.payee_name, *rule.tags}
    return said - {None, ""}


def test_as_many_tags_are_added_as_there_is_room_for() -> None:
    rows = [
        make_examined(tags=tuple(f"t{n}" for n in range(MAX_TAGS - 1))),
        make_examined(tags=tuple(f"t{n}" for n in range(MAX_TAGS))),
    ]
    rules = [make_rule(ADA, tags=("x", "y"))]

    (effect,) = examine(rules, rows).effects

    assert effect.tags == ("x",)
    assert len(effect.all_tags) == MAX_TAGS


@pytest.mark.parametrize(
    ("amount", "direction"), [("0", Direction.INCOMING), ("0", Direction.OUTGOING)]
)
def test_nothing_has_no_direction(amount: str, direction: Direction) -> None:
    assert not AmountCondition(direction=direction).holds(Money(Decimal(amount), "EUR"))


def test_a_preview_shows_the_latest_changes_first() -> None:
    rules = [make_rule(ADA)]
    rows = [make_examined() for _ in range(SHOWN + 5)]
    preview = RulesPreview(rules, {})

    for some in (rows[:50], rows[50:]):
        preview.add(examine(rules, some))

    assert [each.transaction for each in preview.effects] == rows[:4:-1]
    assert (preview.changed, preview.tags, preview.categories) == (len(rows), len(rows), 0)
    assert preview.matched == preview.changed_by == Counter({rules[0].id: len(rows)})


def test_a_rule_is_tidied() -> None:
    rule = make_rule(ADA, " A   rule ", tags=("Ä", "a"), payee_name=" Café   Nord ")

    assert (rule.name, rule.tags, rule.payee_name) == ("A rule", ("a", "ä"), "Café Nord")
    assert (rule.version, rule.enabled) == (1, True)


@pytest.mark.parametrize(
    "said",
    [
        {"name": " "},
        {"name": "x" * 101},
        {"name": "a\x00"},
        {"conditions": ()},
        {"conditions": (COFFEE,) * (MAX_CONDITIONS + 1)},
        {"conditions": (AmountCondition(),)},
        {"conditions": (AccountCondition(account_ids=()),)},
        {"tags": ()},
        {"tags": tuple(f"t{n}" for n in range(11))},
        {"payee_name": "x" * 256},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(said: dict[str, object]) -> None:
    its = {"name": "A rule", "conditions": (COFFEE,), "tags": ("a",), **said}

    made = Rule.create(its, id=RuleId(new_id()), user_id=ADA, position=1)  # type: ignore[arg-type]  # what a user may send

    assert isinstance(made, Failure)
    assert isinstance(made.error, InvalidRule)


def test_tags_are_words() -> None:
    refused = make_rule(ADA).change({"tags": ("two words",)})

    assert isinstance(refused, Failure)
    assert isinstance(refused.error, InvalidTags)


def test_a_rule_without_its_category_can_be_disabled_and_not_emptied() -> None:
    left = make_rule(ADA, tags=(), payee_name="A").change({"enabled": False})
    assert isinstance(left, Success)
    assert (left.value.enabled, left.value.version) == (False, 2)

    assert isinstance(left.value.change({"payee_name": ""}), Failure)


@pytest.mark.parametrize(
    ("position", "order"),
    [(None, "bca"), (1, "abc"), (2, "bac"), (9, "bca"), (0, "abc")],
)
def test_a_rule_is_placed(position: int | None, order: str) -> None:
    a, b, c = (make_rule(ADA, name, place) for place, name in enumerate("abc", 1))

    placed = arranged([a, b, c], a, position)

    assert "".join(each.name for each in placed) == order
    assert [each.position for each in placed] == [1, 2, 3]


def test_an_effect_names_the_rule_that_won() -> None:
    food, gifts = CATEGORIES[:2]
    first = make_rule(ADA, tags=("a",), category_id=food)
    second = make_rule(ADA, tags=("a",), category_id=gifts)
    third = make_rule(ADA, tags=(), payee_name="Nord", category_id=gifts)

    (effect,) = examine([first, second, third], [make_examined()]).effects

    assert effect == RuleEffect(
        transaction=effect.transaction,
        rule_ids=(first.id, third.id),
        category_id=food,
        payee_name="Nord",
        tags=("a",),
    )
