"""Letters, by Django's mail framework."""

import asyncio
from smtplib import SMTPException

from django.core.mail import send_mail
from django.template.loader import render_to_string

from domain.identity.values import Email
from domain.shared.errors import Unavailable
from domain.shared.result import Failure, Result, Success


class DjangoMailer:
    """`Mailer` on the mail server of the settings; on the console in development."""

    async def welcome(self, email: Email) -> Result[None, Unavailable]:
        return await self._send(email, "Welcome to Dashtam", "mail/welcome.txt")

    async def _send(self, email: Email, subject: str, template: str) -> Result[None, Unavailable]:
        text = render_to_string(template)
        try:
            await asyncio.to_thread(send_mail, subject, text, None, [email.address])
        except (SMTPException, OSError) as error:
            # The server's own words may repeat the address, so only the kind of trouble is told.
            return Failure(Unavailable(f"The letter could not be sent: {type(error).__name__}."))
        return Success(None)
