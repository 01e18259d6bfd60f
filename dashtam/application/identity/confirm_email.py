"""React to an address that is wanted: ask for its proof."""

from dataclasses import dataclass

from dashtam.application.identity.holders import holder_of
from dashtam.application.identity.letter_writer import LetterWriter
from dashtam.application.identity.occasions import new_address, warning
from domain.identity.errors import UserNotFound
from domain.identity.events import EmailChangeRequested
from domain.identity.ports import UserRepository
from domain.identity.values import Email
from domain.shared.errors import Unavailable
from domain.shared.ids import UserId
from domain.shared.ports import UnitOfWorkFactory
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmEmail:
    """Write to the new address; where it is taken, to its owner, and no token is made."""

    users: UserRepository
    writer: LetterWriter
    unit_of_work: UnitOfWorkFactory

    async def __call__(self, event: EmailChangeRequested) -> Result[None, Unavailable]:
        if event.subject_id is None:
            return Success(None)
        user_id = UserId(event.subject_id)
        holder = await self._holder(user_id)
        if isinstance(holder, Failure):
            return holder
        if holder.value is None:
            return await self.writer.write(user_id, new_address)
        return await self.writer.write(holder.value, warning)

    async def _holder(self, user_id: UserId) -> Result[UserId | None, Unavailable]:
        """Return whose address it is that this user wants, if anybody's."""
        async with self.unit_of_work(owner=user_id):
            wanted = await self._wanted(user_id)
            if isinstance(wanted, Failure) or wanted.value is None:
                return Success(None) if isinstance(wanted, Success) else wanted
            found = await holder_of(self.users, wanted.value)
        if isinstance(found, Failure):
            return found
        return Success(found.value.id if found.value else None)

    async def _wanted(self, user_id: UserId) -> Result[Email | None, Unavailable]:
        found = await self.users.get(user_id)
        if isinstance(found, Success):
            return Success(found.value.wanted_email)
        return Success(None) if isinstance(found.error, UserNotFound) else Failure(found.error)
