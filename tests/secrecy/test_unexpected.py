"""Unexpected errors are logged with a traceback, and without any secret."""

import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any, NoReturn

import pytest
import structlog
from django.conf import settings
from django.db import connections

from adapters.security.passwords import LowMemoryArgon2
from adapters.security.tokens import RandomTokens
from dashtam.api import http
from dashtam.container import container
from dashtam.logging import configure
from tests.api.client import PASSWORD, Api, problem_of

ADA = {"email": "ada@example.org", "password": PASSWORD}
PRIVATE = (PASSWORD, "ada@example.org", "argon2id$")


@pytest.fixture(params=[True, False], ids=["json", "for people"])
def log(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[StringIO]:
    """Everything that is logged, as it is written in production or development."""
    # A logger caches its first formatting.
    monkeypatch.setattr(http, "logger", structlog.get_logger(http.__name__))
    out = StringIO()
    configure(production=request.param, level="DEBUG")
    handler = logging.getLogger().handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(out)
    yield out
    configure(production=settings.PRODUCTION, level=settings.LOG_LEVEL)


@pytest.fixture
def api(database: None) -> Api:
    # It hashes once when it is made.
    assert container.ports.hasher
    return Api(delivers=True)


def broken(*args: Any, **kwargs: Any) -> NoReturn:
    """Have every secret at hand, and fail."""
    raise RuntimeError("something broke")


async def refuse_rows(table: str) -> None:
    """Have PostgreSQL refuse every row of a table, and print it in the error."""
    await container.database.run(_refuse_rows, table)


def _refuse_rows(table: str) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT never CHECK (false) NOT VALID")


async def test_a_failing_hasher_reveals_no_secret(
    api: Api, log: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LowMemoryArgon2, "encode", broken)

    assert problem_of(await api.post("users", ADA)) == (500, "internal-error")

    log_text = log.getvalue()
    assert "RuntimeError: something broke" in log_text
    assert "Traceback" in log_text
    assert [secret for secret in PRIVATE if secret in log_text] == []


async def test_a_failing_token_issuer_reveals_no_secret(
    api: Api, log: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    await api.log_in()
    api.token = ""
    monkeypatch.setattr(RandomTokens, "issue", broken)

    assert problem_of(await api.post("sessions", ADA)) == (500, "internal-error")

    log_text = log.getvalue()
    assert "RuntimeError: something broke" in log_text
    assert "Traceback" in log_text
    assert [secret for secret in PRIVATE if secret in log_text] == []


async def test_a_failing_table_reveals_no_secret(api: Api, log: StringIO) -> None:
    await refuse_rows("identity_user")

    assert (await api.post("users", ADA)).status_code >= 500

    log_text = log.getvalue()
    assert "CheckViolation" in log_text or "IntegrityError" in log_text
    assert [secret for secret in PRIVATE if secret in log_text] == []
