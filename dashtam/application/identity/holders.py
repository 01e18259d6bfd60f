"""Whose an address is."""

from domain.identity.entities import User
from domain.identity.errors import UserNotFound
from domain.identity.ports import UserRepository
from domain.identity.values import Email
from domain.shared.errors import Unavailable
from domain.shared.result import Failure, Result, Success


async def holder_of(users: UserRepository, email: Email) -> Result[User | None, Unavailable]:
    """Return the user of an address, if there is one."""
    found = await users.get_by_email(email)
    if isinstance(found, Success):
        return found
    return Success(None) if isinstance(found.error, UserNotFound) else Failure(found.error)
