"""Whose ledger a command is about."""

from argparse import ArgumentParser

from django.core.management import CommandError

from dashtam.container import container
from domain.identity.values import Email
from domain.shared.ids import UserId
from domain.shared.result import Failure


def add_user(parser: ArgumentParser) -> None:
    parser.add_argument("--user", required=True, metavar="EMAIL", help="whose ledger it is")


async def find_user(email: str) -> UserId:
    """Return who has this address, or end the command."""
    address = Email.parse(email)
    if isinstance(address, Failure):
        raise CommandError(address.error.detail)
    found = await container.users.get_by_email(address.value)
    if isinstance(found, Failure):
        raise CommandError(found.error.detail)
    return found.value.id
