"""The user whose ledger a command is about."""

from argparse import ArgumentParser

from dashtam.console import expect
from dashtam.container import container
from domain.identity.values import Email
from domain.shared.ids import UserId


def add_user(parser: ArgumentParser) -> None:
    parser.add_argument("--user", required=True, metavar="EMAIL", help="the user's email")


async def find_user(email: str) -> UserId:
    """Return the user with this email address; a failure ends the command."""
    address = expect(Email.parse(email))
    return expect(await container.ports.users.get_by_email(address)).id
