"""Bodies of requests and responses about people and sessions."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from dashtam.api.http import Body
from dashtam.api.texts import CodeText, EmailText, PasswordText, TokenText
from dashtam.application.identity.sessions import OpenedSession
from domain.identity.entities import User


class CredentialsRequest(Body):
    """An e-mail address and a password."""

    email: EmailText
    password: PasswordText


class UserResponse(BaseModel):
    """A user, as they see themselves."""

    id: UUID
    email: str
    registered_at: datetime
    verified_at: datetime | None
    wanted_email: str | None

    @classmethod
    def of(cls, user: User) -> "UserResponse":
        return cls(
            id=user.id,
            email=user.email.address,
            registered_at=user.registered_at,
            verified_at=user.verified_at,
            wanted_email=user.wanted_email.address if user.wanted_email else None,
        )


class LogInRequest(CredentialsRequest):
    """The same, and a one-time code or a recovery code where a second factor is asked for."""

    code: CodeText | None = None
    #: Of an earlier log-in: this device has a few tries that nobody else can use up.
    device_token: TokenText | None = None


class MailedTokenRequest(Body):
    """A token as a letter brought it."""

    token: TokenText


class RefreshRequest(Body):
    """The token that a session is renewed with."""

    refresh_token: TokenText


class TokensResponse(BaseModel):
    """A session and its tokens (RFC 6749, section 5.1), which are shown this once."""

    id: UUID
    access_token: str = Field(repr=False)
    refresh_token: str = Field(repr=False)
    token_type: str = "Bearer"  # noqa: S105  # RFC 6750, not a secret
    expires_at: datetime
    refresh_expires_at: datetime
    device_token: str = Field(repr=False)

    @classmethod
    def of(cls, opened: OpenedSession) -> "TokensResponse":
        return cls(
            id=opened.session.id,
            access_token=opened.access_token.text,
            refresh_token=opened.refresh_token.text,
            expires_at=opened.session.token_expires_at,
            refresh_expires_at=opened.refresh_expires_at,
            device_token=opened.device_token.text,
        )


class DeviceResponse(BaseModel):
    """What the next log-in of this device is sent with."""

    device_token: str = Field(repr=False)


class LetterResponse(BaseModel):
    """What is said whether or not there is such an address here."""

    detail: str = "If this address can be written to, a letter is on its way."
