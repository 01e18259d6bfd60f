"""Letters, by Django's mail framework."""

import asyncio
from collections.abc import Mapping
from smtplib import SMTPException

from django.core.mail import send_mail
from django.template.loader import render_to_string

from domain.identity.emails import EmailMessage, EmailTemplate
from domain.identity.values import Email
from domain.shared.errors import Unavailable
from domain.shared.result import Failure, Result, Success

SUBJECTS: Mapping[EmailTemplate, str] = {
    EmailTemplate.ASK_FOR_PROOF: "Welcome to Dashtam: please confirm your address",
    EmailTemplate.REGISTRATION_REPEATED: "Somebody tried to register with your address",
    EmailTemplate.REGISTRATION_UNPROVED: "Welcome to Dashtam: please choose a password",
    EmailTemplate.RESET_PASSWORD: "Choose a new password",
    EmailTemplate.PASSWORD_CHANGED: "Your password was changed",
    EmailTemplate.CONFIRM_EMAIL: "Please confirm your new address",
    EmailTemplate.EMAIL_CHANGE_REQUESTED: "Your address is about to change",
    EmailTemplate.EMAIL_CHANGED: "Your address was changed",
    EmailTemplate.SECOND_FACTOR_CONFIRMED: "A second factor protects your account",
    EmailTemplate.SECOND_FACTOR_REMOVED: "Your second factor was removed",
    EmailTemplate.RECOVERY_CODE_USED: "A recovery code was used",
    EmailTemplate.API_TOKEN_ISSUED: "An API token was made",
    EmailTemplate.PROVIDER_CONNECTED: "A new source of data was connected",
    EmailTemplate.ACCOUNT_CLOSED: "Your account is closed",
    EmailTemplate.ACCOUNT_KEPT: "Your account is open again",
}


class DjangoMailer:
    """`Mailer` on the mail server of the settings; on the console in development."""

    async def send_email(self, email: Email, letter: EmailMessage) -> Result[None, Unavailable]:
        told = {"token": letter.token.text} if letter.token else {}
        text = render_to_string(f"mail/{letter.kind.replace('-', '_')}.txt", told)
        try:
            await asyncio.to_thread(send_mail, SUBJECTS[letter.kind], text, None, [email.address])
        except (SMTPException, OSError) as error:
            # The server's own words may repeat the address, so only the kind of trouble is told.
            return Failure(Unavailable(f"The letter could not be sent: {type(error).__name__}."))
        return Success(None)
