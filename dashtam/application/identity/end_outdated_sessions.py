"""React to a password that was changed: note which sessions are over."""

from dataclasses import dataclass

from domain.identity.errors import UserNotFound
from domain.identity.events import SessionsEnded, UserPasswordChanged
from domain.identity.ports import SessionRepository, UserRepository
from domain.shared.errors import Unavailable
from domain.shared.events import SYSTEM
from domain.shared.ids import UserId
from domain.shared.ports import Clock, UnitOfWorkFactory
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class EndOutdatedSessions:
    """Write down what the security stamp enforces already, so that lists and trail agree with it.

    Sessions that were opened since, or kept, have the new stamp: they go on.
    """

    users: UserRepository
    sessions: SessionRepository
    clock: Clock
    unit_of_work: UnitOfWorkFactory

    async def __call__(self, event: UserPasswordChanged) -> Result[None, Unavailable]:
        if event.subject_id is None:
            return Success(None)
        owner, now = UserId(event.subject_id), self.clock.now()
        async with self.unit_of_work(owner=owner) as uow:
            found = await self.users.get(owner)
            if isinstance(found, Failure):
                return _unless_gone(found.error)
            stamp = found.value.security_stamp
            ended = await self.sessions.end_all(owner, now, below=stamp)
            if isinstance(ended, Failure):
                return ended
            if ended.value:
                told = SessionsEnded(
                    subject_id=owner,
                    actor=SYSTEM,
                    occurred_at=now,
                    count=ended.value,
                    kept_session_id=event.kept_session_id,
                )
                await uow.commit(told)
        return Success(None)


def _unless_gone(error: UserNotFound | Unavailable) -> Result[None, Unavailable]:
    """Take a user who was erased meanwhile for one with no sessions."""
    return Success(None) if isinstance(error, UserNotFound) else Failure(error)
