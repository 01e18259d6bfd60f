"""Links that we email, and what they are for. No response reveals whether an address is known."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from pydantic import Field

from dashtam.api.http import ApiView, Body, read
from dashtam.api.problems import unwrap
from dashtam.api.responses import Response, no_content, respond
from dashtam.api.texts import EmailText, PasswordText, TokenText
from dashtam.application.identity.account_closure import RestoreUser
from dashtam.application.identity.email_tokens import (
    RequestEmail,
    RequestPasswordReset,
    RequestVerification,
)
from dashtam.application.identity.passwords import ResetPassword
from dashtam.application.identity.users import VerifyEmail


class EmailRequest(Body):
    """An email address."""

    email: EmailText


class EmailedTokenRequest(Body):
    """The token from an email."""

    token: TokenText


class PasswordAndTokenRequest(EmailedTokenRequest):
    """The token from an email, and a password: the user's, or a new one."""

    password: PasswordText


class EmailSentResponse(Response):
    """The response whether or not anybody has this email address."""

    detail: str = "If we can write to this email address, a message is on its way."


class DeviceResponse(Response):
    """The token to send with the next log-in on this device."""

    device_token: str = Field(repr=False)


class EmailsView(ApiView):
    """Requests for emails."""

    request_email: RequestEmail

    async def post(self, request: HttpRequest) -> HttpResponse:
        """Request an email."""
        body = await read(request, EmailRequest)
        unwrap(await self.request_email(email=body.email))
        return respond(EmailSentResponse(), HTTPStatus.ACCEPTED)


class EmailVerificationsView(EmailsView):
    """Verification of email addresses."""

    request_email: RequestVerification
    verify_email: VerifyEmail

    async def put(self, request: HttpRequest) -> HttpResponse:
        """Verify an email address with the token that was sent to it and the user's password."""
        body = await read(request, PasswordAndTokenRequest)
        token, password = body.token.get_secret_value(), body.password.get_secret_value()
        unwrap(await self.verify_email(token=token, password=password))
        return no_content()


class PasswordResetsView(EmailsView):
    """Forgotten passwords."""

    request_email: RequestPasswordReset
    reset_password: ResetPassword

    async def put(self, request: HttpRequest) -> HttpResponse:
        """Choose a new password with the token that was sent."""
        body = await read(request, PasswordAndTokenRequest)
        token, password = body.token.get_secret_value(), body.password.get_secret_value()
        device_token = unwrap(await self.reset_password(token=token, password=password))
        return respond(DeviceResponse(device_token=device_token.text))


class AccountRecoveriesView(ApiView):
    """Recovery of accounts that were closed."""

    restore_user: RestoreUser

    async def post(self, request: HttpRequest) -> HttpResponse:
        """Open a closed account again with the token that was sent."""
        body = await read(request, EmailedTokenRequest)
        unwrap(await self.restore_user(token=body.token.get_secret_value()))
        return no_content()
