"""Users: registering, changing, exporting and closing an account."""

from datetime import datetime
from http import HTTPStatus
from typing import Self
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from pydantic import model_validator
from pydantic_core import PydanticCustomError

from dashtam.api.downloads import download
from dashtam.api.http import ApiView, Body, read, refuse_query
from dashtam.api.identity.emails import EmailRequest, EmailSentResponse
from dashtam.api.problems import unwrap
from dashtam.api.responses import Response, respond
from dashtam.api.session import SessionView
from dashtam.api.texts import EmailText, PasswordText
from dashtam.application.identity.account_closure import CloseUser
from dashtam.application.identity.personal_data import ExportUser
from dashtam.application.identity.users import ChangeUser, RegisterUser, ShowProfile
from domain.identity.entities import User
from domain.identity.errors import EmailTaken
from domain.shared.result import Failure


class CredentialsRequest(EmailRequest):
    """An email address and a password."""

    password: PasswordText


class UserResponse(Response):
    """A user, as they see themselves."""

    id: UUID
    email: str
    registered_at: datetime
    verified_at: datetime | None
    wanted_email: str | None

    @classmethod
    def of(cls, user: User) -> Self:
        return cls.copy_from(
            user,
            email=user.email.address,
            wanted_email=user.wanted_email.address if user.wanted_email else None,
        )


class UserChangeRequest(Body):
    """A new password, a new email address, or both."""

    password: PasswordText | None = None
    email: EmailText | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.password is None and self.email is None:
            raise PydanticCustomError("nothing", "There is nothing to change")
        return self


class DeletionResponse(Response):
    """When the data of a closed account will be erased."""

    erase_after: datetime


class UsersView(ApiView):
    """All users."""

    register_user: RegisterUser

    async def post(self, request: HttpRequest) -> HttpResponse:
        """Register a user; whether the email address was free, only its owner learns."""
        body = await read(request, CredentialsRequest)
        done = await self.register_user(email=body.email, password=body.password.get_secret_value())
        if not (isinstance(done, Failure) and isinstance(done.error, EmailTaken)):
            unwrap(done)
        return respond(EmailSentResponse(), HTTPStatus.ACCEPTED)


class MeView(SessionView):
    """The user who is logged in."""

    needs_recent_authentication = frozenset({"patch", "delete"})
    show_profile: ShowProfile
    change_user: ChangeUser
    close_user: CloseUser

    async def get(self, request: HttpRequest) -> HttpResponse:
        """Show the user."""
        refuse_query(request)
        user = unwrap(await self.show_profile(user_id=self.session.user_id))
        return respond(UserResponse.of(user))

    async def patch(self, request: HttpRequest) -> HttpResponse:
        """Change the password at once, and the email address once it is verified."""
        body = await read(request, UserChangeRequest)
        user = unwrap(
            await self.change_user(
                user_id=self.session.user_id,
                session=self.session,
                password=body.password.get_secret_value() if body.password else None,
                email=body.email,
            )
        )
        return respond(UserResponse.of(user))

    async def delete(self, request: HttpRequest) -> HttpResponse:
        """Close the account at once, and say when its data will be erased."""
        erase_after = unwrap(await self.close_user(user_id=self.session.user_id))
        return respond(DeletionResponse(erase_after=erase_after), HTTPStatus.ACCEPTED)


class MyExportView(SessionView):
    """All data of the user who is logged in."""

    export_user: ExportUser
    needs_recent_authentication = frozenset({"get"})

    async def get(self, request: HttpRequest) -> HttpResponseBase:
        """Download all data as a file."""
        refuse_query(request)
        return download(unwrap(await self.export_user(user_id=self.session.user_id)))
