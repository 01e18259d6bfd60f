"""React to a registration: write to the new user."""

from dataclasses import dataclass

from domain.identity.errors import UserNotFound
from domain.identity.events import UserRegistered
from domain.identity.ports import Mailer, UserRepository
from domain.shared.errors import Unavailable
from domain.shared.ids import UserId
from domain.shared.ports import UnitOfWorkFactory
from domain.shared.result import Failure, Result


@dataclass(frozen=True, slots=True, kw_only=True)
class WelcomeUser:
    """Send the new user a letter. The event carries no address, so it is looked up."""

    users: UserRepository
    mailer: Mailer
    unit_of_work: UnitOfWorkFactory

    async def __call__(self, event: UserRegistered) -> Result[None, UserNotFound | Unavailable]:
        assert event.subject_id is not None
        async with self.unit_of_work(owner=event.subject_id):
            found = await self.users.get(UserId(event.subject_id))
        if isinstance(found, Failure):
            return found
        return await self.mailer.welcome(found.value.email)
