"""Pages of other origins ask from a browser only where the settings name them."""

import json
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings

from tests.api.client import Api
from tests.commands.test_processes import environment, manage

# Settings are read once, so each of them needs a process; no address below needs a database.
ASK = """
import asyncio, json, sys
import django
django.setup()
from tests.api.client import Client

async def ask():
    method, path, headers = json.loads(sys.stdin.read())
    reply = await getattr(Client(), method)(path, headers={**headers, "Host": "localhost"})
    print(json.dumps([reply.status_code, {k.lower(): v for k, v in reply.headers.items()}]))

asyncio.run(ask())
"""
APP, EVIL = "https://app.example", "https://evil.example"
PREFLIGHT = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization",
}


def ask(
    origins: str, method: str, path: str = "/api/v1/nothing", **headers: str
) -> tuple[int, dict[str, Any]]:
    """Ask an installation with this setting; return its status, and headers of CORS alone."""
    ended = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=settings.ROOT,
        env=environment(
            CORS_ORIGINS=origins,
            DJANGO_SETTINGS_MODULE="dashtam.settings",
            LOG_LEVEL="CRITICAL",
            # Nothing listens there: whatever needs a database reports an outage.
            DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing",
        ),
        input=json.dumps([method, path, headers]),
        capture_output=True,
        text=True,
        check=True,
    )
    status, output = json.loads(ended.stdout)
    return status, {k: v for k, v in output.items() if k.startswith("access-control")}


async def test_it_is_off_by_default(api: Api) -> None:
    reply = await api.get("accounts", Origin=APP)
    assert [name for name in reply.headers if name.lower().startswith("access-control")] == []

    preflight = await api.call("options", "users", headers={"Origin": APP, **PREFLIGHT})
    assert [name for name in preflight.headers if name.lower().startswith("access-control")] == []


@pytest.mark.slow
def test_without_a_setting_there_are_no_headers() -> None:
    assert ask("", "options", Origin=APP, **PREFLIGHT)[1] == {}


@pytest.mark.slow
def test_an_allowed_origin_may_send_requests() -> None:
    status, answer = ask(f"{APP},http://localhost:3000", "get", Origin=APP)

    assert status == 404
    assert answer == {
        "access-control-allow-origin": APP,
        "access-control-expose-headers": "content-disposition, retry-after, traceparent",
    }


@pytest.mark.slow
def test_an_allowed_origin_learns_methods_and_headers() -> None:
    status, answer = ask(APP, "options", "/api/v1/users", Origin=APP, **PREFLIGHT)

    assert status == 200
    assert answer["access-control-allow-origin"] == APP
    assert "POST" in answer["access-control-allow-methods"]
    assert answer["access-control-allow-headers"] == "authorization, content-type, traceparent"
    # No cookies for any origin.
    assert "access-control-allow-credentials" not in answer


@pytest.mark.parametrize(
    "origin", [EVIL, "http://app.example", f"{APP}:8443", f"{APP}.evil.example", "null", ""]
)
@pytest.mark.slow
def test_other_origins_are_refused(origin: str) -> None:
    assert ask(APP, "options", "/api/v1/users", Origin=origin, **PREFLIGHT)[1] == {}


@pytest.mark.slow
def test_the_admin_allows_no_other_origin() -> None:
    assert ask(APP, "options", "/admin/login/", Origin=APP, **PREFLIGHT)[1] == {}


@pytest.mark.parametrize(
    "origins", ["*", "null", f"{APP}/", f"{APP}/x", "app.example", "https://*"]
)
@pytest.mark.slow
def test_origins_are_compared_exactly(origins: str) -> None:
    ended = manage("check", CORS_ORIGINS=origins)

    assert ended.returncode != 0
    assert "CORS_ORIGINS" in ended.stderr


@pytest.mark.slow
@pytest.mark.parametrize("scale", ["0", "-1", "1e-4", "1e7", "inf", "nan", "much"])
def test_the_preflight_lifetime_is_limited(scale: str) -> None:
    ended = manage("check", RATE_LIMIT_SCALE=scale)

    assert ended.returncode != 0
    assert "RATE_LIMIT_SCALE" in ended.stderr
