"""Names of categories, their two levels, and tags."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ledger.allocations import CategoryChoice, CategorySource, Split
from domain.ledger.categories import (
    MAX_NAME,
    MAX_SPLITS,
    Category,
    check_splits,
    names_of,
)
from domain.ledger.errors import InvalidCategory
from domain.ledger.tags import MAX_TAG, MAX_TAGS, parse_tags, tags_of
from domain.shared.ids import CategoryId, UserId, new_id
from domain.shared.money import Money
from domain.shared.result import Failure, Success
from tests.contracts.categories import make_category, moved, renamed
from tests.factories import NOON, make_account, make_connection, make_import, make_transaction

ADA = UserId(new_id())


def test_a_path_has_the_name_of_the_parent_first() -> None:
    food = make_category(ADA, "  Food ")
    groceries = make_category(ADA, "Fresh  groceries", food)

    assert (food.path, groceries.path) == ("Food", "Food:Fresh groceries")
    assert moved(groceries, None).path == "Fresh groceries"
    assert renamed(groceries, "Bread").path == "Food:Bread"
    assert "Food" not in repr(groceries)


@pytest.mark.parametrize("name", ["", " ", "a:b", "a\0b", "a\x7fb", "x" * (MAX_NAME + 1)])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    made = Category.create(name, None, id=CategoryId(new_id()), user_id=ADA)

    assert isinstance(made, Failure)
    assert isinstance(made.error, InvalidCategory)


def test_there_is_no_third_level() -> None:
    food = make_category(ADA, "Food")
    groceries = make_category(ADA, "Groceries", food)
    travel = make_category(ADA, "Travel")

    assert isinstance(travel.move(groceries), Failure)
    assert isinstance(food.move(food), Failure)
    assert isinstance(food.move(travel, has_children=True), Failure)
    assert food.move(None, has_children=True) == Success(food)
    assert travel.move(food) == Success(replace(travel, parent_id=food.id, parent_name="Food"))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Food", ("Food",)),
        (" Food :  Fresh  groceries", ("Food", "Fresh groceries")),
        ("Food:Out:Lunch", ("Food", "Out / Lunch")),
        ("Food::", ("Food",)),
        ("a\0b", ("a b",)),
        *((text, ()) for text in ("", ":", " ", "Uncategorized", "None", "-")),
        ("x" * 101, ("x" * 100,)),
    ],
)
def test_a_category_of_a_file_has_two_names_at_most(text: str, names: tuple[str, ...]) -> None:
    assert names_of(text) == names


@given(st.text(max_size=300))
def test_what_a_file_calls_a_category_is_one(text: str) -> None:
    for name in names_of(text):
        assert renamed(make_category(ADA, "x"), name).name == name


def test_tags_are_lower_case_in_order_and_each_once() -> None:
    tags = parse_tags(["Trip", "2026", "trip", "Über", " b-2/c.d_e "])

    assert tags == Success(("2026", "b-2/c.d_e", "trip", "über"))


@pytest.mark.parametrize("tag", ["", "a b", "-a", "a,", "#a", "a\0b", "x" * (MAX_TAG + 1)])
def test_what_is_not_a_word_is_no_tag(tag: str) -> None:
    assert isinstance(parse_tags([tag, "good"]), Failure)


def test_there_are_not_too_many_tags() -> None:
    assert isinstance(parse_tags([f"t{n}" for n in range(MAX_TAGS)]), Success)
    assert isinstance(parse_tags([f"t{n}" for n in range(MAX_TAGS + 1)]), Failure)


@given(st.lists(st.text(max_size=50), max_size=30))
def test_tags_are_parsed_to_themselves(texts: list[str]) -> None:
    tags = parse_tags(texts)

    if isinstance(tags, Success):
        assert parse_tags(tags.value) == tags


@given(st.text(max_size=200), st.booleans())
def test_what_files_call_tags_can_be_stored(text: str, are_words: bool) -> None:
    tags = tags_of(text, are_words=are_words)

    assert parse_tags(tags) == Success(tags)


def test_files_write_tags_with_commas_or_as_words() -> None:
    assert tags_of("Food; city trip,#x\nfood, ,--") == ("city-trip", "food", "x")
    assert tags_of("food City trip", are_words=True) == ("city", "food", "trip")
    assert tags_of("a" * (MAX_TAG - 1) + " b") == ("a" * (MAX_TAG - 1),)
    assert len(tags_of(",".join(f"t{n}" for n in range(MAX_TAGS + 1)))) == MAX_TAGS


EUR = Money(Decimal("-10.00"), "EUR")


def test_parts_add_up_to_the_whole_exactly() -> None:
    parts = [Split(amount=Decimal(text)) for text in ("-12.5", "2.4999999999", "0.0000000001")]

    assert check_splits(parts, EUR) == Success(None)
    assert check_splits([], EUR) == Success(None)
    assert isinstance(check_splits(parts[:2], EUR), Failure)
    assert isinstance(check_splits([Split(amount=EUR.amount)], EUR), Failure)
    many = [Split(amount=Decimal(-1)) for _ in range(MAX_SPLITS + 1)]
    assert isinstance(check_splits(many, Money(Decimal(-MAX_SPLITS - 1), "EUR")), Failure)
    assert check_splits(many[1:], Money(Decimal(-MAX_SPLITS), "EUR")) == Success(None)


def test_a_category_of_the_whole_and_parts_exclude_each_other() -> None:
    account = make_account(make_connection(ADA))
    row = make_transaction(account, make_import(ADA, account.id))
    food = make_category(ADA, "Food")
    chosen, _ = row.edit(category=CategoryChoice(food.id, food.path), at=NOON)
    parts = (Split(amount=row.amount.amount - 1), Split(amount=Decimal(1)))

    split, _ = chosen.edit(splits=parts, at=NOON)
    again, _ = split.edit(category=CategoryChoice(food.id, food.path), at=NOON)
    none, _ = split.edit(splits=(), at=NOON)

    assert (split.category, split.category_id, split.splits) == ("", None, parts)
    assert split.category_source is none.category_source is CategorySource.OWNER
    assert (again.splits, again.category) == ((), "Food")
    assert (none.splits, none.category) == ((), "")
    assert replace(split, amount=EUR).splits_broken
    assert not none.splits_broken


def test_what_the_owner_chooses_is_said_to_be_the_owners() -> None:
    connection = make_connection(ADA)
    account = make_account(connection)
    row = make_transaction(account, make_import(ADA, account.id))
    food = make_category(ADA, "Food")

    chosen, event = row.edit(category=CategoryChoice(food.id, food.path), at=NOON)
    none, _ = chosen.edit(category=CategoryChoice(None), at=NOON)

    assert event.fields == ("category",)
    assert (chosen.category, chosen.category_id) == ("Food", food.id)
    assert chosen.category_source is none.category_source is CategorySource.OWNER
    assert (none.category, none.category_id) == ("", None)
    assert row.edit(note="x", at=NOON)[0] == replace(row, note="x")
