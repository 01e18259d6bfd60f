"""Close a user's account, and restore it."""

from dataclasses import dataclass
from datetime import datetime

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.identity.email_tokens import INVALID, find_valid_token
from dashtam.application.identity.sessions import revoke_all_access
from dashtam.application.use_case import UseCase
from domain.identity.entities import MailedToken, User
from domain.identity.errors import EmailTaken, InvalidMailedToken, UserNotFound
from domain.identity.ports import (
    ApiTokenRepository,
    MailedTokenRepository,
    SessionRepository,
    UserRepository,
)
from domain.identity.values import MailPurpose
from domain.shared.errors import Unavailable
from domain.shared.events import ResourceType
from domain.shared.ids import UserId
from domain.shared.result import Failure, Result, Success
from domain.sharing.ports import ConnectedAppRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseUser(UseCase):
    """Close a user's account at once, and return when it will be erased."""

    users: UserRepository
    sessions: SessionRepository
    api_tokens: ApiTokenRepository
    connected_apps: ConnectedAppRepository

    @audit_failures("user.delete", ResourceType.USER)
    @retry_on_conflict
    async def __call__(self, *, user_id: UserId) -> Result[datetime, UserNotFound | Unavailable]:
        now = self.clock.now()
        async with self.unit_of_work(owner=user_id) as uow:
            found = await self.users.lock(user_id)
            if isinstance(found, Failure):
                return found
            if found.value.erase_after is not None:
                # Requested twice: the 14 days have begun already.
                return Success(found.value.erase_after)
            closed, event = found.value.close(now)
            # The email address is not changed, so it cannot be taken.
            updated = await self.users.update(closed)
            if isinstance(updated, Failure):
                assert not isinstance(updated.error, EmailTaken)
                return Failure(updated.error)
            # These stay ended and revoked even if the account is restored.
            ended = await revoke_all_access(
                self.sessions, self.api_tokens, self.connected_apps, user_id, now
            )
            if isinstance(ended, Failure):
                return ended
            await uow.commit(event, *ended.value)
        assert closed.erase_after is not None
        return Success(closed.erase_after)


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreUser(UseCase):
    """Restore a closed account with the token that was emailed.

    Lock the user before anything else, as `EraseUser` does: whichever comes second finds nothing
    to do.
    """

    users: UserRepository
    mailed_tokens: MailedTokenRepository

    @audit_failures("user.keep", ResourceType.USER)
    @retry_on_conflict
    async def __call__(self, *, token: str) -> Result[None, InvalidMailedToken | Unavailable]:
        now = self.clock.now()
        found = await find_valid_token(self.mailed_tokens, token, MailPurpose.RESTORE_USER, now)
        if isinstance(found, Failure):
            return found
        mailed = found.value
        async with self.unit_of_work(owner=mailed.user_id) as uow:
            closed = await self._closed(mailed)
            if isinstance(closed, Failure):
                return closed
            consumed = await self.mailed_tokens.consume(mailed, now)
            if isinstance(consumed, Failure):
                return consumed
            if not consumed.value:
                return INVALID
            restored, event = closed.value.restore(now)
            updated = await self.users.update(restored)
            if isinstance(updated, Failure):
                return _unless_gone(updated.error)
            await uow.commit(event)
        return Success(None)

    async def _closed(self, mailed: MailedToken) -> Result[User, InvalidMailedToken | Unavailable]:
        """Return the user, locked, if their account is closed and not erased yet."""
        found = await self.users.lock(mailed.user_id)
        if isinstance(found, Failure):
            return _unless_gone(found.error)
        return found if found.value.erase_after is not None else INVALID


def _unless_gone(
    error: UserNotFound | EmailTaken | Unavailable,
) -> Failure[InvalidMailedToken | Unavailable]:
    return Failure(error) if isinstance(error, Unavailable) else INVALID
