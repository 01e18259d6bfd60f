"""End what got into an account."""

from collections.abc import Sequence
from datetime import datetime

from domain.identity.events import ApiTokensRevoked, SessionsEnded
from domain.identity.ports import ApiTokenRepository, SessionRepository
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, DomainEvent
from domain.shared.ids import UserId
from domain.shared.result import Failure, Result, Success


async def shut_out(
    sessions: SessionRepository, api_tokens: ApiTokenRepository, owner: UserId, at: datetime
) -> Result[Sequence[DomainEvent], Unavailable]:
    """End all sessions of a user and revoke all their API tokens; return what tells of it."""
    ended = await sessions.end_all(owner, at)
    if isinstance(ended, Failure):
        return ended
    revoked = await api_tokens.revoke_all(owner, at)
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
            ApiTokensRevoked(subject_id=owner, actor=actor, occurred_at=at, count=revoked.value),
        ]
    )
