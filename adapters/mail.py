"""Letters, by Django's mail framework."""

import asyncio
from datetime import UTC, datetime
from smtplib import SMTPException

from django.core.mail import send_mail
from django.template.loader import render_to_string

from domain.identity.values import Email, Token
from domain.shared.errors import Unavailable
from domain.shared.result import Failure, Result, Success


class DjangoMailer:
    """`Mailer` on the mail server of the settings; on the console in development."""

    async def ask_for_proof(self, email: Email, token: Token) -> Result[None, Unavailable]:
        subject = "Welcome to Dashtam: please confirm your address"
        return await self._send(email, subject, "mail/ask_for_proof.txt", token=token.text)

    async def tell_of_deletion(
        self, email: Email, token: Token, *, erase_after: datetime
    ) -> Result[None, Unavailable]:
        subject = "Dashtam: your account is closed"
        moment = f"{erase_after.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        template = "mail/account_deleted.txt"
        return await self._send(email, subject, template, token=token.text, moment=moment)

    async def tell_of_keeping(self, email: Email) -> Result[None, Unavailable]:
        return await self._send(
            email, "Dashtam: your account is open again", "mail/account_kept.txt"
        )

    async def _send(
        self, email: Email, subject: str, template: str, **told: str
    ) -> Result[None, Unavailable]:
        text = render_to_string(template, told)
        try:
            await asyncio.to_thread(send_mail, subject, text, None, [email.address])
        except (SMTPException, OSError) as error:
            # The server's own words may repeat the address, so only the kind of trouble is told.
            return Failure(Unavailable(f"The letter could not be sent: {type(error).__name__}."))
        return Success(None)
