"""Emails, sent with Django's mail framework."""

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
    EmailTemplate.VERIFY_EMAIL: "Welcome to Dashtam: confirm your email address",
    EmailTemplate.DUPLICATE_REGISTRATION: "Somebody tried to register with your email address",
    EmailTemplate.UNVERIFIED_REGISTRATION: "Welcome to Dashtam: choose a password",
    EmailTemplate.RESET_PASSWORD: "Choose a new password",
    EmailTemplate.PASSWORD_CHANGED: "Your password was changed",
    EmailTemplate.CONFIRM_EMAIL: "Confirm your new email address",
    EmailTemplate.EMAIL_CHANGE_REQUESTED: "Your email address is about to change",
    EmailTemplate.EMAIL_CHANGED: "Your email address was changed",
    EmailTemplate.SECOND_FACTOR_CONFIRMED: "Two-factor authentication is on",
    EmailTemplate.SECOND_FACTOR_REMOVED: "Two-factor authentication is off",
    EmailTemplate.RECOVERY_CODE_USED: "A recovery code was used",
    EmailTemplate.API_TOKEN_ISSUED: "An API token was created",
    EmailTemplate.PROVIDER_CONNECTED: "A financial institution was connected",
    EmailTemplate.CONNECTION_NEEDS_PERSON: "A connection to your bank needs you",
    EmailTemplate.CONSENT_ENDING: "Your consent to a connection ends soon",
    EmailTemplate.APP_CONNECTED: "An app can read your accounts",
    EmailTemplate.ACCOUNT_CLOSED: "Your account is closed",
    EmailTemplate.ACCOUNT_RESTORED: "Your account is open again",
}


class DjangoMailer:
    """`Mailer` through the mail server in the settings; on the console in development."""

    async def send_email(self, email: Email, message: EmailMessage) -> Result[None, Unavailable]:
        context = {"token": message.token.text} if message.token else {}
        text = render_to_string(f"mail/{message.template.replace('-', '_')}.txt", context)
        try:
            await asyncio.to_thread(
                send_mail, SUBJECTS[message.template], text, None, [email.address]
            )
        except (SMTPException, OSError) as error:
            # The server's answer may contain the email address, so it is not repeated.
            return Failure(Unavailable(f"The email could not be sent: {type(error).__name__}."))
        return Success(None)
