"""Origins of requests, and the log line of each request."""

import asyncio
import json
import logging
from collections.abc import Iterator
from io import StringIO
from ipaddress import ip_network
from typing import Any

import pytest
import structlog
from django.db.backends.signals import connection_created
from django.http import HttpRequest
from django.test import RequestFactory
from structlog.testing import capture_logs

from adapters.audit.models import AuditEntryModel
from adapters.persistence.echo import echo_statements
from dashtam.logging import configure
from dashtam.proxies import client_address
from domain.audit.origin import Origin, origin
from tests.api.client import PASSWORD, Api

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PROXIES = [ip_network("10.0.0.0/8"), ip_network("::1")]


def request_from(address: str, forwarded: str = "") -> HttpRequest:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return RequestFactory().get("/", REMOTE_ADDR=address, headers=headers)


@pytest.mark.parametrize(
    ("address", "forwarded", "believed"),
    [
        ("192.0.2.7", "", "192.0.2.7"),
        ("192.0.2.7", "198.51.100.1", "192.0.2.7"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "10.0.0.2", "10.0.0.2"),
        ("::1", "2001:db8::1", "2001:db8::1"),
        ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("::ffff:192.0.2.7", "198.51.100.1", "192.0.2.7"),
        ("10.0.0.1", "198.51.100.1:4433", "198.51.100.1"),
        ("10.0.0.1", "[2001:db8::1]:443", "2001:db8::1"),
        ("10.0.0.1", "[2001:db8::1]", "2001:db8::1"),
        ("10.0.0.1", "198.51.100.1:4433, 10.0.0.2:80", "198.51.100.1"),
        ("10.0.0.1", "[::ffff:198.51.100.1]:443", "198.51.100.1"),
        ("10.0.0.1", "[fe80::1%eth0]:443", "fe80::1"),
        ("10.0.0.1", "198.51.100.1:", "10.0.0.1"),
        ("10.0.0.1", "[]:443", "10.0.0.1"),
        ("10.0.0.1", ":443", "10.0.0.1"),
        ("10.0.0.1", "unknown", "10.0.0.1"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "nonsense, 198.51.100.1", "198.51.100.1"),
        ("fe80::1%eth0", "", "fe80::1"),
        ("10.0.0.1", "fe80::1%eth0", "fe80::1"),
        ("", "198.51.100.1", None),
        ("testclient", "198.51.100.1", None),
    ],
)
def test_only_trusted_proxies_are_believed(
    address: str, forwarded: str, believed: str | None
) -> None:
    assert client_address(request_from(address, forwarded), PROXIES) == believed


def test_without_proxies_no_header_is_believed() -> None:
    assert client_address(request_from("10.0.0.1", "198.51.100.1"), []) == "10.0.0.1"


@pytest.mark.parametrize(
    "traceparent",
    [
        *("", "nonsense", f"01-{TRACE}-00f067aa0ba902b7-01", f"00-{'0' * 32}-00f067aa0ba902b7-01"),
        *(f"00-{TRACE}-{'0' * 16}-01", f"00-{TRACE.upper()}-00f067aa0ba902b7-01"),
    ],
)
async def test_an_invalid_trace_is_replaced(api: Api, traceparent: str) -> None:
    response = await api.get("/health/live", traceparent=traceparent)

    version, trace_id, parent, flags = response.headers["traceparent"].split("-")
    assert (version, len(trace_id), len(parent), flags) == ("00", 32, 16, "01")
    assert trace_id not in (TRACE, "0" * 32)


async def test_a_trace_is_continued(api: Api) -> None:
    response = await api.get("/health/live", traceparent=f"00-{TRACE}-00f067aa0ba902b7-00")

    assert response.headers["traceparent"].startswith(f"00-{TRACE}-")
    assert "00f067aa0ba902b7" not in response.headers["traceparent"]


async def test_the_origin_ends_with_its_request(api: Api) -> None:
    before = origin.get()

    await api.get("/health/live", traceparent=f"00-{TRACE}-00f067aa0ba902b7-00")

    assert origin.get() == before


async def test_concurrent_requests_have_separate_origins(api: Api) -> None:
    clients = [await Api().enter(f"person{n}@example.org") for n in range(8)]
    traces = [f"{n:032x}" for n in range(1, 9)]

    await asyncio.gather(
        *(
            client.get(
                "users/me",
                traceparent=f"00-{trace}-00f067aa0ba902b7-01",
                **{"User-Agent": f"agent {trace}"},
            )
            for client, trace in zip(clients, traces, strict=True)
        )
    )

    entries = [entry async for entry in AuditEntryModel.objects.filter(action="user.viewed")]
    assert sorted(entry.trace_id for entry in entries) == traces
    assert all(entry.user_agent == f"agent {entry.trace_id}" for entry in entries)
    assert len({entry.actor_id for entry in entries}) == len(clients)
    assert all(entry.actor_id == entry.resource_id for entry in entries)


async def test_a_user_agent_is_truncated_and_cleaned(api: Api) -> None:
    await api.enter()

    await api.get("users/me", **{"User-Agent": "a\x1b[31m" + "b" * 400})

    entry = await AuditEntryModel.objects.aget(action="user.viewed")
    assert entry.user_agent == "a[31m" + "b" * 250


@pytest.fixture
def log() -> Iterator[StringIO]:
    """Everything that is logged, as production logs it."""
    out = StringIO()
    configure(production=True, level="DEBUG")
    handler = logging.getLogger().handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(out)
    yield out
    configure(production=False, level="INFO")


def lines(log: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


async def test_a_request_is_one_log_line(api: Api, log: StringIO) -> None:
    await api.get("accounts/01a20aab-a020-7b3b-8000-e8b052690e30?limit=7")

    (line,) = [each for each in lines(log) if each["event"] == "request"]
    assert line["method"] == "GET"
    assert line["route"] == "api/v1/accounts/<uuid:account_id>"
    assert line["status"] == 401
    assert line["level"] == "info"
    assert len(line["trace_id"]) == 32
    assert "01a20aab" not in log.getvalue()


async def test_every_log_line_of_a_request_has_its_trace(api: Api, log: StringIO) -> None:
    api.delivers = False
    await api.post(
        "users",
        {"email": "ada@example.org", "password": PASSWORD},
        traceparent=f"00-{TRACE}-00f067aa0ba902b7-01",
    )

    log_lines = lines(log)
    operations = [line for line in log_lines if line["event"] == "database.done"]
    assert {"DjangoUserRepository.add"} <= {line["operation"] for line in operations}
    assert {line.get("trace_id") for line in log_lines} == {TRACE}


async def test_no_secret_and_no_personal_text_is_logged(api: Api, log: StringIO) -> None:
    await api.log_in("ada@example.org")
    await api.post("sessions", {"email": "ada@example.org", "password": "wrong " + PASSWORD})
    await api.get("users/me")

    assert "database.done" in log.getvalue()
    for secret in (PASSWORD, api.token, "ada@example.org", "argon2"):
        assert secret not in log.getvalue()


async def test_an_echoed_statement_shows_no_values(committing_database: str, log: StringIO) -> None:
    echo_statements()
    try:
        await Api().log_in("ada@example.org")
    finally:
        connection_created.disconnect(dispatch_uid="echo_statements")

    statements = [line["sql"] for line in lines(log) if line["event"] == "database.statement"]
    assert any(sql.startswith("INSERT INTO identity_user") for sql in statements)
    for secret in (PASSWORD, "ada@example.org", "argon2"):
        assert secret not in log.getvalue()


def test_a_secret_is_hidden_for_every_logger(log: StringIO) -> None:
    structlog.get_logger("test").info("x", password="hunter2", database_url="u:p@h", rows=3)

    (line,) = lines(log)
    assert (line["password"], line["database_url"], line["rows"]) == ("[hidden]", "[hidden]", 3)


def test_other_libraries_log_in_the_same_format(log: StringIO) -> None:
    before = origin.set(Origin(trace_id=TRACE))
    try:
        logging.getLogger("somebody.else").warning("disk is %s", "full")
    finally:
        origin.reset(before)

    (line,) = lines(log)
    assert (line["event"], line["level"], line["logger"]) == (
        "disk is full",
        "warning",
        "somebody.else",
    )
    assert line["trace_id"] == TRACE


def test_a_traceback_is_one_line_of_json(log: StringIO) -> None:
    try:
        raise KeyError("x")
    except KeyError:
        structlog.get_logger("test").exception("failed")

    (line,) = lines(log)
    assert "KeyError" in line["exception"]


def test_development_shows_where_it_failed_but_no_variables(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def log_in(password: str) -> None:
        raise ValueError(len(password))

    configure(production=False, level="INFO")
    try:
        log_in("-".join(["canary", "canary"]))
    except ValueError:
        structlog.get_logger("test").exception("failed")
    output = capsys.readouterr().err
    configure(production=False, level="INFO")

    assert "in log_in" in output
    assert "canary-canary" not in output


def test_development_logs_are_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    configure(production=False, level="INFO")
    try:
        structlog.get_logger("test").info("hello", rows=3)
        output = capsys.readouterr().err
    finally:
        configure(production=False, level="INFO")

    assert "hello" in output
    assert "rows=3" in output


def test_an_existing_logger_works_after_logging_is_reconfigured() -> None:
    logger = structlog.get_logger("test")
    logger.info("used")
    configure(production=False, level="INFO")

    with capture_logs() as logged:
        logger.info("heard")

    assert [each["event"] for each in logged] == ["heard"]
