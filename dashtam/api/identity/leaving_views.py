"""Leaving over HTTP: closing an account, and taking that back."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from dashtam.api.answers import answer, no_content
from dashtam.api.http import ApiView, read
from dashtam.api.identity.leaving_schemas import DeletionResponse
from dashtam.api.identity.schemas import MailedTokenRequest
from dashtam.api.identity.views import MeView
from dashtam.api.problems import problem
from dashtam.application.identity.account_closure import CloseUser, RestoreUser
from domain.shared.result import Failure, Success


class MyAccountView(MeView):
    """The user who asks, who may leave."""

    close_user: CloseUser
    sensitive = frozenset({"patch", "delete"})

    async def delete(self, request: HttpRequest) -> HttpResponse:
        """Close the account at once, and say from when on it is erased."""
        match await self.close_user(user_id=self.session.user_id):
            case Success(erase_after):
                return answer(DeletionResponse(erase_after=erase_after), HTTPStatus.ACCEPTED)
            case Failure(error):
                return problem(error, request)


class AccountRecoveriesView(ApiView):
    """Accounts that were closed, and are taken back."""

    restore_user: RestoreUser

    async def post(self, request: HttpRequest) -> HttpResponse:
        """Take an account back with the token of the letter."""
        body = await read(request, MailedTokenRequest)
        match await self.restore_user(token=body.token.get_secret_value()):
            case Success():
                return no_content()
            case Failure(error):
                return problem(error, request)
