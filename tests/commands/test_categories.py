"""`categories`, as people type it."""

import re

import pytest
from django.core.management import CommandError, call_command

from tests.commands.test_accounts import ID, ada

__all__ = ["ada"]


def run(capsys: pytest.CaptureFixture[str], *words: str, user: str) -> str:
    action, *rest = words
    call_command("categories", action, "--user", user, *rest)
    return capsys.readouterr().out


def add(capsys: pytest.CaptureFixture[str], user: str, *said: str) -> str:
    (category_id,) = ID.findall(run(capsys, "add", *said, user=user))
    return str(category_id)


def test_categories_are_added_renamed_moved_merged_and_deleted(
    ada: str, capsys: pytest.CaptureFixture[str]
) -> None:
    food = add(capsys, ada, "--name", "Food")
    bread = add(capsys, ada, "--name", "Bread", "--parent-id", food)
    assert "Food:Bread" in run(capsys, "list", user=ada)

    renamed = run(capsys, "edit", bread, "--name", "Bakery", user=ada)
    moved = run(capsys, "edit", bread, "--parent-id", "", user=ada)
    run(capsys, "merge", bread, food, user=ada)
    left = run(capsys, "list", user=ada)
    run(capsys, "delete", food, user=ada)

    assert "Food:Bakery" in renamed
    assert re.search(r" Bakery\b", moved)
    assert "Food:Bakery" not in moved
    assert ID.findall(left) == [food]
    assert not ID.search(run(capsys, "list", user=ada))


def test_a_refusal_ends_the_command(ada: str, capsys: pytest.CaptureFixture[str]) -> None:
    food = add(capsys, ada, "--name", "Food")

    with pytest.raises(CommandError, match="another category"):
        run(capsys, "merge", food, food, user=ada)
