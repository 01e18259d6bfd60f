"""Connect apps that read a user's accounts, list them, and revoke their access."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from rich.text import Text

from dashtam.application.sharing.connected_apps import (
    AddConnectedApp,
    EditConnectedApp,
    IssuedSetupToken,
    IssueSetupToken,
    ListConnectedApps,
    ListedApp,
    RevokeConnectedApp,
)
from dashtam.console import console, expect, listing_table
from dashtam.container import container
from dashtam.management.people import AddAction, UserCommand
from domain.shared.ids import AccountId, ConnectedAppId, UserId
from domain.sharing.entities import AppChanges


class Command(UserCommand):
    """Does what the API does at `/connected-apps`, with the same names."""

    help = "Connect apps that read a user's accounts, list them, and revoke their access."

    def add_actions(self, add: AddAction) -> None:
        add("list", _list, "list the connected apps with their ids and last use")
        adding = add("add", _add, "connect an app, and show its setup token this once")
        adding.add_argument("--name", required=True)
        _add_accounts(adding, "all that are not hidden by default")
        editing = add("edit", _edit, "rename an app, or choose other accounts")
        editing.add_argument("app_id", type=UUID, metavar="ID")
        editing.add_argument("--name")
        _add_accounts(editing, "without any, the choice stays")
        editing.add_argument("--all-accounts", action="store_true", help="all but hidden accounts")
        issuing = add(
            "setup-token", _issue, "issue another setup token; claiming it ends the access"
        )
        issuing.add_argument("app_id", type=UUID, metavar="ID")
        for each in (adding, issuing):
            each.add_argument("--url", default=_url(), help="the URL of this server for the app")
        revoking = add("revoke", _revoke, "revoke the access of an app")
        revoking.add_argument("app_id", type=UUID, metavar="ID")


def _add_accounts(parser: Any, default: str) -> None:
    which = f"an account that it reads; {default}"
    parser.add_argument("--account-id", type=UUID, action="append", metavar="ID", help=which)


def _url() -> str:
    """Return PUBLIC_URL, or else where `serve` listens, or the first of ALLOWED_HOSTS."""
    if settings.PUBLIC_URL or not settings.PRODUCTION:
        return settings.PUBLIC_URL or "http://127.0.0.1:8000"
    return f"https://{settings.ALLOWED_HOSTS[0]}"


def _account_ids(options: Mapping[str, Any]) -> frozenset[AccountId] | None:
    return frozenset(map(AccountId, options["account_id"])) if options["account_id"] else None


async def _list(user_id: UserId, options: Mapping[str, Any]) -> None:
    _print(expect(await container.use(ListConnectedApps)(user_id=user_id)))


async def _add(user_id: UserId, options: Mapping[str, Any]) -> None:
    issued = await container.use(AddConnectedApp)(
        user_id=user_id,
        name=options["name"],
        account_ids=_account_ids(options),
    )
    _print_token(expect(issued), options["url"])


async def _edit(user_id: UserId, options: Mapping[str, Any]) -> None:
    changes = AppChanges()
    if options["name"]:
        changes["name"] = options["name"]
    if options["account_id"] or options["all_accounts"]:
        changes["account_ids"] = None if options["all_accounts"] else _account_ids(options)
    edited = await container.use(EditConnectedApp)(
        connected_app_id=ConnectedAppId(options["app_id"]), user_id=user_id, changes=changes
    )
    _print([expect(edited)])


async def _issue(user_id: UserId, options: Mapping[str, Any]) -> None:
    app_id = ConnectedAppId(options["app_id"])
    issued = await container.use(IssueSetupToken)(connected_app_id=app_id, user_id=user_id)
    _print_token(expect(issued), options["url"])


async def _revoke(user_id: UserId, options: Mapping[str, Any]) -> None:
    app_id = ConnectedAppId(options["app_id"])
    expect(await container.use(RevokeConnectedApp)(connected_app_id=app_id, user_id=user_id))
    console.print("The access of the app was revoked.")


def _print_token(issued: IssuedSetupToken, url: str) -> None:
    _print([(issued.app, issued.usage)])
    claim_url = f"{url.rstrip('/')}/simplefin/claim/{issued.setup_token.text}"
    console.print("Give the app this setup token. It works once, within 24 hours:")
    console.out(b64encode(claim_url.encode()).decode(), highlight=False)


def _print(apps: Sequence[ListedApp]) -> None:
    table = listing_table("Connected apps", "Id", "Name", "Accounts", "Claimed", "Last use")
    for app, usage in apps:
        times = (f"{at:%Y-%m-%d %H:%M}" if at else "" for at in (app.claimed_at, usage.at))
        accounts = "all" if app.account_ids is None else str(len(app.account_ids))
        table.add_row(str(app.id), Text(app.name), accounts, *times)
    console.print(table)
