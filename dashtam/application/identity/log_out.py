"""Log out."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.contention import begun_anew
from dashtam.application.use_case import UseCase
from domain.identity.errors import SessionNotFound
from domain.identity.ports import SessionRepository
from domain.shared.errors import Unavailable
from domain.shared.events import ResourceType
from domain.shared.ids import SessionId, UserId
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class LogOut(UseCase):
    """End a session: from the next request on its token is worth nothing."""

    sessions: SessionRepository

    @audit_refusals("session.end", ResourceType.SESSION)
    @begun_anew
    async def __call__(
        self, *, session_id: SessionId, user_id: UserId
    ) -> Result[None, SessionNotFound | Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            found = await self.sessions.lock(session_id, owner=user_id)
            if isinstance(found, Failure):
                return found
            session, ended = found.value.end(self.clock.now())
            updated = await self.sessions.update(session)
            if isinstance(updated, Failure):
                return updated
            await uow.commit(ended)
        return Success(None)
