"""Choose a password, and reset one that was forgotten."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.concurrency_limit import ConcurrencyLimit
from dashtam.application.contention import retry_on_conflict
from dashtam.application.identity.email_tokens import INVALID, find_valid_token, redeem_token
from dashtam.application.identity.sessions import revoke_all_access, token_of_new_device
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
from domain.sharing.ports import ConnectedAppRepository


async def choose_password(
    text: str, username: str, policy: PasswordPolicy
) -> Result[Password, WeakPassword]:
    """Accept a password that is long enough and hard to guess."""
    chosen = Password.choose(text)
    if isinstance(chosen, Failure):
        return chosen
    if await policy.is_weak(chosen.value, username):
        return Failure(WeakPassword("This password is too easy to guess. Choose another one."))
    return chosen


async def hash_chosen(
    text: str,
    username: str,
    policy: PasswordPolicy,
    hasher: PasswordHasher,
    limit: ConcurrencyLimit,
) -> Result[PasswordHash, WeakPassword]:
    """Check a new password and hash it. Both are slow, so only a few run at once."""
    async with limit.slot():
        chosen = await choose_password(text, username, policy)
        if isinstance(chosen, Failure):
            return chosen
        return Success(await hasher.hash(chosen.value))


ResetPasswordError = InvalidMailedToken | WeakPassword | EmailTaken | UserNotFound | Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetPassword(UseCase):
    """Set a new password with the token that was emailed.

    All sessions, API tokens and an unconfirmed change of the email address end; the second factor
    stays. The token verifies the email address as well. Whoever resets the password gets a device
    token, so that strangers who guess at the account cannot keep them from logging in.
    """

    users: UserRepository
    mailed_tokens: MailedTokenRepository
    sessions: SessionRepository
    api_tokens: ApiTokenRepository
    connected_apps: ConnectedAppRepository
    hasher: PasswordHasher
    devices: DeviceTokens
    password_policy: PasswordPolicy
    password_limit: ConcurrencyLimit

    @audit_failures("password.reset", ResourceType.USER)
    @retry_on_conflict
    async def __call__(self, *, token: str, password: str) -> Result[Token, ResetPasswordError]:
        now = self.clock.now()
        found = await find_valid_token(self.mailed_tokens, token, MailPurpose.RESET_PASSWORD, now)
        if isinstance(found, Failure):
            return found
        username = found.value.email.address
        hashed = await hash_chosen(
            password, username, self.password_policy, self.hasher, self.password_limit
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
            # The email address has changed meanwhile, so the token is void.
            if owner.value.email != mailed.email:
                return INVALID
            user, changed = owner.value.change_password(password_hash, now)
            events: list[DomainEvent] = []
            if user.verified_at is None:
                user, verified = user.verify(user.email, now, password_hash)
                events.append(verified)
            updated = await self.users.update(user)
            if isinstance(updated, Failure):
                return updated
            revoked = await revoke_all_access(
                self.sessions, self.api_tokens, self.connected_apps, user.id, now
            )
            if isinstance(revoked, Failure):
                return revoked
            await uow.commit(changed, *events, *revoked.value)
        return Success(token_of_new_device(self.devices, user, self.clock))
