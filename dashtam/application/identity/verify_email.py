"""Prove an e-mail address."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.contention import begun_anew
from dashtam.application.identity.mailed_tokens import good_token
from dashtam.application.use_case import UseCase
from domain.identity.errors import EmailTaken, InvalidMailedToken, UserNotFound
from domain.identity.ports import MailedTokenRepository, UserRepository
from domain.identity.values import MailPurpose
from domain.shared.errors import Unavailable
from domain.shared.events import ResourceType
from domain.shared.result import Failure, Result, Success

VerifyEmailError = InvalidMailedToken | EmailTaken | UserNotFound | Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyEmail(UseCase):
    """Take the address as a user's own whose letter they can read the token from."""

    users: UserRepository
    mailed_tokens: MailedTokenRepository

    @audit_refusals("email.verify", ResourceType.USER)
    @begun_anew
    async def __call__(self, *, token: str) -> Result[None, VerifyEmailError]:
        now = self.clock.now()
        found = await good_token(self.mailed_tokens, token, MailPurpose.VERIFY_EMAIL, now)
        if isinstance(found, Failure):
            return found
        mailed = found.value
        async with self.unit_of_work(owner=mailed.user_id) as uow:
            used = await self.mailed_tokens.use(mailed, now)
            if isinstance(used, Failure):
                return used
            user = await self.users.lock(mailed.user_id)
            if isinstance(user, Failure):
                return user
            if not used.value:
                return Failure(InvalidMailedToken("The token from the letter is not valid."))
            verified, event = user.value.verify(mailed.email, now)
            kept = await self.users.update(verified)
            if isinstance(kept, Failure):
                return kept
            await uow.commit(event)
        return Success(None)
