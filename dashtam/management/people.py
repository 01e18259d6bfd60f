"""Whose ledger a command is about."""

from dashtam.console import expect
from dashtam.container import container
from domain.identity.values import Email
from domain.shared.ids import UserId


async def find_user(email: str) -> UserId:
    """Return who has this address, or end the command with what went wrong."""
    address = expect(Email.parse(email))
    return expect(await container.users.get_by_email(address)).id
