"""The number of a user's accounts is limited, however they are imported."""

import asyncio
from contextvars import Context
from typing import Any

from django.conf import settings

from tests.api.client import Api, problem_of
from tests.statements import ofx, statement, transaction
from tests.waiting import locked, until_waiting

MOST = settings.ACCOUNTS_PER_USER
ADDS_ONE = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


def accounts(first: int, count: int, *, name: str = "Coffee house") -> bytes:
    row = transaction(name=name)
    return ofx(*(statement(row, number=str(n)) for n in range(first, first + count)))


async def all_of(api: Api, path: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await api.get(path)).json()["items"]
    return items


async def test_an_import_that_adds_too_many_accounts_changes_nothing(api: Api) -> None:
    await api.enter()

    for path in ("imports", "imports/preview"):
        refused = await api.upload(accounts(1, MOST + 1), path=path)
        assert problem_of(refused) == (409, "too-many-accounts")
        assert f"{MOST} accounts" in refused.json()["detail"]

    assert await all_of(api, "accounts") == await all_of(api, "imports") == []


async def test_a_user_with_all_accounts_can_still_import(api: Api) -> None:
    await api.enter()
    assert (await api.upload(accounts(1, MOST))).status_code == 201

    assert problem_of(await api.upload(accounts(MOST + 1, 1)))[0] == 409
    imported = await api.upload(ofx(statement(transaction(fitid="F2"), number="7")))

    assert imported.status_code == 201
    assert len(await all_of(api, "accounts")) == MOST


async def test_a_large_file_fails_with_the_same_message(api: Api) -> None:
    await api.enter()
    content = accounts(1, MOST + 1) + b" " * settings.IMPORT_BACKGROUND_BYTES

    queued = await api.upload(content)

    assert queued.status_code == 202
    ended = (await api.get(f"imports/{queued.json()['id']}")).json()
    assert (ended["status"], ended["error"]["code"]) == ("failed", "too-many-accounts")
    assert await all_of(api, "accounts") == []


async def test_two_concurrent_imports_cannot_exceed_the_limit(committing_database: str) -> None:
    api = await Api().enter()
    assert (await api.upload(accounts(1, MOST - 1))).status_code == 201
    files = [accounts(MOST + n, 1) for n in range(2)]

    async with locked(ADDS_ONE, f"accounts of {api.user.id}"):
        both = [asyncio.create_task(api.upload(file), context=Context()) for file in files]
        await until_waiting(2)
    statuses = sorted(reply.status_code for reply in await asyncio.gather(*both))

    assert statuses == [201, 409]
    assert len(await all_of(api, "accounts")) == MOST
