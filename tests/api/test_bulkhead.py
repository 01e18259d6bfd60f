"""One user's flood: what the others, and those who watch, see of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import Context
from datetime import UTC, datetime, timedelta

import pytest

from adapters.persistence.database import Bounds
from dashtam.container import container
from domain.shared.result import Success
from tests.api.client import Api, Reply, problem_of
from tests.api.endpoints import somebody
from tests.shared_connection import open_transactions
from tests.statements import ofx
from tests.waiting import locked, until_waiting

YEAR = "net-worth?date_from=2026-01-01&date_to=2026-12-31"
LOCK = "LOCK TABLE ledger_balance IN ACCESS EXCLUSIVE MODE"


@pytest.fixture
def allow_long_transaction(committing_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A read may wait for a lock as long as the test holds it."""
    monkeypatch.setattr(container.database, "_bounds", Bounds(reading=60.0))


@pytest.fixture
def hurried(committing_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A read has almost no time."""
    monkeypatch.setattr(container.database, "_bounds", Bounds(reading=0.1))


async def many(api: Api, path: str, count: int) -> "list[asyncio.Task[Reply]]":
    return [asyncio.create_task(api.get(path), context=Context()) for _ in range(count)]


@asynccontextmanager
async def all_slots_used() -> AsyncIterator[None]:
    """Let the server's own work lease every connection that requests could use."""
    async with AsyncExitStack() as stack:
        for _ in range(container.database.state.size):
            await stack.enter_async_context(container.database.transaction(separate=True))
        yield


async def test_forty_requests_of_one_user_leave_room_for_another(
    allow_long_transaction: None,
) -> None:
    ada, bob = await Api().enter(), await Api().enter("bob@example.org")
    assert (await bob.get("users/me")).status_code == 200
    async with locked(LOCK):
        flood = await many(ada, YEAR, 40)
        await until_waiting(3)

        assert (await bob.get("users/me")).status_code == 200
        assert (await bob.get("nothing-here")).status_code == 404
        assert (await Api().get("/health/ready")).status_code == 200

        assert open_transactions(container.database, ada.user.id) == 3
        await asyncio.wait(flood, return_when=asyncio.FIRST_COMPLETED)
        assert open_transactions(container.database, ada.user.id) == 3
    answers = await asyncio.gather(*flood)

    served = [each for each in answers if each.status_code == 200]
    refused = [each for each in answers if each.status_code != 200]
    assert len(served) >= 3
    assert {problem_of(each) for each in refused} == {(429, "too-many-requests")}
    assert {each.headers["Retry-After"] for each in refused} == {"2"}
    assert (await ada.get(YEAR)).status_code == 200


async def test_api_tokens_count_with_their_user(allow_long_transaction: None) -> None:
    ada = await somebody()
    async with locked(LOCK):
        flood = [*await many(ada.api, YEAR, 2), *await many(await ada.api.reconnected(), YEAR, 2)]
        await until_waiting(3)

        await asyncio.wait(flood, return_when=asyncio.FIRST_COMPLETED)
        assert open_transactions(container.database, ada.api.user.id) == 3
    statuses = [each.status_code for each in await asyncio.gather(*flood)]

    assert sorted(statuses) == [200, 200, 200, 429]


async def test_monitoring_does_not_wait_for_a_connection(committing_database: str) -> None:
    async with all_slots_used():
        assert (await Api().get("/health/ready")).status_code == 200
        assert "dashtam_outbox_lag_seconds" in (await Api().get("/metrics")).text


async def test_overload_is_answered_as_such(hurried: None) -> None:
    ada = await Api().enter()
    async with locked(LOCK):
        reply = await ada.get(YEAR)

    assert problem_of(reply) == (422, "too-much-asked")
    assert "a shorter period" in reply.json()["detail"]
    assert "Retry-After" not in reply.headers
    trail = await container.staff.ports.audit_trail.since(
        datetime.now(UTC) - timedelta(days=1), limit=1000
    )
    assert isinstance(trail, Success)
    last = trail.value[-1]
    assert (last.action, last.details) == ("net_worth.view", {"error": "too-much-asked"})


async def test_a_write_has_more_time(hurried: None) -> None:
    ada = await Api().enter()
    async with locked(LOCK):
        importing = asyncio.create_task(ada.upload(ofx()), context=Context())
        await until_waiting(1)
        assert problem_of(await ada.get(YEAR)) == (422, "too-much-asked")
        assert not importing.done()

    assert (await importing).status_code == 201
