"""React to an address that was changed: tell the former one."""

from dataclasses import dataclass

from domain.identity.errors import UserNotFound
from domain.identity.events import EmailVerified
from domain.identity.letters import Letter, LetterKind
from domain.identity.ports import Mailer, UserRepository
from domain.identity.values import Email
from domain.shared.errors import Unavailable
from domain.shared.ids import UserId
from domain.shared.ports import Clock, UnitOfWorkFactory
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class TellFormerEmail:
    """Write to the address that a user had before, and forget it."""

    users: UserRepository
    mailer: Mailer
    clock: Clock
    unit_of_work: UnitOfWorkFactory

    async def __call__(self, event: EmailVerified) -> Result[None, Unavailable]:
        if event.subject_id is None or not event.changed:
            return Success(None)
        user_id = UserId(event.subject_id)
        former = await self._former(user_id)
        if isinstance(former, Failure):
            return former
        if former.value is None:
            return Success(None)
        sent = await self.mailer.send_letter(former.value, Letter(LetterKind.EMAIL_CHANGED))
        return sent if isinstance(sent, Failure) else await self._forget(user_id, former.value)

    async def _former(self, user_id: UserId) -> Result[Email | None, Unavailable]:
        async with self.unit_of_work(owner=user_id):
            found = await self.users.get(user_id)
        if isinstance(found, Success):
            return Success(found.value.former_email)
        return Success(None) if isinstance(found.error, UserNotFound) else Failure(found.error)

    async def _forget(self, user_id: UserId, told: Email) -> Result[None, Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            found = await self.users.lock(user_id)
            if isinstance(found, Failure) or found.value.former_email != told:
                return Success(None)
            user, removed = found.value.forget_former_email(self.clock.now())
            kept = await self.users.update(user)
            if isinstance(kept, Success):
                await uow.commit(removed)
        return Success(None)
