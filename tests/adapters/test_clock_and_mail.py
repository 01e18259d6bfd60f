"""The clock of the machine, and Django's mail."""

import re
import smtplib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.urls import resolve

from adapters.clock import SystemClock
from adapters.mail import DjangoMailer
from domain.identity.emails import EmailMessage, EmailTemplate
from domain.identity.ports import Mailer
from domain.identity.values import Email, Token, TokenKind
from domain.shared.errors import Unavailable
from domain.shared.ports import Clock
from domain.shared.result import Failure
from tests.contracts.clock import ClockContract
from tests.contracts.identity import MailerContract

ADA = Email("ada@example.org")
TOKEN = Token.of(bytes(32), TokenKind.MAIL)
WITH_TOKEN = (
    EmailTemplate.VERIFY_EMAIL,
    EmailTemplate.RESET_PASSWORD,
    EmailTemplate.CONFIRM_EMAIL,
    EmailTemplate.ACCOUNT_CLOSED,
    EmailTemplate.UNVERIFIED_REGISTRATION,
)


class TestSystemClock(ClockContract):
    @pytest.fixture
    def clock(self) -> Clock:
        return SystemClock()

    def test_returns_the_current_time(self, clock: Clock) -> None:
        assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=1)


class TestDjangoMailer(MailerContract):
    @pytest.fixture
    def mailer(self) -> Mailer:
        return DjangoMailer()

    async def test_sends_to_the_email_address(self, mailer: Mailer, mailoutbox: list[Any]) -> None:
        await mailer.send_email(ADA, EmailMessage(EmailTemplate.VERIFY_EMAIL, TOKEN))

        (email,) = mailoutbox
        assert email.to == ["ada@example.org"]
        assert email.subject == "Welcome to Dashtam: confirm your email address"
        assert TOKEN.text in email.body.splitlines()

    @pytest.mark.parametrize("kind", EmailTemplate)
    async def test_links_to_existing_urls(
        self, mailer: Mailer, mailoutbox: list[Any], kind: EmailTemplate
    ) -> None:
        await mailer.send_email(ADA, EmailMessage(kind, TOKEN))

        links = re.findall(r"(POST|PUT) (/[\w/-]+)", mailoutbox[0].body)
        assert links or kind not in WITH_TOKEN
        for method, address in links:
            view = resolve(address).func.view_class  # type: ignore[attr-defined]  # all have one
            assert hasattr(view, method.lower())

    @pytest.mark.parametrize("kind", EmailTemplate)
    async def test_says_no_more_than_necessary(
        self, mailer: Mailer, mailoutbox: list[Any], kind: EmailTemplate
    ) -> None:
        await mailer.send_email(ADA, EmailMessage(kind, TOKEN))

        (email,) = mailoutbox
        has_token = TOKEN.text in email.body.splitlines()
        assert has_token is (kind in WITH_TOKEN)
        assert email.body.count("dashtam_") == has_token
        assert "ada@" not in email.subject + email.body
        assert len(email.subject) < 60

    @pytest.mark.parametrize(
        "error",
        [
            smtplib.SMTPRecipientsRefused({"ada@example.org": (550, b"no such user")}),
            ConnectionRefusedError(111, "refused"),
            TimeoutError(),
        ],
    )
    async def test_reports_a_failure_without_the_email_address(
        self, mailer: Mailer, monkeypatch: pytest.MonkeyPatch, error: Exception
    ) -> None:
        def refuse(self: EmailBackend, messages: object) -> int:
            raise error

        monkeypatch.setattr(EmailBackend, "send_messages", refuse)

        result = await mailer.send_email(ADA, EmailMessage(EmailTemplate.VERIFY_EMAIL, TOKEN))

        message = f"The email could not be sent: {type(error).__name__}."
        assert result == Failure(Unavailable(message))
        assert not mail.outbox
