"""Close an account."""

from dataclasses import dataclass
from datetime import datetime

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.contention import begun_anew
from dashtam.application.identity.shut_out import shut_out
from dashtam.application.use_case import UseCase
from domain.identity.errors import EmailTaken, UserNotFound
from domain.identity.ports import ApiTokenRepository, SessionRepository, UserRepository
from domain.shared.errors import Unavailable
from domain.shared.events import ResourceType
from domain.shared.ids import UserId
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteAccount(UseCase):
    """Close an account at once, and return from when on it is erased."""

    users: UserRepository
    sessions: SessionRepository
    api_tokens: ApiTokenRepository

    @audit_refusals("user.delete", ResourceType.USER)
    @begun_anew
    async def __call__(self, *, user_id: UserId) -> Result[datetime, UserNotFound | Unavailable]:
        now = self.clock.now()
        async with self.unit_of_work(owner=user_id) as uow:
            found = await self.users.lock(user_id)
            if isinstance(found, Failure):
                return found
            if found.value.erase_after is not None:
                # Asked for twice at once: the days of grace have begun.
                return Success(found.value.erase_after)
            closed, deleted = found.value.delete(now)
            # The address stays what it is, so it cannot be taken.
            updated = await self.users.update(closed)
            if isinstance(updated, Failure):
                assert not isinstance(updated.error, EmailTaken)
                return Failure(updated.error)
            # They stay ended, and revoked, if the account is kept after all.
            ended = await shut_out(self.sessions, self.api_tokens, user_id, now)
            if isinstance(ended, Failure):
                return ended
            await uow.commit(deleted, *ended.value)
        assert closed.erase_after is not None
        return Success(closed.erase_after)
