"""What goes by mail, over HTTP: whether an address is known, no answer tells."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from dashtam.api.answers import answer, no_content
from dashtam.api.http import ApiView, read
from dashtam.api.identity.letter_schemas import (
    EmailProofRequest,
    LetterRequest,
    PasswordResetRequest,
)
from dashtam.api.identity.schemas import DeviceResponse, LetterResponse
from dashtam.api.problems import problem
from dashtam.application.identity.email_tokens import (
    RequestEmail,
    RequestPasswordReset,
    RequestVerification,
)
from dashtam.application.identity.passwords import ResetPassword
from dashtam.application.identity.users import VerifyEmail
from domain.shared.result import Failure, Success


class LettersView(ApiView):
    """What a letter is asked for with, and answered."""

    request_email: RequestEmail

    async def post(self, request: HttpRequest) -> HttpResponse:
        """Ask for a letter."""
        body = await read(request, LetterRequest)
        match await self.request_email(email=body.email):
            case Success():
                return answer(LetterResponse(), HTTPStatus.ACCEPTED)
            case Failure(error):
                return problem(error, request)


class EmailVerificationsView(LettersView):
    """Proofs that users read the mail of their addresses."""

    request_email: RequestVerification
    verify_email: VerifyEmail

    async def put(self, request: HttpRequest) -> HttpResponse:
        """Prove an address with the token that was sent to it, and the account's password."""
        body = await read(request, EmailProofRequest)
        token, password = body.token.get_secret_value(), body.password.get_secret_value()
        match await self.verify_email(token=token, password=password):
            case Success():
                return no_content()
            case Failure(error):
                return problem(error, request)


class PasswordResetsView(LettersView):
    """Passwords that are forgotten."""

    request_email: RequestPasswordReset
    reset_password: ResetPassword

    async def put(self, request: HttpRequest) -> HttpResponse:
        """Choose a new password with the token that was sent."""
        body = await read(request, PasswordResetRequest)
        token, password = body.token.get_secret_value(), body.password.get_secret_value()
        match await self.reset_password(token=token, password=password):
            case Success(device_token):
                return answer(DeviceResponse(device_token=device_token.text))
            case Failure(error):
                return problem(error, request)
