"""Leaving over HTTP: closing an account, and taking that back."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from dashtam.api.answers import answer, no_content
from dashtam.api.http import ApiView, read
from dashtam.api.identity.leaving_schemas import DeletionResponse
from dashtam.api.identity.schemas import MailedTokenRequest
from dashtam.api.identity.views import MeView
from dashtam.api.problems import problem
from dashtam.application.identity.account_closure import DeleteAccount, KeepAccount
from domain.shared.result import Failure, Success


class MyAccountView(MeView):
    """The user who asks, who may leave."""

    delete_account: DeleteAccount
    proved = frozenset({"patch", "delete"})

    async def delete(self, request: HttpRequest) -> HttpResponse:
        """Close the account at once, and say from when on it is erased."""
        match await self.delete_account(user_id=self.session.user_id):
            case Success(erase_after):
                return answer(DeletionResponse(erase_after=erase_after), HTTPStatus.ACCEPTED)
            case Failure(error):
                return problem(error, request)


class AccountRecoveriesView(ApiView):
    """Accounts that were closed, and are taken back."""

    keep_account: KeepAccount

    async def post(self, request: HttpRequest) -> HttpResponse:
        """Take an account back with the token of the letter."""
        body = await read(request, MailedTokenRequest)
        match await self.keep_account(token=body.token.get_secret_value()):
            case Success():
                return no_content()
            case Failure(error):
                return problem(error, request)
