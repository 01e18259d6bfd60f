"""Log lines reach CloudWatch without delaying or failing the code that logs."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
import structlog
from moto import mock_aws

from adapters.cloudwatch import CloudWatch, Stream, stream_to
from tests.waiting import until

GROUP = "dashtam-tests"
REGION = {"region_name": "eu-central-1"}


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")


@pytest.fixture
def log() -> Iterator[logging.Logger]:
    """A logger of its own, whose handlers end with the test."""
    logger = logging.getLogger("tests.cloudwatch")
    logger.setLevel(logging.INFO)
    yield logger
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()


def sent() -> list[str]:
    """Return what CloudWatch has, oldest first."""
    client = boto3.client("logs", **REGION)
    groups = client.describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"]
    if not groups:
        return []
    events = client.filter_log_events(logGroupName=GROUP)["events"]
    return [event["message"] for event in events]


def away() -> logging.Handler:
    """Fail like an unreachable CloudWatch: with the client's own error."""
    client = boto3.client("logs", endpoint_url="http://127.0.0.1:9", **REGION)
    client.describe_log_groups()
    raise AssertionError("something answers")


@mock_aws
def test_lines_are_sent_as_written(log: logging.Logger) -> None:
    handler = CloudWatch(lambda: stream_to(GROUP, **REGION))
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(processor=structlog.processors.JSONRenderer())
    )
    log.addHandler(handler)

    log.info("first")
    log.warning("second")
    log.handlers.clear()
    handler.close()

    assert [json.loads(line)["event"] for line in sent()] == ["first", "second"]


@mock_aws
def test_log_lines_of_the_sender_are_not_sent(log: logging.Logger) -> None:
    handler = CloudWatch(lambda: stream_to(GROUP, **REGION))
    for name in ("botocore.endpoint", "urllib3.connectionpool", "py.warnings"):
        handler.handle(logging.LogRecord(name, logging.INFO, "", 0, "about sending", (), None))
    handler.handle(logging.LogRecord("dashtam", logging.INFO, "", 0, "a line", (), None))
    handler.close()

    assert sent() == ["a line"]


def test_nobody_waits_while_it_is_unreachable(log: logging.Logger) -> None:
    handler = CloudWatch(away, max_waiting=3, retry=3600)
    log.addHandler(handler)

    for number in range(10):
        log.info("line %s", number)

    assert (handler.waiting, handler.dropped) == (3, 7)


@mock_aws
def test_resumes_and_reports_what_was_dropped(log: logging.Logger) -> None:
    attempts: list[Any] = []

    def at_last() -> Stream:
        attempts.append(None)
        if len(attempts) < 3:
            raise ConnectionError
        return stream_to(GROUP, **REGION)

    handler = CloudWatch(at_last, retry=0)
    handler.dropped = 2
    log.addHandler(handler)
    log.info("before")
    until(lambda: len(attempts) == 3)
    log.info("after")
    log.handlers.clear()
    handler.close()

    assert sent() == ["before [2 lines before were dropped]", "after"]


def test_a_line_that_cannot_be_sent_delays_no_other(log: logging.Logger) -> None:
    received: list[str] = []

    class Picky(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "bad" in record.msg:
                raise ValueError(record.msg)
            received.append(record.msg)

    handler = CloudWatch(Picky)
    log.addHandler(handler)
    for line in ("first", "bad", "bad as well", "last"):
        log.info(line)
    log.handlers.clear()
    handler.close()

    assert received == ["first", "last [2 lines before were dropped]"]
