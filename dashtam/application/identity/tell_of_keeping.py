"""React to an account that is open again: write to its user."""

from dataclasses import dataclass

from domain.identity.errors import UserNotFound
from domain.identity.events import AccountKept
from domain.identity.ports import Mailer, UserRepository
from domain.shared.errors import Unavailable
from domain.shared.ids import UserId
from domain.shared.ports import UnitOfWorkFactory
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class TellOfKeeping:
    """Send a user whose account is open again a letter that says so."""

    users: UserRepository
    mailer: Mailer
    unit_of_work: UnitOfWorkFactory

    async def __call__(self, event: AccountKept) -> Result[None, Unavailable]:
        if event.subject_id is None:
            return Success(None)
        async with self.unit_of_work(owner=event.subject_id):
            found = await self.users.get(UserId(event.subject_id))
        if isinstance(found, Failure):
            if isinstance(found.error, UserNotFound):
                # Nobody is left to write to.
                return Success(None)
            return Failure(found.error)
        return await self.mailer.tell_of_keeping(found.value.email)
