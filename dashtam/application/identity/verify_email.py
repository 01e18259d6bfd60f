"""Prove an e-mail address."""

from dataclasses import dataclass
from functools import partial

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.contention import begun_anew
from dashtam.application.guesses import counted
from dashtam.application.identity.mailed_tokens import INVALID, good_token, use_token
from dashtam.application.identity.passwords import hash_chosen
from dashtam.application.turns import Turns
from dashtam.application.use_case import UseCase
from domain.identity.entities import MailedToken, User
from domain.identity.errors import (
    EmailTaken,
    InvalidCredentials,
    InvalidMailedToken,
    UserNotFound,
    WeakPassword,
)
from domain.identity.ports import (
    MailedTokenRepository,
    PasswordHasher,
    PasswordJudge,
    UserRepository,
)
from domain.identity.values import MailPurpose, Password, PasswordHash
from domain.shared.errors import Unavailable
from domain.shared.events import ResourceType
from domain.shared.limits import GuessKey, GuessLimiter, TooManyRequests
from domain.shared.result import Failure, Result, Success

PasswordError = WeakPassword | InvalidCredentials | TooManyRequests
VerifyEmailError = InvalidMailedToken | PasswordError | EmailTaken | UserNotFound | Unavailable

WRONG = InvalidCredentials("The password for this account is wrong.")


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyEmail(UseCase):
    """Take an address as a user's own whose letter they can read the token from.

    A stranger may have written the address down as theirs. So whoever proves a registration
    chooses the password, whatever was given before; and whoever proves another address of an
    account knows its password. Where somebody else proved the address meanwhile, nothing changes.
    """

    users: UserRepository
    mailed_tokens: MailedTokenRepository
    hasher: PasswordHasher
    password_policy: PasswordJudge
    password_turns: Turns
    attempts: GuessLimiter

    @audit_refusals("email.verify", ResourceType.USER)
    @begun_anew
    async def __call__(self, *, token: str, password: str) -> Result[None, VerifyEmailError]:
        now = self.clock.now()
        found = await good_token(self.mailed_tokens, token, MailPurpose.VERIFY_EMAIL, now)
        if isinstance(found, Failure):
            return found
        mailed = found.value
        async with self.unit_of_work(owner=mailed.user_id):
            user = await self.users.get(mailed.user_id)
        if isinstance(user, Failure):
            return INVALID if isinstance(user.error, UserNotFound) else Failure(user.error)
        chosen = await self._password(user.value, mailed, password)
        return chosen if isinstance(chosen, Failure) else await self._prove(mailed, chosen.value)

    async def _password(
        self, user: User, mailed: MailedToken, password: str
    ) -> Result[PasswordHash, PasswordError | Unavailable]:
        """Return the hash that the account has from now on; slow, so no transaction is open."""
        if user.verified_at is not None:
            attempt = partial(self._compare, user, password)
            counters = (GuessKey.of_holder(mailed.id),)
            return await counted(self.attempts, counters, attempt, _is_guess)
        holder = mailed.email.address
        return await hash_chosen(
            password, holder, self.password_policy, self.hasher, self.password_turns
        )

    async def _compare(self, user: User, password: str) -> Result[PasswordHash, InvalidCredentials]:
        async with self.password_turns.take():
            matches = await self.hasher.verify(Password.given(password), user.password_hash)
        return Success(user.password_hash) if matches else Failure(WRONG)

    async def _prove(
        self, mailed: MailedToken, password_hash: PasswordHash
    ) -> Result[None, VerifyEmailError]:
        now = self.clock.now()
        async with self.unit_of_work(owner=mailed.user_id) as uow:
            owner = await use_token(self.mailed_tokens, self.users, mailed, now)
            if isinstance(owner, Failure):
                return owner
            user = owner.value
            # Reset or changed meanwhile: what was compared or chosen is not the password any more.
            if user.verified_at is not None and user.password_hash != password_hash:
                return INVALID
            verified, event = user.verify(mailed.email, now, password_hash)
            kept = await self.users.update(verified)
            if isinstance(kept, Failure):
                return kept
            await uow.commit(event)
        return Success(None)


def _is_guess(error: object) -> bool:
    return isinstance(error, InvalidCredentials)
