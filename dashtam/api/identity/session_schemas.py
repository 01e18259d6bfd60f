"""What is told of sessions."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from dashtam.application.identity.sessions import SessionInUse
from domain.shared.ids import SessionId


class SessionResponse(BaseModel):
    """A session: from where it was opened, and when and from where it was last used."""

    id: UUID
    current: bool
    user_agent: str
    ip_address: str | None
    opened_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    last_used_ip_address: str | None

    @classmethod
    def of(cls, shown: SessionInUse, current: SessionId) -> "SessionResponse":
        session, usage = shown
        return cls(
            id=session.id,
            current=session.id == current,
            user_agent=session.user_agent,
            ip_address=session.ip_address,
            opened_at=session.opened_at,
            expires_at=session.expires_at,
            last_used_at=usage.at,
            last_used_ip_address=usage.ip_address,
        )


class SessionsResponse(BaseModel):
    """All sessions of a user that go on."""

    items: Sequence[SessionResponse]

    @classmethod
    def of(cls, found: Sequence[SessionInUse], current: SessionId) -> "SessionsResponse":
        return cls(items=[SessionResponse.of(each, current) for each in found])
