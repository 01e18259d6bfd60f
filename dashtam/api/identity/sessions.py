"""Sessions and their tokens."""

from datetime import datetime
from http import HTTPStatus
from typing import Self
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from pydantic import Field

from dashtam.api.http import ApiView, Body, read, refuse_query
from dashtam.api.identity.emails import EmailRequest
from dashtam.api.problems import unwrap
from dashtam.api.responses import (
    ListResponse,
    Response,
    no_content,
    respond,
    respond_in_thread,
)
from dashtam.api.session import SessionView
from dashtam.api.texts import CodeText, PasswordText, TokenText
from dashtam.application.identity.log_in import LogIn, ReauthenticateSession
from dashtam.application.identity.sessions import (
    EndSessions,
    ListSessions,
    LogOut,
    OpenedSession,
    RefreshSession,
    SessionInUse,
    ShowSession,
)
from domain.shared.ids import SessionId


class AuthenticationRequest(Body):
    """A password, and a one-time code or a recovery code if the user has a second factor."""

    password: PasswordText
    code: CodeText | None = None


class LogInRequest(AuthenticationRequest, EmailRequest):
    """What a user logs in with."""

    #: From an earlier log-in: this device has a few attempts that nobody else can use up.
    device_token: TokenText | None = None


class RefreshRequest(Body):
    """The refresh token of a session."""

    refresh_token: TokenText


class TokensResponse(Response):
    """A session and its tokens (RFC 6749, section 5.1), which are shown only once."""

    id: UUID
    access_token: str = Field(repr=False)
    refresh_token: str = Field(repr=False)
    token_type: str = "Bearer"  # noqa: S105  # RFC 6750, not a secret
    expires_at: datetime
    refresh_expires_at: datetime
    device_token: str = Field(repr=False)

    @classmethod
    def of(cls, opened: OpenedSession) -> Self:
        return cls(
            id=opened.session.id,
            access_token=opened.access_token.text,
            refresh_token=opened.refresh_token.text,
            expires_at=opened.session.token_expires_at,
            refresh_expires_at=opened.refresh_expires_at,
            device_token=opened.device_token.text,
        )


class SessionResponse(Response):
    """A session: where it was opened, and when and where it was last used."""

    id: UUID
    current: bool
    user_agent: str
    ip_address: str | None
    opened_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    last_used_ip_address: str | None

    @classmethod
    def of(cls, shown: SessionInUse, current: SessionId) -> Self:
        session, usage = shown
        return cls.copy_from(
            session,
            current=session.id == current,
            last_used_at=usage.at,
            last_used_ip_address=usage.ip_address,
        )


class SessionsView(SessionView):
    """The sessions of a user; anybody may open one."""

    anybody = frozenset({"post", "options"})
    log_in: LogIn
    list_sessions: ListSessions
    end_sessions: EndSessions

    async def post(self, request: HttpRequest) -> HttpResponse:
        """Log in."""
        body = await read(request, LogInRequest)
        opened = unwrap(
            await self.log_in(
                email=body.email,
                password=body.password.get_secret_value(),
                code=body.code.get_secret_value() if body.code else None,
                device_token=body.device_token.get_secret_value() if body.device_token else "",
            )
        )
        return respond(TokensResponse.of(opened), HTTPStatus.CREATED)

    async def get(self, request: HttpRequest) -> HttpResponse:
        """List active sessions, latest first."""
        refuse_query(request)
        found = unwrap(await self.list_sessions(user_id=self.session.user_id))
        current = self.session.id
        return await respond_in_thread(
            ListResponse[SessionResponse].of,
            found,
            lambda each: SessionResponse.of(each, current),
        )

    async def delete(self, request: HttpRequest) -> HttpResponse:
        """End all sessions, this one too."""
        unwrap(await self.end_sessions(user_id=self.session.user_id))
        return no_content()


class OtherSessionsView(SessionView):
    """All sessions of a user except the current one."""

    end_sessions: EndSessions

    async def delete(self, request: HttpRequest) -> HttpResponse:
        """End them."""
        unwrap(await self.end_sessions(user_id=self.session.user_id, except_for=self.session.id))
        return no_content()


class OneSessionView(SessionView):
    """One session."""

    log_out: LogOut

    async def delete(self, request: HttpRequest, session_id: UUID) -> HttpResponse:
        """End it, wherever it is in use."""
        unwrap(await self.log_out(session_id=SessionId(session_id), user_id=self.session.user_id))
        return no_content()


class CurrentSessionView(SessionView):
    """The session of the request."""

    show_session: ShowSession
    log_out: LogOut
    reauthenticate_session: ReauthenticateSession

    async def put(self, request: HttpRequest) -> HttpResponse:
        """Authenticate again, as some requests require it to be recent."""
        body = await read(request, AuthenticationRequest)
        unwrap(
            await self.reauthenticate_session(
                session_id=self.session.id,
                user_id=self.session.user_id,
                password=body.password.get_secret_value(),
                code=body.code.get_secret_value() if body.code else None,
            )
        )
        return no_content()

    async def get(self, request: HttpRequest) -> HttpResponse:
        """Show the session."""
        refuse_query(request)
        session = self.session
        shown = unwrap(await self.show_session(session_id=session.id, user_id=session.user_id))
        return respond(SessionResponse.of(shown, session.id))

    async def delete(self, request: HttpRequest) -> HttpResponse:
        """Log out."""
        unwrap(await self.log_out(session_id=self.session.id, user_id=self.session.user_id))
        return no_content()


class TokensView(ApiView):
    """The tokens of a session."""

    refresh_session: RefreshSession

    async def post(self, request: HttpRequest) -> HttpResponse:
        """Refresh a session."""
        body = await read(request, RefreshRequest)
        renewed = unwrap(await self.refresh_session(token=body.refresh_token.get_secret_value()))
        return respond(TokensResponse.of(renewed), HTTPStatus.CREATED)
