"""The user whose ledger a command is about."""

import asyncio
from abc import abstractmethod
from argparse import ArgumentParser
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.core.management.base import BaseCommand

from dashtam.console import expect, set_command_origin
from dashtam.container import container
from domain.identity.values import Email
from domain.shared.ids import UserId

#: What an action of a command does, for a user and with its options.
Act = Callable[[UserId, Mapping[str, Any]], Awaitable[None]]
#: Adds an action by its name, what it does, and what it is for.
AddAction = Callable[[str, Act, str], ArgumentParser]


def add_user(parser: ArgumentParser) -> None:
    parser.add_argument("--user", required=True, metavar="EMAIL", help="the user's email")


async def find_user(email: str) -> UserId:
    """Return the user with this email address; a failure ends the command."""
    address = expect(Email.parse(email))
    return expect(await container.ports.users.get_by_email(address)).id


class UserCommand(BaseCommand):
    """A command with several actions, each on what belongs to one user."""

    @abstractmethod
    def add_actions(self, add: AddAction) -> None:
        """Add the actions, each with its arguments."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

        def add(name: str, act: Act, text: str) -> ArgumentParser:
            added = actions.add_parser(name, help=text, description=text)
            added.set_defaults(act=act)
            add_user(added)
            return added

        self.add_actions(add)

    def handle(self, *, act: Act, user: str, **options: Any) -> None:
        set_command_origin(type(self).__module__.rpartition(".")[2])
        asyncio.run(_run(act, user, options))


async def _run(act: Act, email: str, options: Mapping[str, Any]) -> None:
    await act(await find_user(email), options)
    await container.drain()
