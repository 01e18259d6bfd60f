"""Users and sessions over HTTP."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from dashtam.api.answers import answer, no_content
from dashtam.api.http import ApiView, read, refuse_query
from dashtam.api.identity.schemas import CredentialsRequest, SessionResponse, UserResponse
from dashtam.api.problems import problem
from dashtam.api.session import SessionView
from dashtam.application.identity.log_in import LogIn
from dashtam.application.identity.log_out import LogOut
from dashtam.application.identity.queries import ShowProfile
from dashtam.application.identity.register_user import RegisterUser
from domain.shared.result import Failure, Success


class UsersView(ApiView):
    """The collection of users."""

    register_user: RegisterUser

    async def post(self, request: HttpRequest) -> HttpResponse:
        """Register a user."""
        body = await read(request, CredentialsRequest)
        match await self.register_user(email=body.email, password=body.password.get_secret_value()):
            case Success(user):
                return answer(UserResponse.of(user), HTTPStatus.CREATED)
            case Failure(error):
                return problem(error, request)


class SessionsView(ApiView):
    """The collection of sessions."""

    log_in: LogIn

    async def post(self, request: HttpRequest) -> HttpResponse:
        """Log in."""
        body = await read(request, CredentialsRequest)
        match await self.log_in(email=body.email, password=body.password.get_secret_value()):
            case Success(opened):
                return answer(SessionResponse.of(opened), HTTPStatus.CREATED)
            case Failure(error):
                return problem(error, request)


class MeView(SessionView):
    """The user who asks."""

    show_profile: ShowProfile

    async def get(self, request: HttpRequest) -> HttpResponse:
        """Show the user who asks what is known of them."""
        refuse_query(request)
        match await self.show_profile(user_id=self.session.user_id):
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
