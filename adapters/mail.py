"""Letters, by Django's mail framework."""

import asyncio
from collections.abc import Mapping
from smtplib import SMTPException

from django.core.mail import send_mail
from django.template.loader import render_to_string

from domain.identity.letters import Letter, LetterKind
from domain.identity.values import Email
from domain.shared.errors import Unavailable
from domain.shared.result import Failure, Result, Success

SUBJECTS: Mapping[LetterKind, str] = {
    LetterKind.ASK_FOR_PROOF: "Welcome to Dashtam: please confirm your address",
    LetterKind.REGISTRATION_REPEATED: "Somebody tried to register with your address",
    LetterKind.REGISTRATION_UNPROVED: "Welcome to Dashtam: please choose a password",
    LetterKind.RESET_PASSWORD: "Choose a new password",
    LetterKind.PASSWORD_CHANGED: "Your password was changed",
    LetterKind.CONFIRM_EMAIL: "Please confirm your new address",
    LetterKind.EMAIL_CHANGE_REQUESTED: "Your address is about to change",
    LetterKind.EMAIL_CHANGED: "Your address was changed",
    LetterKind.SECOND_FACTOR_CONFIRMED: "A second factor protects your account",
    LetterKind.SECOND_FACTOR_REMOVED: "Your second factor was removed",
    LetterKind.RECOVERY_CODE_USED: "A recovery code was used",
    LetterKind.API_TOKEN_ISSUED: "An API token was made",
    LetterKind.PROVIDER_CONNECTED: "A new source of data was connected",
    LetterKind.ACCOUNT_CLOSED: "Your account is closed",
    LetterKind.ACCOUNT_KEPT: "Your account is open again",
}


class DjangoMailer:
    """`Mailer` on the mail server of the settings; on the console in development."""

    async def send_letter(self, email: Email, letter: Letter) -> Result[None, Unavailable]:
        told = {"token": letter.token.text} if letter.token else {}
        text = render_to_string(f"mail/{letter.kind.replace('-', '_')}.txt", told)
        try:
            await asyncio.to_thread(send_mail, SUBJECTS[letter.kind], text, None, [email.address])
        except (SMTPException, OSError) as error:
            # The server's own words may repeat the address, so only the kind of trouble is told.
            return Failure(Unavailable(f"The letter could not be sent: {type(error).__name__}."))
        return Success(None)
