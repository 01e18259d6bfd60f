"""End the sessions of a user."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.contention import begun_anew
from dashtam.application.use_case import UseCase
from domain.audit.origin import origin
from domain.identity.events import SessionsEnded
from domain.identity.ports import SessionRepository
from domain.shared.errors import Unavailable
from domain.shared.events import ResourceType
from domain.shared.ids import SessionId, UserId
from domain.shared.result import Failure, Result


@dataclass(frozen=True, slots=True, kw_only=True)
class EndSessions(UseCase):
    """End all sessions of a user, or all but the one that asks for it; return how many."""

    sessions: SessionRepository

    @audit_refusals("sessions.end", ResourceType.SESSION)
    @begun_anew
    async def __call__(
        self, *, user_id: UserId, keep: SessionId | None = None
    ) -> Result[int, Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            now = self.clock.now()
            ended = await self.sessions.end_all(user_id, now, keep=keep)
            if isinstance(ended, Failure):
                return ended
            event = SessionsEnded(
                subject_id=user_id,
                actor=origin.get().actor,
                occurred_at=now,
                count=ended.value,
                kept_session_id=keep,
            )
            await uow.commit(event)
        return ended
