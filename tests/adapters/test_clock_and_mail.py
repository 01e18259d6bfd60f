"""The clock of the machine, and Django's mail."""

import smtplib
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from adapters.clock import SystemClock
from adapters.mail import DjangoMailer
from domain.identity.ports import Mailer
from domain.identity.values import Email, Token, TokenKind
from domain.shared.errors import Unavailable
from domain.shared.ports import Clock
from domain.shared.result import Failure
from tests.contracts.clock import ClockContract
from tests.contracts.identity import MailerContract

ADA = Email("ada@example.org")
TOKEN = Token.of(bytes(32), TokenKind.MAIL)


class TestSystemClock(ClockContract):
    @pytest.fixture
    def clock(self) -> Clock:
        return SystemClock()

    def test_tells_the_time(self, clock: Clock) -> None:
        assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=1)


class TestDjangoMailer(MailerContract):
    @pytest.fixture
    def mailer(self) -> Mailer:
        return DjangoMailer()

    async def test_writes_to_the_address(self, mailer: Mailer, mailoutbox: list[Any]) -> None:
        await mailer.ask_for_proof(ADA, TOKEN)

        (letter,) = mailoutbox
        assert letter.to == ["ada@example.org"]
        assert letter.subject == "Welcome to Dashtam: please confirm your address"
        assert TOKEN.text in letter.body.split()

    async def test_says_until_when_an_account_can_be_taken_back(
        self, mailer: Mailer, mailoutbox: list[Any]
    ) -> None:
        local = datetime(2026, 3, 29, 1, 30, tzinfo=timezone(timedelta(hours=2)))

        await mailer.tell_of_deletion(ADA, TOKEN, erase_after=local)
        await mailer.tell_of_keeping(ADA)

        closed, kept = mailoutbox
        assert closed.to == kept.to == ["ada@example.org"]
        assert "2026-03-28 23:30 UTC" in closed.body
        assert TOKEN.text in closed.body.split()
        assert "account-recoveries" in closed.body
        assert "dashtam_" not in kept.body
        # As they are: nothing is escaped for HTML.
        assert "&" not in closed.body + kept.body

    @pytest.mark.parametrize(
        "trouble",
        [
            smtplib.SMTPRecipientsRefused({"ada@example.org": (550, b"no such user")}),
            ConnectionRefusedError(111, "refused"),
            TimeoutError(),
        ],
    )
    async def test_tells_trouble_without_the_address(
        self, mailer: Mailer, monkeypatch: pytest.MonkeyPatch, trouble: Exception
    ) -> None:
        def refuse(self: EmailBackend, messages: object) -> int:
            raise trouble

        monkeypatch.setattr(EmailBackend, "send_messages", refuse)

        result = await mailer.ask_for_proof(ADA, TOKEN)

        told = f"The letter could not be sent: {type(trouble).__name__}."
        assert result == Failure(Unavailable(told))
        assert not mail.outbox
