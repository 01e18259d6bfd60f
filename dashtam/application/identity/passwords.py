"""Choose a password, and reset one that was forgotten."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.concurrency_limit import ConcurrencyLimit
from dashtam.application.contention import begun_anew
from dashtam.application.identity.email_tokens import INVALID, find_valid_token, redeem_token
from dashtam.application.identity.sessions import revoke_all_access, token_of_reader
from dashtam.application.use_case import UseCase
from domain.identity.entities import MailedToken
from domain.identity.errors import EmailTaken, InvalidMailedToken, UserNotFound, WeakPassword
from domain.identity.ports import (
    ApiTokenRepository,
    DeviceTokens,
    MailedTokenRepository,
    PasswordHasher,
    PasswordPolicy,
    SessionRepository,
    UserRepository,
)
from domain.identity.values import MailPurpose, Password, PasswordHash, Token
from domain.shared.errors import Unavailable
from domain.shared.events import DomainEvent, ResourceType
from domain.shared.result import Failure, Result, Success


async def choose_password(
    text: str, holder: str, policy: PasswordPolicy
) -> Result[Password, WeakPassword]:
    """Take a password that is long enough, and not one that guessing begins with."""
    chosen = Password.choose(text)
    if isinstance(chosen, Failure):
        return chosen
    if await policy.is_weak(chosen.value, holder):
        return Failure(WeakPassword("This password is too easy to guess. Choose another one."))
    return chosen


async def hash_chosen(
    text: str, holder: str, policy: PasswordPolicy, hasher: PasswordHasher, limit: ConcurrencyLimit
) -> Result[PasswordHash, WeakPassword]:
    """Take a password that someone chose, and hash it: both are slow, and wait for their turn."""
    async with limit.slot():
        chosen = await choose_password(text, holder, policy)
        if isinstance(chosen, Failure):
            return chosen
        return Success(await hasher.hash(chosen.value))


ResetPasswordError = InvalidMailedToken | WeakPassword | EmailTaken | UserNotFound | Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetPassword(UseCase):
    """Give an account the password that the reader of its letters chooses.

    All that got into it before is over: sessions, API tokens, and a change of address that is
    not proved. The second factor stays. The letter proves the address as well, and its reader gets
    a token of a device: strangers who guess at the account do not keep them from logging in.
    """

    users: UserRepository
    mailed_tokens: MailedTokenRepository
    sessions: SessionRepository
    api_tokens: ApiTokenRepository
    hasher: PasswordHasher
    devices: DeviceTokens
    password_policy: PasswordPolicy
    password_limit: ConcurrencyLimit

    @audit_refusals("password.reset", ResourceType.USER)
    @begun_anew
    async def __call__(self, *, token: str, password: str) -> Result[Token, ResetPasswordError]:
        now = self.clock.now()
        found = await find_valid_token(self.mailed_tokens, token, MailPurpose.RESET_PASSWORD, now)
        if isinstance(found, Failure):
            return found
        holder = found.value.email.address
        hashed = await hash_chosen(
            password, holder, self.password_policy, self.hasher, self.password_limit
        )
        if isinstance(hashed, Failure):
            return hashed
        return await self._reset(found.value, hashed.value)

    async def _reset(
        self, mailed: MailedToken, password_hash: PasswordHash
    ) -> Result[Token, ResetPasswordError]:
        now = self.clock.now()
        async with self.unit_of_work(owner=mailed.user_id) as uow:
            owner = await redeem_token(self.mailed_tokens, self.users, mailed, now)
            if isinstance(owner, Failure):
                return owner
            # Where the address is another one by now, its letters prove nothing any more.
            if owner.value.email != mailed.email:
                return INVALID
            user, changed = owner.value.change_password(password_hash, now)
            events: list[DomainEvent] = []
            if user.verified_at is None:
                user, verified = user.verify(user.email, now, password_hash)
                events.append(verified)
            kept = await self.users.update(user)
            if isinstance(kept, Failure):
                return kept
            over = await revoke_all_access(self.sessions, self.api_tokens, user.id, now)
            if isinstance(over, Failure):
                return over
            await uow.commit(changed, *events, *over.value)
        return Success(token_of_reader(self.devices, user, self.clock))
