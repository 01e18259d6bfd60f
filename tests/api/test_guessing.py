"""How often a password may be guessed, over HTTP, with transactions that commit."""

import asyncio
from typing import Any

import pytest
from django.conf import LazySettings

from adapters.persistence.identity.models import SessionModel
from dashtam.container import container
from domain.shared.limits import GUESS_WINDOW, GUESSES_OF_ACCOUNT
from tests.api.client import PASSWORD, Api, Reply, problem_of
from tests.trail import times_told

ADA = {"email": "ada@example.org", "password": PASSWORD}
WRONG = {**ADA, "password": "incorrect horse battery staple"}
LIMITED = (429, "too-many-requests")


@pytest.fixture
def evaluated(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """What the hasher was asked, and said."""
    seen: list[bool] = []
    verify = container.hasher.verify

    async def noted(*args: Any) -> bool:
        seen.append(await verify(*args))
        return seen[-1]

    monkeypatch.setattr(container.hasher, "verify", noted)
    return seen


async def enter() -> Api:
    """Register and prove the address; who logs in is another client."""
    return await Api(delivers=True).log_in()


async def at_once(count: int, body: dict[str, str]) -> list[Reply]:
    return await asyncio.gather(*(Api().post("sessions", body) for _ in range(count)))


async def entries(reason: str) -> int:
    return await times_told("login.failed", reason=reason)


@pytest.mark.usefixtures("committing_database")
class TestParallelGuesses:
    async def test_at_most_ten_of_a_hundred_wrong_ones_are_evaluated(
        self, evaluated: list[bool]
    ) -> None:
        await enter()
        evaluated.clear()

        replies = await at_once(100, WRONG)

        assert evaluated == [False] * GUESSES_OF_ACCOUNT
        told = [problem_of(reply) for reply in replies]
        assert told.count((401, "invalid-credentials")) == GUESSES_OF_ACCOUNT
        assert told.count(LIMITED) == 100 - GUESSES_OF_ACCOUNT
        assert await entries("wrong-password") == GUESSES_OF_ACCOUNT
        assert await entries("limited") == 100 - GUESSES_OF_ACCOUNT

    async def test_twelve_right_ones_are_all_let_in(self) -> None:
        await enter()

        replies = await at_once(12, ADA)

        assert [reply.status_code for reply in replies] == [201] * 12


@pytest.mark.usefixtures("committing_database")
class TestALimitedAccount:
    async def test_takes_not_even_the_right_password_and_says_how_long(
        self, evaluated: list[bool]
    ) -> None:
        await enter()
        await at_once(GUESSES_OF_ACCOUNT, WRONG)
        evaluated.clear()

        (refused,) = await at_once(1, ADA)

        assert (problem_of(refused), evaluated) == (LIMITED, [])
        assert 1 <= int(refused.headers["Retry-After"]) <= GUESS_WINDOW.total_seconds()

    async def test_is_the_same_whether_or_not_it_is_there(self) -> None:
        await enter()
        nobody = {**WRONG, "email": "eve@example.org"}
        for body in (WRONG, nobody):
            await at_once(GUESSES_OF_ACCOUNT, body)

        known, unknown = [(await at_once(1, body))[0] for body in (WRONG, nobody)]

        assert problem_of(known) == problem_of(unknown) == LIMITED
        assert len(known.text) == len(unknown.text)
        assert known.headers.keys() == unknown.headers.keys()

    async def test_locks_nobody_else_out(self) -> None:
        await enter()
        await at_once(GUESSES_OF_ACCOUNT, {**WRONG, "email": "eve@example.org"})

        assert (await at_once(1, ADA))[0].status_code == 201

    async def test_is_no_way_round_by_a_session(self) -> None:
        """A stolen session does not help to guess the password that a fresh proof asks for."""
        api = await enter()
        wrong = {"password": WRONG["password"]}
        for _ in range(GUESSES_OF_ACCOUNT):
            assert problem_of(await api.put("sessions/current", wrong))[0] == 401

        assert problem_of(await api.put("sessions/current", {"password": PASSWORD})) == LIMITED
        assert problem_of((await at_once(1, ADA))[0]) == LIMITED


@pytest.mark.usefixtures("committing_database")
async def test_a_network_that_guesses_at_many_accounts_is_stopped(settings: LazySettings) -> None:
    settings.RATE_LIMIT_SCALE = 1000
    await enter()
    for number in range(10):
        await at_once(GUESSES_OF_ACCOUNT, {**WRONG, "email": f"user{number}@example.org"})

    assert problem_of((await at_once(1, ADA))[0]) == LIMITED
    assert await SessionModel.objects.acount() == 1
