"""List a user's categories, and add, change, merge and delete them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from rich.text import Text

from dashtam.application.ledger.categories import (
    AddCategory,
    ChangeCategory,
    DeleteCategory,
    ListCategories,
)
from dashtam.console import console, expect, listing_table
from dashtam.container import container
from dashtam.management.people import AddAction, UserCommand
from domain.ledger.categories import Category, CategoryMove
from domain.shared.ids import CategoryId, UserId


class Command(UserCommand):
    """Does what the API does at `/categories`, with the same names."""

    help = "List a user's categories, and add, change, merge and delete them."

    def add_actions(self, add: AddAction) -> None:
        add("list", _list, "list the categories with their ids and names")
        adding = add("add", _add, "add a category")
        adding.add_argument("--name", required=True)
        adding.add_argument("--parent-id", type=UUID, metavar="ID")
        editing = add("edit", _edit, "rename a category, or move it below another one")
        editing.add_argument("category_id", type=UUID, metavar="ID")
        editing.add_argument("--name")
        text = "the category above it; an empty text moves it to the top"
        editing.add_argument("--parent-id", type=_id, metavar="ID", default=..., help=text)
        merging = add("merge", _delete, "delete a category; its transactions get another one")
        merging.add_argument("category_id", type=UUID, metavar="ID")
        merging.add_argument("into_id", type=UUID, metavar="INTO_ID")
        deleting = add("delete", _delete, "delete a category; its transactions have none then")
        deleting.add_argument("category_id", type=UUID, metavar="ID")
        deleting.set_defaults(into_id=None)


def _id(text: str) -> UUID | None:
    return UUID(text) if text else None


async def _list(user_id: UserId, options: Mapping[str, Any]) -> None:
    _print(expect(await container.use(ListCategories)(user_id=user_id)))


async def _add(user_id: UserId, options: Mapping[str, Any]) -> None:
    parent_id = options["parent_id"]
    added = await container.use(AddCategory)(
        user_id=user_id,
        name=options["name"],
        parent_id=CategoryId(parent_id) if parent_id else None,
    )
    _print([expect(added)])


async def _edit(user_id: UserId, options: Mapping[str, Any]) -> None:
    parent_id = options["parent_id"]
    changed = await container.use(ChangeCategory)(
        category_id=CategoryId(options["category_id"]),
        user_id=user_id,
        name=options["name"],
        move=None if parent_id is ... else CategoryMove(parent_id),
    )
    _print([expect(changed)])


async def _delete(user_id: UserId, options: Mapping[str, Any]) -> None:
    into_id = options["into_id"]
    deleted = await container.use(DeleteCategory)(
        category_id=CategoryId(options["category_id"]),
        user_id=user_id,
        into_id=CategoryId(into_id) if into_id else None,
    )
    expect(deleted)
    console.print("The category was deleted.")


def _print(categories: Sequence[Category]) -> None:
    table = listing_table("Categories", "Id", "Category")
    for each in categories:
        table.add_row(str(each.id), Text(each.path))
    console.print(table)
