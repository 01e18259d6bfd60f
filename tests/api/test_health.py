"""Whether the server lives, and whether it can work."""

import asyncio

import pytest

from dashtam.api import health
from dashtam.container import container
from tests.api.client import Api, problem_of


async def test_the_process_is_live(api: Api) -> None:
    response = await api.get("/health/live")

    assert (response.status_code, response.json()) == (200, {"status": "live"})


async def test_it_is_ready_if_the_database_answers(api: Api) -> None:
    response = await api.get("/health/ready")

    assert (response.status_code, response.json()) == (200, {"status": "ready"})


async def test_it_is_live_and_not_ready_without_the_database(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_answer() -> bool:
        return False

    monkeypatch.setattr(container.health_database, "check_connection", no_answer)

    response = await api.get("/health/ready")
    assert problem_of(response) == (503, "unavailable")
    assert response.headers["Retry-After"] == "5"
    assert (await api.get("/health/live")).status_code == 200


async def test_readiness_has_a_timeout(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang() -> bool:
        await asyncio.Event().wait()
        return True

    monkeypatch.setattr(container.health_database, "check_connection", hang)
    monkeypatch.setattr(health, "PATIENCE_SECONDS", 0.01)

    assert problem_of(await api.get("/health/ready")) == (503, "unavailable")
