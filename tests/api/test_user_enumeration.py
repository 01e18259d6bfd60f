"""No answer and no amount of work reveals whether an email address is registered."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connections

from dashtam.container import container
from domain.identity.entities import User
from domain.identity.values import Password
from domain.shared.result import Success
from tests.api.client import PASSWORD, Api, Reply
from tests.factories import NOON, make_user
from tests.identity_events import registered_as

WHO = ("unknown", "verified", "unverified", "closed")
STATES: dict[str, dict[str, Any]] = {
    "verified": {},
    "unverified": {"verified_at": None},
    "closed": {"erase_after": NOON + timedelta(days=9999)},
}
#: The trace id is new each time.
VARYING = {"Date", "traceparent"}


@pytest.fixture
def queries(database: None) -> Iterator[list[str]]:
    """Statements of SQL, as the database gets them."""
    recorded: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        # A savepoint of a test has a number of its own.
        recorded.append(re.sub(r"\d+", "", sql))
        return execute(sql, params, many, context)

    with connections["default"].execute_wrapper(note):
        yield recorded


async def insert(who: str) -> User | None:
    """Insert a user in this state, with an email address of their own."""
    if who == "unknown":
        return None
    password_hash = await container.ports.hasher.hash(Password(PASSWORD))
    user = make_user(address(who), password_hash=password_hash, **STATES[who])
    async with container.ports.unit_of_work(owner=user.id) as uow:
        assert await container.ports.users.add(user) == Success(None)
        await uow.commit(registered_as(user))
    await container.publisher.drain()
    return user


def address(who: str) -> str:
    # All of one length: the email address itself reveals nothing.
    return f"{who:_<12}@example.org"


def visible_part(reply: Reply) -> tuple[int, dict[str, str], int]:
    """Return what could distinguish answers."""
    headers = {name: value for name, value in reply.headers.items() if name not in VARYING}
    return reply.status_code, headers, len(reply.text)


REQUESTS: dict[str, tuple[str, dict[str, str], int]] = {
    "log-in with a wrong password": ("sessions", {"password": "incorrect horse battery"}, 401),
    "registration": ("users", {"password": "another long password"}, 202),
    "reset": ("password-resets", {}, 202),
    "resend": ("email-verifications", {}, 202),
}


@pytest.mark.parametrize("endpoint", REQUESTS)
async def test_every_email_address_gets_the_same_answer_after_the_same_work(
    queries: list[str], endpoint: str
) -> None:
    route, fields, status = REQUESTS[endpoint]
    answers, work = {}, {}
    for who in WHO:
        await insert(who)
        queries.clear()
        answers[who] = visible_part(await Api().post(route, {"email": address(who), **fields}))
        work[who] = list(queries)

    assert {answer[0] for answer in answers.values()} == {status}
    assert answers == dict.fromkeys(WHO, answers["unknown"])
    assert work == dict.fromkeys(WHO, work["unknown"])
    assert len(work["unknown"]) > 2
    assert not mail.outbox


async def test_the_right_password_does_not_open_a_closed_account(queries: list[str]) -> None:
    answers = {}
    for who in ("unknown", "unverified", "closed"):
        await insert(who)
        body = {"email": address(who), "password": PASSWORD}
        answers[who] = visible_part(await Api().post("sessions", body))

    assert answers == dict.fromkeys(answers, answers["unknown"])
    assert answers["unknown"][0] == 401


async def test_an_invalid_email_address_is_answered_alike(database: None) -> None:
    for route in ("password-resets", "email-verifications"):
        good = await Api().post(route, {"email": address("unknown")})
        for text in ("", "nobody", "a@b", "x" * 300):
            assert visible_part(await Api().post(route, {"email": text})) == visible_part(good)
