"""Users and sessions over HTTP."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from dashtam.api.answers import answer, no_content
from dashtam.api.http import ApiView, read, refuse_query
from dashtam.api.identity.letter_schemas import UserChangeRequest
from dashtam.api.identity.schemas import (
    CredentialsRequest,
    LetterResponse,
    LogInRequest,
    RefreshRequest,
    TokensResponse,
    UserResponse,
)
from dashtam.api.problems import problem
from dashtam.api.session import SessionView
from dashtam.application.identity.change_user import ChangeUser
from dashtam.application.identity.log_in import LogIn
from dashtam.application.identity.log_out import LogOut
from dashtam.application.identity.queries import ShowProfile
from dashtam.application.identity.refresh_session import RefreshSession
from dashtam.application.identity.register_user import RegisterUser
from domain.identity.errors import EmailTaken
from domain.shared.result import Failure, Success


class UsersView(ApiView):
    """The collection of users."""

    register_user: RegisterUser

    async def post(self, request: HttpRequest) -> HttpResponse:
        """Register a user; whether the address was free, only its owner learns."""
        body = await read(request, CredentialsRequest)
        done = await self.register_user(email=body.email, password=body.password.get_secret_value())
        if isinstance(done, Failure) and not isinstance(done.error, EmailTaken):
            return problem(done.error, request)
        return answer(LetterResponse(), HTTPStatus.ACCEPTED)


class SessionsView(ApiView):
    """The collection of sessions."""

    log_in: LogIn

    async def post(self, request: HttpRequest) -> HttpResponse:
        """Log in."""
        body = await read(request, LogInRequest)
        code = body.code.get_secret_value() if body.code else None
        password = body.password.get_secret_value()
        match await self.log_in(email=body.email, password=password, code=code):
            case Success(opened):
                return answer(TokensResponse.of(opened), HTTPStatus.CREATED)
            case Failure(error):
                return problem(error, request)


class TokensView(ApiView):
    """Tokens of sessions."""

    refresh_session: RefreshSession

    async def post(self, request: HttpRequest) -> HttpResponse:
        """Renew a session."""
        body = await read(request, RefreshRequest)
        match await self.refresh_session(token=body.refresh_token.get_secret_value()):
            case Success(renewed):
                return answer(TokensResponse.of(renewed), HTTPStatus.CREATED)
            case Failure(error):
                return problem(error, request)


class MeView(SessionView):
    """The user who asks."""

    proved = frozenset({"patch"})
    show_profile: ShowProfile
    change_user: ChangeUser

    async def get(self, request: HttpRequest) -> HttpResponse:
        """Show the user who asks what is known of them."""
        refuse_query(request)
        match await self.show_profile(user_id=self.session.user_id):
            case Success(user):
                return answer(UserResponse.of(user))
            case Failure(error):
                return problem(error, request)

    async def patch(self, request: HttpRequest) -> HttpResponse:
        """Change the password at once, and the address once it is proved."""
        body = await read(request, UserChangeRequest)
        changed = await self.change_user(
            user_id=self.session.user_id,
            session=self.session,
            password=body.password.get_secret_value() if body.password else None,
            email=body.email,
        )
        match changed:
            case Success(user):
                return answer(UserResponse.of(user))
            case Failure(error):
                return problem(error, request)


class CurrentSessionView(SessionView):
    """The session of the request."""

    log_out: LogOut

    async def delete(self, request: HttpRequest) -> HttpResponse:
        """Log out."""
        session = self.session
        match await self.log_out(session_id=session.id, user_id=session.user_id):
            case Success():
                return no_content()
            case Failure(error):
                return problem(error, request)
