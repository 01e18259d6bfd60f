"""List a user's connections to providers, and begin, answer, sync and end them."""

from collections.abc import Mapping
from getpass import getpass
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError
from rich.text import Text

from dashtam.application.connections.authorise import (
    AnswerStep,
    Authorising,
    BeginConnection,
    RenewConnection,
)
from dashtam.application.connections.links import DecideLink, ListLinks, PreviewLink
from dashtam.application.connections.manage import (
    EditConnection,
    EndConnection,
    ListConnections,
    RequestSync,
)
from dashtam.application.connections.provider_list import ListProviders, provider_of
from dashtam.console import console, expect, listing_table
from dashtam.container import container
from dashtam.management.people import AddAction, UserCommand
from domain.connections.providers import Ask, Field, Redirect
from domain.connections.values import LinkStatus, ProviderSlug
from domain.shared.ids import AccountId, ConnectionId, UserId


class Command(UserCommand):
    """Does what the API does at `/connections`, with the same names. It asks for secrets."""

    help = "List a user's connections to providers, and begin, answer, sync and end them."

    def add_actions(self, add: AddAction) -> None:
        add("providers", _providers, "list the providers that can be connected")
        add("list", _list, "list the connections with their states")
        beginning = add("begin", _begin, "connect a provider, step by step")
        beginning.add_argument("provider")
        beginning.add_argument("--name", default="")
        _of_one(add, "renew", _renew, "authorise a connection again, in place")
        _of_one(add, "answer", _answer, "answer the step that a connection waits for")
        _of_one(add, "sync", _sync, "have a connection synced now")
        _of_one(add, "pause", _pause, "ask nothing by itself until it is resumed")
        _of_one(add, "resume", _resume, "sync a paused connection again")
        _of_one(add, "end", _end, "end a connection; the ledger stays as it is")
        _of_one(add, "accounts", _accounts, "list the accounts that a connection reports")
        linking = _of_one(add, "link", _link, "say which account one of them fills")
        linking.add_argument("link_id", type=UUID, metavar="LINK_ID")
        decision = linking.add_mutually_exclusive_group(required=True)
        decision.add_argument("--account", type=UUID, metavar="ID", help="it fills this account")
        decision.add_argument("--new", action="store_true", help="it becomes a new account")
        decision.add_argument("--ignore", action="store_true", help="import nothing of it")
        linking.add_argument("--preview", action="store_true", help="change nothing")


def _of_one(add: AddAction, name: str, act: Any, text: str) -> Any:
    parser = add(name, act, text)
    parser.add_argument("connection_id", type=UUID, metavar="ID")
    return parser


async def _providers(user_id: UserId, options: Mapping[str, Any]) -> None:
    table = listing_table("Providers", "Slug", "Name", "Asks for")
    for each in expect(await container.use(ListProviders)(user_id=user_id)):
        asks = ", ".join(field.label for field in each.authorisation.fields)
        table.add_row(each.slug, each.name, asks)
    console.print(table)


async def _list(user_id: UserId, options: Mapping[str, Any]) -> None:
    heads = ("Id", "Name", "Provider", "Status", "Complete", "Next attempt", "Detail")
    table = listing_table("Connections", *heads)
    for each in expect(await container.use(ListConnections)(user_id=user_id)):
        connection, due = each.connection, each.timing.due
        status = connection.status.value
        complete = connection.complete_at
        table.add_row(
            str(connection.id),
            Text(connection.name),
            connection.provider,
            f"{status}: {connection.need}" if connection.need else status,
            f"{complete:%Y-%m-%d %H:%M}" if complete else "",
            f"{due.at:%Y-%m-%d %H:%M} ({due.reason})" if due else "",
            Text(connection.detail),
        )
    console.print(table)


async def _begin(user_id: UserId, options: Mapping[str, Any]) -> None:
    slug = ProviderSlug(options["provider"])
    provider = expect(provider_of(slug, container.ports.providers))
    given = _ask(provider.authorisation.fields)
    begun = await container.use(BeginConnection)(
        user_id=user_id, provider=slug, name=options["name"], given=given
    )
    _print(expect(begun))


async def _renew(user_id: UserId, options: Mapping[str, Any]) -> None:
    connection_id = ConnectionId(options["connection_id"])
    listed = expect(await container.use(ListConnections)(user_id=user_id))
    slugs = [e.connection.provider for e in listed if e.connection.id == connection_id]
    given: dict[str, str] = {}
    if slugs:
        provider = expect(provider_of(slugs[0], container.ports.providers))
        given = _ask(provider.authorisation.fields)
    renewed = await container.use(RenewConnection)(
        connection_id=connection_id, user_id=user_id, given=given
    )
    _print(expect(renewed))


async def _answer(user_id: UserId, options: Mapping[str, Any]) -> None:
    connection_id = ConnectionId(options["connection_id"])
    listed = expect(await container.use(ListConnections)(user_id=user_id))
    pending = [e.pending for e in listed if e.connection.id == connection_id and e.pending]
    given: dict[str, str] = {}
    if pending and isinstance(pending[0].step, Redirect):
        given = _ask([Field(name="url", label="The address that the bank sent you back to")])
    elif pending and isinstance(pending[0].step, Ask):
        given = _ask(pending[0].step.fields)
    answered = await container.use(AnswerStep)(
        connection_id=connection_id, user_id=user_id, given=given
    )
    _print(expect(answered))


async def _sync(user_id: UserId, options: Mapping[str, Any]) -> None:
    expect(await container.use(RequestSync)(**_which(user_id, options)))
    console.print("It is due now; manage.py sync or a running server syncs it.")


async def _pause(user_id: UserId, options: Mapping[str, Any]) -> None:
    expect(await container.use(EditConnection)(**_which(user_id, options), paused=True))
    console.print("The connection pauses.")


async def _resume(user_id: UserId, options: Mapping[str, Any]) -> None:
    expect(await container.use(EditConnection)(**_which(user_id, options), paused=False))
    console.print("The connection is active again.")


async def _end(user_id: UserId, options: Mapping[str, Any]) -> None:
    expect(await container.use(EndConnection)(**_which(user_id, options)))
    console.print("The connection was ended. What it has brought stays in the ledger.")


async def _accounts(user_id: UserId, options: Mapping[str, Any]) -> None:
    heads = ("Link", "Name", "Currency", "Status", "Account", "Covered", "Problem")
    table = listing_table("Accounts of the connection", *heads)
    for each in expect(await container.use(ListLinks)(**_which(user_id, options))):
        maybe = ", ".join(map(str, sorted(each.candidates)))
        table.add_row(
            str(each.id),
            Text(each.name),
            each.currency,
            each.status,
            str(each.account_id) if each.account_id else maybe and f"perhaps {maybe}",
            f"{each.covered_from} to {each.covered_to}" if each.covered_from else "",
            Text(each.problem_detail),
        )
    console.print(table)


async def _link(user_id: UserId, options: Mapping[str, Any]) -> None:
    which = {**_which(user_id, options), "link_id": options["link_id"]}
    account_id = AccountId(options["account"]) if options["account"] else None
    if options["preview"]:
        if account_id is None:
            raise CommandError("A preview compares it with an account: name it with --account.")
        found = expect(await container.use(PreviewLink)(**which, account_id=account_id))
        console.print(
            f"{found.window.first} to {found.window.last}: {found.certain} certain,"
            f" {found.to_decide} to decide, {found.only_there} only there,"
            f" {found.only_here} only here."
        )
        return
    status = LinkStatus.LINKED if account_id else LinkStatus.NEW
    status = LinkStatus.IGNORED if options["ignore"] else status
    link = expect(await container.use(DecideLink)(**which, status=status, account_id=account_id))
    console.print(f"It is {link.status} now.")


def _which(user_id: UserId, options: Mapping[str, Any]) -> dict[str, Any]:
    return {"connection_id": ConnectionId(options["connection_id"]), "user_id": user_id}


def _ask(fields: Any) -> dict[str, str]:
    """Ask for each field on the terminal; secrets are not echoed."""
    given = {each.name: _answer_to(each) for each in fields}
    return {name: value for name, value in given.items() if value}


def _answer_to(field: Field) -> str:
    options = f" ({', '.join(field.options)})" if field.options else ""
    prompt = f"{field.label}{options}: "
    return getpass(prompt) if field.is_secret else console.input(Text(prompt))


def _print(authorising: Authorising) -> None:
    connection, pending = authorising.connection, authorising.pending
    if pending is None:
        console.print(f"Connection {connection.id} is {connection.status}.")
        return
    step = pending.step
    if isinstance(step, Redirect):
        console.print(Text(f"Go to {step.url}"))
    else:
        console.print(Text(step.text))
    console.print(f"Then: manage.py connections answer --user EMAIL {connection.id}")
