"""Close an account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.contention import begun_anew
from dashtam.application.use_case import UseCase
from domain.identity.errors import EmailTaken, UserNotFound
from domain.identity.events import ApiTokensRevoked, SessionsEnded
from domain.identity.ports import ApiTokenRepository, SessionRepository, UserRepository
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, DomainEvent, ResourceType
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
            ended = await self._shut_out(user_id, now)
            if isinstance(ended, Failure):
                return ended
            await uow.commit(deleted, *ended.value)
        assert closed.erase_after is not None
        return Success(closed.erase_after)

    async def _shut_out(
        self, owner: UserId, at: datetime
    ) -> Result[Sequence[DomainEvent], Unavailable]:
        """End all sessions, and revoke all API tokens: they stay so if the account is kept."""
        ended = await self.sessions.end_all(owner, at)
        if isinstance(ended, Failure):
            return ended
        revoked = await self.api_tokens.revoke_all(owner, at)
        if isinstance(revoked, Failure):
            return revoked
        actor = Actor.user(owner)
        return Success(
            [
                SessionsEnded(
                    subject_id=owner,
                    actor=actor,
                    occurred_at=at,
                    count=ended.value,
                    kept_session_id=None,
                ),
                ApiTokensRevoked(
                    subject_id=owner, actor=actor, occurred_at=at, count=revoked.value
                ),
            ]
        )
