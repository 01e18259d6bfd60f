"""Whom a command works for."""

from django.core.management.base import CommandError

from dashtam.container import container
from domain.identity.values import Email
from domain.shared.ids import UserId
from domain.shared.result import Failure


async def find_user(email: str) -> UserId:
    """Return whose address this is, or end the command."""
    address = Email.parse(email)
    if isinstance(address, Failure):
        raise CommandError(address.error.detail)
    found = await container.users.get_by_email(address.value)
    if isinstance(found, Failure):
        raise CommandError(found.error.detail)
    return found.value.id
