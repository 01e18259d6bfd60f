"""React to a registration with an address that is taken: tell whose it is."""

from dataclasses import dataclass

from dashtam.application.identity.letter_writer import LetterWriter
from dashtam.application.identity.occasions import warning
from domain.identity.errors import EmailTaken, UserNotFound
from domain.identity.events import RegistrationRepeated
from domain.identity.ports import (
    MailedTokenRepository,
    PasswordHasher,
    TokenIssuer,
    UserRepository,
)
from domain.identity.values import MailPurpose, Password, PasswordHash
from domain.shared.errors import Unavailable
from domain.shared.ids import UserId
from domain.shared.ports import Clock, UnitOfWorkFactory
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class WarnOwner:
    """Write to the owner of the address that somebody tried to register with it.

    Who never proved it chooses a password, and the one that was given first counts no more: it may
    be a stranger's. An account that is closed hears nothing: there is nothing left to get into.
    """

    users: UserRepository
    mailed_tokens: MailedTokenRepository
    hasher: PasswordHasher
    tokens: TokenIssuer
    writer: LetterWriter
    clock: Clock
    unit_of_work: UnitOfWorkFactory

    async def __call__(self, event: RegistrationRepeated) -> Result[None, Unavailable]:
        if event.subject_id is None:
            return Success(None)
        owner = UserId(event.subject_id)
        async with self.unit_of_work(owner=owner):
            found = await self.users.get(owner)
        if isinstance(found, Failure):
            return _unless_gone(found.error)
        if found.value.verified_at is None:
            # Slow: it is hashed while no transaction is open, and only where it counts.
            nobodys = await self.hasher.hash(Password(self.tokens.issue().text))
            withdrawn = await self._withdraw(owner, nobodys)
            if isinstance(withdrawn, Failure):
                return _unless_gone(withdrawn.error)
        return await self.writer.write(owner, warning)

    async def _withdraw(
        self, owner: UserId, nobodys: PasswordHash
    ) -> Result[None, UserNotFound | EmailTaken | Unavailable]:
        """Have no password count, and no letter of before, where the address is not proved."""
        async with self.unit_of_work(owner=owner) as uow:
            found = await self.users.lock(owner)
            if isinstance(found, Failure):
                return found
            if found.value.verified_at is not None:
                return Success(None)
            now = self.clock.now()
            user, withdrawn = found.value.withdraw_password(nobodys, now)
            kept = await self.users.update(user)
            if isinstance(kept, Failure):
                return kept
            used = await self.mailed_tokens.use_all(owner, MailPurpose.VERIFY_EMAIL, now)
            if isinstance(used, Failure):
                return used
            await uow.commit(withdrawn)
        return Success(None)


def _unless_gone(error: UserNotFound | EmailTaken | Unavailable) -> Result[None, Unavailable]:
    """Take a user who was erased meanwhile for one to whom nothing is written."""
    return Failure(error) if isinstance(error, Unavailable) else Success(None)
