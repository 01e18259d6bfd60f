"""List the sessions of a user."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.use_case import UseCase
from domain.identity.entities import Session
from domain.identity.events import SessionsViewed
from domain.identity.ports import SessionRepository
from domain.identity.values import Usage
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, ResourceType
from domain.shared.ids import UserId
from domain.shared.result import Failure, Result

SessionInUse = tuple[Session, Usage]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSessions(UseCase):
    """List a user's sessions that go on, the latest first."""

    sessions: SessionRepository

    @audit_refusals("sessions.view", ResourceType.SESSION)
    async def __call__(self, *, user_id: UserId) -> Result[Sequence[SessionInUse], Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            now = self.clock.now()
            found = await self.sessions.of_user(user_id, now)
            if isinstance(found, Failure):
                return found
            viewed = SessionsViewed(
                subject_id=None,
                actor=Actor.user(user_id),
                occurred_at=now,
                count=len(found.value),
            )
            await uow.commit(viewed)
        return found
