"""Show a session."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.identity.list_sessions import SessionInUse
from dashtam.application.use_case import UseCase
from domain.identity.errors import SessionNotFound
from domain.identity.events import SessionViewed
from domain.identity.ports import SessionRepository
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, ResourceType
from domain.shared.ids import SessionId, UserId
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowSession(UseCase):
    """Show one of a user's sessions that go on."""

    sessions: SessionRepository

    @audit_refusals("session.view", ResourceType.SESSION)
    async def __call__(
        self, *, session_id: SessionId, user_id: UserId
    ) -> Result[SessionInUse, SessionNotFound | Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            now = self.clock.now()
            found = await self.sessions.of_user(user_id, now)
            if isinstance(found, Failure):
                return found
            wanted = [each for each in found.value if each[0].id == session_id]
            if not wanted:
                return Failure(SessionNotFound("No such session."))
            viewed = SessionViewed(
                subject_id=session_id, actor=Actor.user(user_id), occurred_at=now
            )
            await uow.commit(viewed)
        return Success(wanted[0])
