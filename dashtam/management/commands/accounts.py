"""List a user's accounts, and add, change, merge and delete them."""

from argparse import BooleanOptionalAction
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, cast
from uuid import UUID

from rich.text import Text

from dashtam.application.ledger.accounts import AccountOverview, ListAccounts
from dashtam.application.ledger.manage_accounts import AddAccount, DeleteAccount, EditAccount
from dashtam.application.ledger.merge_accounts import MergeAccounts, UndoMerge
from dashtam.console import console, expect, listing_table
from dashtam.container import container
from dashtam.management.people import AddAction, UserCommand
from domain.ledger.entities import AccountChanges
from domain.ledger.kinds import AccountKind
from domain.ledger.values import AccountReference
from domain.shared.ids import AccountId, MergeId, UserId

#: What `edit` can change, by the names of the API.
_EDITABLE = tuple(AccountChanges.__annotations__)


class Command(UserCommand):
    """Does what the API does at `/accounts`, with the same names."""

    help = "List a user's accounts, and add, change, merge and delete them."

    def add_actions(self, add: AddAction) -> None:
        add("list", _list, "list the accounts with their ids and names")
        adding = add("add", _add, "add an account by hand")
        adding.add_argument("--name", required=True)
        adding.add_argument("--kind", required=True, type=AccountKind, choices=list(AccountKind))
        adding.add_argument("--currency", required=True, metavar="CODE")
        adding.add_argument("--institution", default="")
        adding.add_argument("--number", default="")
        adding.add_argument("--opened-on", type=_day, metavar="DATE")
        editing = add("edit", _edit, "rename, hide, close or reopen an account")
        editing.add_argument("account_id", type=UUID, metavar="ID")
        editing.add_argument("--name")
        editing.add_argument("--kind", type=AccountKind, choices=list(AccountKind))
        editing.add_argument("--hidden", action=BooleanOptionalAction)
        for option in ("--opened-on", "--closed-on"):
            text = "an empty text clears it"
            editing.add_argument(option, type=_day, metavar="DATE", default=..., help=text)
        merging = add("merge", _merge, "merge an account into another one: both are one")
        merging.add_argument("account_id", type=UUID, metavar="ID")
        merging.add_argument("merged_id", type=UUID, metavar="MERGED_ID")
        merging.add_argument("--preview", action="store_true", help="change nothing")
        undoing = add("undo-merge", _undo_merge, "undo a merge")
        undoing.add_argument("merge_id", type=UUID, metavar="ID")
        deleting = add("delete", _delete, "delete an account that is empty")
        deleting.add_argument("account_id", type=UUID, metavar="ID")


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


async def _list(user_id: UserId, options: Mapping[str, Any]) -> None:
    _print(expect(await container.use(ListAccounts)(user_id=user_id)))


async def _add(user_id: UserId, options: Mapping[str, Any]) -> None:
    reference = AccountReference(
        kind=options["kind"],
        number=options["number"],
        institution=options["institution"],
        currency=options["currency"].upper(),
    )
    added = await container.use(AddAccount)(
        reference, user_id=user_id, name=options["name"], opened_on=options["opened_on"]
    )
    _print([expect(added)])


async def _edit(user_id: UserId, options: Mapping[str, Any]) -> None:
    said = {name: options[name] for name in _EDITABLE if options[name] not in (None, ...)}
    cleared = {name: None for name in ("opened_on", "closed_on") if options[name] is None}
    edited = await container.use(EditAccount)(
        account_id=AccountId(options["account_id"]),
        user_id=user_id,
        changes=cast(AccountChanges, {**said, **cleared}),
    )
    _print([expect(edited)])


async def _merge(user_id: UserId, options: Mapping[str, Any]) -> None:
    merge_accounts = container.use(MergeAccounts)
    act = merge_accounts.preview if options["preview"] else merge_accounts
    merge = expect(
        await act(
            account_id=AccountId(options["account_id"]),
            merged_id=AccountId(options["merged_id"]),
            user_id=user_id,
        )
    )
    done = "Preview: " if options["preview"] else f"Merge {merge.id}: "
    rows = ", ".join(f"{count} {result}" for result, count in asdict(merge.rows).items() if count)
    console.print(f"{done}{len(merge.imports)} imports; rows: {rows or 'none'}.")


async def _undo_merge(user_id: UserId, options: Mapping[str, Any]) -> None:
    expect(await container.use(UndoMerge)(merge_id=MergeId(options["merge_id"]), user_id=user_id))
    console.print("The merge was undone.")


async def _delete(user_id: UserId, options: Mapping[str, Any]) -> None:
    account_id = AccountId(options["account_id"])
    expect(await container.use(DeleteAccount)(account_id=account_id, user_id=user_id))
    console.print("The account was deleted.")


def _print(overviews: Sequence[AccountOverview]) -> None:
    heads = ("Id", "Name", "Kind", "Currency", "Opened", "Closed", "Hidden")
    table = listing_table("Accounts", *heads)
    for account in (each.account for each in overviews):
        table.add_row(
            str(account.id),
            Text(account.name),
            account.kind,
            account.currency,
            str(account.opened_on or ""),
            str(account.closed_on or ""),
            "yes" if account.hidden else "",
        )
    console.print(table)
