"""Django's own middleware sees the admin's requests, and no others."""

import pytest
from django.conf import settings
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.checks import run_checks
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.security import SecurityMiddleware
from django.test import Client
from django.utils.module_loading import import_string

from tests.api.client import Api


@pytest.fixture
def session_accesses(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses for which a session was looked for."""
    recorded: list[str] = []
    look = SessionMiddleware.process_request

    def record(self: SessionMiddleware, request: object) -> object:
        recorded.append(request.path)  # type: ignore[attr-defined]  # a request has one
        return look(self, request)  # type: ignore[arg-type]

    monkeypatch.setattr(SessionMiddleware, "process_request", record)
    return recorded


def test_the_admin_has_sessions(
    database: None, client: Client, session_accesses: list[str]
) -> None:
    client.get("/admin/login/")

    assert session_accesses == ["/admin/login/"]


async def test_the_api_has_no_sessions(api: Api, session_accesses: list[str]) -> None:
    response = await api.get("accounts")

    assert session_accesses == []
    assert "Set-Cookie" not in response.headers


async def test_the_api_needs_no_csrf_token(api: Api) -> None:
    assert (await api.enter()).token


@pytest.mark.parametrize(
    ("check", "middleware"),
    [
        ("security.W001", SecurityMiddleware),
        ("security.W002", XFrameOptionsMiddleware),
        ("security.W003", CsrfViewMiddleware),
    ],
)
def test_the_target_of_a_silenced_check_exists(check: str, middleware: type) -> None:
    """The checks look for Django's names; ours derive from Django's."""
    assert check in settings.SILENCED_SYSTEM_CHECKS
    there = [import_string(path) for path in settings.MIDDLEWARE]
    assert any(issubclass(each, middleware) for each in there)


def test_no_other_check_is_silenced() -> None:
    assert len(settings.SILENCED_SYSTEM_CHECKS) == 3


def test_the_admin_works_with_its_middleware() -> None:
    assert run_checks() == []
