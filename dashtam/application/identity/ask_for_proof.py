"""React to an address that is to be proved: write to it."""

from dataclasses import dataclass

from dashtam.application.identity.mailed_tokens import issue_token
from domain.identity.errors import UserNotFound
from domain.identity.events import UserRegistered, VerificationRequested
from domain.identity.ports import MailedTokenRepository, Mailer, TokenIssuer, UserRepository
from domain.identity.values import MailPurpose
from domain.shared.errors import Unavailable
from domain.shared.ids import UserId
from domain.shared.ports import Clock, UnitOfWorkFactory
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class AskForProof:
    """Send a new user, or one who asks for it again, the letter with the token.

    The event carries neither address nor token: the one is looked up, the other made here.
    """

    users: UserRepository
    mailed_tokens: MailedTokenRepository
    tokens: TokenIssuer
    mailer: Mailer
    clock: Clock
    unit_of_work: UnitOfWorkFactory

    async def __call__(
        self, event: UserRegistered | VerificationRequested
    ) -> Result[None, UserNotFound | Unavailable]:
        if event.subject_id is None:
            return Success(None)
        async with self.unit_of_work(owner=event.subject_id) as uow:
            found = await self.users.get(UserId(event.subject_id))
            if isinstance(found, Failure):
                return found
            user = found.value
            if user.verified_at is not None:
                return Success(None)
            token, mailed, issued = issue_token(
                user.id, user.email, MailPurpose.VERIFY_EMAIL, self.tokens, self.clock.now()
            )
            kept = await self.mailed_tokens.add(mailed)
            if isinstance(kept, Failure):
                return kept
            await uow.commit(issued)
        return await self.mailer.ask_for_proof(user.email, token)
