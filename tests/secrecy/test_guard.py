"""The guard itself: a leak is planted in every place, and found."""

import asyncio
import logging
from base64 import b32encode

import pytest
import structlog
from asgiref.sync import async_to_sync
from django.db import connections
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.test import RequestFactory

from adapters.persistence.outbox.models import OutboxModel
from adapters.security.envelope import Keyring, SealContext
from dashtam import keys
from dashtam.container import container
from domain.identity.values import Password, TokenKind
from domain.shared.ids import new_id
from tests import canaries
from tests.factories import make_entry
from tests.postgres import PASSWORDED, server_log

CONTEXT = SealContext(table="t", column="c", row=new_id(), owner=new_id())
logger = structlog.get_logger(__name__)


def seen() -> list[str]:
    """Return where a canary was seen, and forget that one was."""
    found = canaries.watch.leaks()
    canaries.watch.begin()
    return found


class TestTheLog:
    def test_is_checked_at_debug(self) -> None:
        token = container.ports.tokens.issue(TokenKind.REFRESH)

        logger.debug("renewed", what=token.text)

        assert seen() == ["the log"]

    def test_is_checked_for_every_logger(self) -> None:
        logging.getLogger("somebody.else").debug("came: %s", "never shown to anybody")
        Password.from_input("never shown to anybody")

        assert seen() == ["the log"]

    def test_is_checked_with_its_tracebacks(self) -> None:
        code = container.ports.tokens.recovery_code()
        try:
            raise ValueError(code.text)
        except ValueError:
            logger.exception("failed")

        assert seen() == ["the log"]

    def test_is_checked_for_a_secret_with_quotes(self) -> None:
        secret = b"a'b\xff" + bytes(range(20))

        assert any(form in str({"what": repr(secret)}) for form in canaries._forms([secret]))

    @pytest.mark.parametrize("form", [bytes.hex, lambda key: b32encode(key).decode(), repr])
    def test_is_checked_for_every_form_of_a_secret(self, form: object) -> None:
        assert callable(form)
        secret = container.ports.one_time_codes.new_secret()

        logger.info("enrolled", what=form(secret.key))

        assert seen() == ["the log"]

    def test_is_checked_for_keys(self) -> None:
        text = keys.make()["CREDENTIAL_KEYS"]
        _, key = keys._parse("CREDENTIAL_KEYS", text)

        logger.info("started", what=text)
        assert seen() == ["the log"]

        logger.info("started", what=key.hex())
        assert seen() == ["the log"]

    def test_is_checked_for_what_was_sealed(self) -> None:
        Keyring({"k1": bytes(32)}).seal(b"an access token of a bank", CONTEXT)

        logger.info("sealed", what="an access token of a bank")

        assert seen() == ["the log"]

    def test_may_contain_anything_else(self) -> None:
        logger.info("started", what=str(new_id()))

        assert seen() == []


class TestTables:
    def test_the_trail_is_checked(self, database: None) -> None:
        entry = make_entry(details={"what": container.ports.tokens.issue().text})
        async_to_sync(container.audit_trail.append)(entry)

        canaries.hear_rows(connections["default"])

        assert seen() == ["the trail or the outbox"]

    def test_the_outbox_is_checked(self, database: None) -> None:
        payload = {"what": container.ports.tokens.issue().text}
        OutboxModel.objects.create(
            type="x.happened", aggregate_type="x", aggregate_id=new_id(), payload=payload
        )

        canaries.hear_rows(connections["default"])

        assert seen() == ["the trail or the outbox"]


class TestAnswers:
    def write_log(self, response: HttpResponse, path: str = "/api/v1/x") -> list[str]:
        async def answer(request: HttpRequest) -> HttpResponseBase:
            return response

        asyncio.run(canaries.Answers(answer)(RequestFactory().get(path)))
        return seen()

    def test_a_problem_shows_no_token(self) -> None:
        problem = JsonResponse(
            {"detail": container.ports.tokens.issue().text}, content_type="application/problem+json"
        )

        assert self.write_log(problem) == ["a problem document"]

    def test_no_header_shows_a_token(self) -> None:
        response = HttpResponse(headers={"Location": container.ports.tokens.issue().text})

        assert self.write_log(response) == ["a header"]

    def test_no_page_of_the_admin_shows_a_token(self) -> None:
        page = HttpResponse(f"<p>{container.ports.tokens.issue().text}</p>")

        assert self.write_log(page, "/admin/identity/") == ["a page of the admin"]

    def test_an_answer_may_show_a_token_but_no_password(self) -> None:
        assert self.write_log(JsonResponse({"token": container.ports.tokens.issue().text})) == []
        assert self.write_log(JsonResponse({"password": canaries.PASSWORD})) == ["an answer"]


class TestReprs:
    def test_are_checked(self) -> None:
        canaries.watch.hear("a repr", repr({"token": container.ports.tokens.issue().text}))

        assert seen() == ["a repr"]


class TestPostgresLog:
    @pytest.mark.skipif(PASSWORDED, reason="THE LOG OF THIS SERVER IS NOT READ: it is not ours")
    def test_is_checked_after_each_test(self, database: None) -> None:
        Password.from_input("never shown to anybody")
        with connections["default"].cursor() as cursor:
            cursor.execute("DO $$ BEGIN RAISE LOG 'came: never shown to anybody'; END $$")

        canaries.watch.hear("PostgreSQL's own log", server_log.new())

        assert seen() == ["PostgreSQL's own log"]
