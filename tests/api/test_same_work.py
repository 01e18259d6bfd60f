"""All refused log-ins get the same answer after the same work."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.db.models import F

from adapters.persistence.identity.models import UserModel
from tests.api.client import Api, problem_of
from tests.api.second_factors import WHO, confirmed

pytestmark = pytest.mark.usefixtures("real_argon2")

WRONG = "incorrect horse battery"


@pytest.fixture
def statements(database: None) -> Iterator[list[str]]:
    """SQL statements as the database receives them, without parameters."""
    recorded: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        recorded.append(re.sub(r"\d+", "…", sql))
        return execute(sql, params, many, context)

    with connections["default"].execute_wrapper(note):
        yield recorded


async def refused(api: Api, statements: list[str], **changes: str) -> tuple[list[str], object]:
    """Try to log in; return the work and the answer."""
    statements.clear()
    reply = await api.post("sessions", {**WHO, **changes})
    assert problem_of(reply) == (401, "invalid-credentials")
    answer = {**reply.json(), "trace_id": ""}
    return list(statements), (answer, reply.headers.get("WWW-Authenticate"), len(reply.text))


async def test_refused_log_ins_do_the_same_work(api: Api, statements: list[str]) -> None:
    await api.post("users", WHO)
    unverified = await refused(api, statements)
    await UserModel.objects.aupdate(verified_at=F("registered_at"))
    wrong = await refused(api, statements, password=WRONG)
    unknown = await refused(api, statements, email="eve@example.org")
    await UserModel.objects.aupdate(erase_after=F("registered_at") + timedelta(days=14))
    closed = await refused(api, statements)

    assert unverified == wrong == unknown == closed
    assert len(wrong[0]) > 2


async def test_a_second_factor_is_not_revealed_without_the_password(
    api: Api, statements: list[str]
) -> None:
    await api.log_in()
    before = await refused(api, statements, password=WRONG)
    device, codes = await confirmed(api)

    for code in ("", device.code(1), device.wrong(), codes[0]):
        assert await refused(api, statements, password=WRONG, code=code) == before
