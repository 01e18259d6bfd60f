"""Bodies of requests and responses about people and sessions."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, SecretStr

from dashtam.api.http import Body
from dashtam.application.identity.log_in import OpenedSession
from domain.identity.entities import User


class CredentialsRequest(Body):
    """An e-mail address and a password."""

    email: str
    password: SecretStr


class UserResponse(BaseModel):
    """A user, as they see themselves."""

    id: UUID
    email: str
    registered_at: datetime

    @classmethod
    def of(cls, user: User) -> "UserResponse":
        return cls(id=user.id, email=user.email.address, registered_at=user.registered_at)


class SessionResponse(BaseModel):
    """A new session: the token is shown this once."""

    id: UUID
    token: str
    token_type: str = "Bearer"  # noqa: S105  # RFC 6750, not a secret
    expires_at: datetime

    @classmethod
    def of(cls, opened: OpenedSession) -> "SessionResponse":
        return cls(
            id=opened.session.id,
            token=opened.token.text,
            expires_at=opened.session.expires_at,
        )
