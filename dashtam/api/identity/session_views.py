"""Sessions over HTTP: opening one, and looking after those that there are."""

from http import HTTPStatus
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from dashtam.api.answers import answer, answer_beside, no_content
from dashtam.api.http import read, refuse_query
from dashtam.api.identity.schemas import LogInRequest, TokensResponse
from dashtam.api.identity.session_schemas import SessionsResponse
from dashtam.api.problems import problem
from dashtam.api.session import SessionView
from dashtam.application.identity.log_in import LogIn
from dashtam.application.identity.sessions import EndSessions, ListSessions, LogOut
from domain.shared.ids import SessionId
from domain.shared.result import Failure, Success


class SessionsView(SessionView):
    """The collection of a user's sessions; anybody may open one."""

    anybody = frozenset({"post", "options"})
    log_in: LogIn
    list_sessions: ListSessions
    end_sessions: EndSessions

    async def post(self, request: HttpRequest) -> HttpResponse:
        """Log in."""
        body = await read(request, LogInRequest)
        match await self.log_in(
            email=body.email,
            password=body.password.get_secret_value(),
            code=body.code.get_secret_value() if body.code else None,
            device_token=body.device_token.get_secret_value() if body.device_token else "",
        ):
            case Success(opened):
                return answer(TokensResponse.of(opened), HTTPStatus.CREATED)
            case Failure(error):
                return problem(error, request)

    async def get(self, request: HttpRequest) -> HttpResponse:
        """List those that go on, the latest first."""
        refuse_query(request)
        match await self.list_sessions(user_id=self.session.user_id):
            case Success(found):
                return await answer_beside(SessionsResponse.of, found, self.session.id)
            case Failure(error):
                return problem(error, request)

    async def delete(self, request: HttpRequest) -> HttpResponse:
        """End all of them, that of the request too."""
        match await self.end_sessions(user_id=self.session.user_id):
            case Success():
                return no_content()
            case Failure(error):
                return problem(error, request)


class OtherSessionsView(SessionView):
    """All of a user's sessions but that of the request."""

    end_sessions: EndSessions

    async def delete(self, request: HttpRequest) -> HttpResponse:
        """End them."""
        match await self.end_sessions(user_id=self.session.user_id, keep=self.session.id):
            case Success():
                return no_content()
            case Failure(error):
                return problem(error, request)


class OneSessionView(SessionView):
    """One session."""

    log_out: LogOut

    async def delete(self, request: HttpRequest, session_id: UUID) -> HttpResponse:
        """End it, wherever it goes on."""
        match await self.log_out(session_id=SessionId(session_id), user_id=self.session.user_id):
            case Success():
                return no_content()
            case Failure(error):
                return problem(error, request)
