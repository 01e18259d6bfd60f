"""Prove an e-mail address."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.contention import begun_anew
from dashtam.application.identity.mailed_tokens import good_token, use_token
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
    """Take the address as a user's own whose letter they can read the token from.

    Where somebody else has proved another address meanwhile, nothing is changed.
    """

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
            owner = await use_token(self.mailed_tokens, self.users, mailed, now)
            if isinstance(owner, Failure):
                return owner
            verified, event = owner.value.verify(mailed.email, now)
            kept = await self.users.update(verified)
            if isinstance(kept, Failure):
                return kept
            await uow.commit(event)
        return Success(None)
