"""Users and sessions over HTTP."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from dashtam.api.answers import answer, no_content
from dashtam.api.http import ApiView, read, refuse_query
from dashtam.api.identity.factor_schemas import ProofRequest
from dashtam.api.identity.letter_schemas import UserChangeRequest
from dashtam.api.identity.schemas import (
    CredentialsRequest,
    LetterResponse,
    RefreshRequest,
    TokensResponse,
    UserResponse,
)
from dashtam.api.identity.session_schemas import SessionResponse
from dashtam.api.problems import problem
from dashtam.api.session import SessionView
from dashtam.application.identity.log_in import ReauthenticateSession
from dashtam.application.identity.sessions import LogOut, RefreshSession, ShowSession
from dashtam.application.identity.users import ChangeUser, RegisterUser, ShowProfile
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

    sensitive = frozenset({"patch"})
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

    show_session: ShowSession
    log_out: LogOut
    reauthenticate_session: ReauthenticateSession

    async def put(self, request: HttpRequest) -> HttpResponse:
        """Prove once more who is there."""
        body = await read(request, ProofRequest)
        match await self.reauthenticate_session(
            session_id=self.session.id,
            user_id=self.session.user_id,
            password=body.password.get_secret_value(),
            code=body.code.get_secret_value() if body.code else None,
        ):
            case Success():
                return no_content()
            case Failure(error):
                return problem(error, request)

    async def get(self, request: HttpRequest) -> HttpResponse:
        """Show it."""
        refuse_query(request)
        session = self.session
        match await self.show_session(session_id=session.id, user_id=session.user_id):
            case Success(shown):
                return answer(SessionResponse.of(shown, session.id))
            case Failure(error):
                return problem(error, request)

    async def delete(self, request: HttpRequest) -> HttpResponse:
        """Log out."""
        session = self.session
        match await self.log_out(session_id=session.id, user_id=session.user_id):
            case Success():
                return no_content()
            case Failure(error):
                return problem(error, request)
