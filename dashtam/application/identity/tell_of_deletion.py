"""React to an account that is closed: write to its user."""

from dataclasses import dataclass
from datetime import datetime

from dashtam.application.identity.mailed_tokens import issue_token
from domain.identity.entities import User
from domain.identity.errors import UserNotFound
from domain.identity.events import AccountDeleted
from domain.identity.ports import MailedTokenRepository, Mailer, TokenIssuer, UserRepository
from domain.identity.values import MailPurpose, Token
from domain.shared.errors import Unavailable
from domain.shared.ids import UserId
from domain.shared.ports import Clock, UnitOfWorkFactory
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class TellOfDeletion:
    """Send the letter with the token that takes it back; to nobody who took it back already."""

    users: UserRepository
    mailed_tokens: MailedTokenRepository
    tokens: TokenIssuer
    mailer: Mailer
    clock: Clock
    unit_of_work: UnitOfWorkFactory

    async def __call__(self, event: AccountDeleted) -> Result[None, Unavailable]:
        if event.subject_id is None:
            return Success(None)
        made = await self._make_token(UserId(event.subject_id))
        if isinstance(made, Failure) or made.value is None:
            return made if isinstance(made, Failure) else Success(None)
        user, erase_after, token = made.value
        return await self.mailer.tell_of_deletion(user.email, token, erase_after=erase_after)

    async def _make_token(
        self, user_id: UserId
    ) -> Result[tuple[User, datetime, Token] | None, Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            found = await self.users.get(user_id)
            if isinstance(found, Failure):
                if isinstance(found.error, UserNotFound):
                    # Nobody is left to write to.
                    return Success(None)
                return Failure(found.error)
            user = found.value
            if user.erase_after is None:
                return Success(None)
            token, mailed, issued = issue_token(
                user.id, user.email, MailPurpose.KEEP_ACCOUNT, self.tokens, self.clock.now()
            )
            kept = await self.mailed_tokens.add(mailed)
            if isinstance(kept, Failure):
                return kept
            await uow.commit(issued)
        return Success((user, user.erase_after, token))
