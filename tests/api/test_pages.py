"""Pages and assets of the admin: limits per network, and one line in the log."""

import logging

import pytest
from django.conf import LazySettings

from dashtam.capacity import Capacity, Shortage
from dashtam.http_server.rate_limited_log import RateLimitedLog
from tests.api.client import Api, Elsewhere, problem_of
from tests.api.test_limits import TIGHT

PATHS = ("/admin/login/", "/static/admin/css/base.css", "/static/../x", "/admin/nothing/")


def lines(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """Return what is logged about requests, by us or by Django."""
    loggers = ("dashtam", "django", "uvicorn")
    return [
        record
        for record in caplog.records
        if record.name.startswith(loggers)
        and record.levelno >= logging.INFO
        and "database" not in record.name
    ]


@pytest.mark.parametrize("path", PATHS)
async def test_pages_are_limited_by_network(api: Api, settings: LazySettings, path: str) -> None:
    settings.RATE_LIMIT_SCALE = TIGHT
    assert (await api.get(path)).status_code < 500

    assert problem_of(await api.get(path)) == (429, "too-many-requests")
    assert (await Elsewhere("192.0.2.7").get(path)).status_code != 429


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/admin/login/", {"Host": "evil.example"}),
        ("/static/../x", {}),
        ("/static/..%2f..%2fx", {}),
        ("/admin/login/", {"Host": "evil example"}),
    ],
)
async def test_a_bad_request_is_one_log_line(
    api: Api, caplog: pytest.LogCaptureFixture, path: str, headers: dict[str, str]
) -> None:
    reply = await api.get(path, **headers)

    assert 400 <= reply.status_code < 500
    (line,) = lines(caplog)
    assert line.exc_info is None
    assert "evil" not in line.getMessage()


async def test_the_log_line_has_djangos_reason(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    await api.get("/admin/login/", Host="evil.example")

    (line,) = lines(caplog)
    assert isinstance(line.msg, dict)
    assert (line.msg["status"], line.msg["refused"]) == (400, "DisallowedHost")


class TestSlots:
    def test_are_limited_per_user_and_in_total(self) -> None:
        capacity = Capacity(2, 3)

        assert [capacity.reserve({name}) for name in "aaabb"] == [
            None,
            None,
            Shortage.SHARE,
            None,
            Shortage.TOTAL,
        ]

    def test_of_several_keys_are_acquired_together_or_not_at_all(self) -> None:
        capacity = Capacity(1, 9)
        capacity.reserve({"user"})

        assert capacity.reserve({"network", "user"}) is Shortage.SHARE
        assert capacity.reserve({"network"}) is None

    def test_are_deleted_when_released(self) -> None:
        capacity = Capacity(5, 5)
        capacity.reserve({"a", "b"}, 5)
        capacity.release({"a", "b"}, 5)

        assert (capacity.used, len(capacity)) == (0, 0)


def test_a_flood_is_one_line_with_a_count(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    log = RateLimitedLog(every=3600)
    for _ in range(50):
        log.info("request.refused", status=400)
    log._last.clear()
    log.info("request.refused", status=400)

    assert [record.msg["left_out"] for record in lines(caplog)] == [0, 49]  # type: ignore[index]
