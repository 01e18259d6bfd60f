"""Open an account again that was closed."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.contention import begun_anew
from dashtam.application.identity.mailed_tokens import INVALID, good_token
from dashtam.application.use_case import UseCase
from domain.identity.entities import MailedToken, User
from domain.identity.errors import EmailTaken, InvalidMailedToken, UserNotFound
from domain.identity.ports import MailedTokenRepository, UserRepository
from domain.identity.values import MailPurpose
from domain.shared.errors import Unavailable
from domain.shared.events import ResourceType
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepAccount(UseCase):
    """Take back that an account was closed, for whoever has the token of the letter.

    The user is locked before anything else, as whoever erases them does: one of the two is first,
    and then the other finds nothing to do.
    """

    users: UserRepository
    mailed_tokens: MailedTokenRepository

    @audit_refusals("user.keep", ResourceType.USER)
    @begun_anew
    async def __call__(self, *, token: str) -> Result[None, InvalidMailedToken | Unavailable]:
        now = self.clock.now()
        found = await good_token(self.mailed_tokens, token, MailPurpose.KEEP_ACCOUNT, now)
        if isinstance(found, Failure):
            return found
        mailed = found.value
        async with self.unit_of_work(owner=mailed.user_id) as uow:
            closed = await self._closed(mailed)
            if isinstance(closed, Failure):
                return closed
            used = await self.mailed_tokens.use(mailed, now)
            if isinstance(used, Failure):
                return used
            if not used.value:
                return INVALID
            kept, event = closed.value.keep(now)
            updated = await self.users.update(kept)
            if isinstance(updated, Failure):
                return _not_good(updated.error)
            await uow.commit(event)
        return Success(None)

    async def _closed(self, mailed: MailedToken) -> Result[User, InvalidMailedToken | Unavailable]:
        """Return the user under a lock, if their account is closed and not erased yet."""
        found = await self.users.lock(mailed.user_id)
        if isinstance(found, Failure):
            return _not_good(found.error)
        return found if found.value.erase_after is not None else INVALID


def _not_good(
    error: UserNotFound | EmailTaken | Unavailable,
) -> Failure[InvalidMailedToken | Unavailable]:
    return Failure(error) if isinstance(error, Unavailable) else INVALID
