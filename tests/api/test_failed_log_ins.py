"""How often a password may be guessed, over HTTP, with transactions that commit."""

import asyncio
from typing import Any

import pytest
from django.conf import LazySettings

from adapters.persistence.identity.models import SessionModel
from dashtam.container import container
from domain.shared.limits import (
    ATTEMPT_WINDOW,
    ATTEMPTS_PER_ACCOUNT,
    ATTEMPTS_PER_CREDENTIAL,
    ATTEMPTS_PER_DEVICE,
)
from tests.api.client import PASSWORD, Api, Reply, problem_of
from tests.audit_trail import times_recorded
from tests.mailbox import mailed

ADA = {"email": "ada@example.org", "password": PASSWORD}
WRONG = {**ADA, "password": "incorrect horse battery staple"}
#: A registered user, and an unregistered email address of the same length.
WHO = ("ada", "bob")
LIMITED = (429, "too-many-requests")


@pytest.fixture
def evaluated(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """The hasher's calls and results."""
    outcomes: list[bool] = []
    verify = container.ports.hasher.verify

    async def noted(*args: Any) -> bool:
        outcomes.append(await verify(*args))
        return outcomes[-1]

    monkeypatch.setattr(container.ports.hasher, "verify", noted)
    return outcomes


async def enter() -> Api:
    """Register and prove the address; who logs in is another client."""
    return await Api(delivers=True).log_in()


async def at_once(count: int, body: dict[str, str]) -> list[Reply]:
    return await asyncio.gather(*(Api().post("sessions", body) for _ in range(count)))


async def entries(reason: str) -> int:
    return await times_recorded("login.failed", reason=reason)


@pytest.mark.usefixtures("committing_database")
class TestConcurrentAttempts:
    async def test_at_most_ten_of_a_hundred_wrong_ones_are_evaluated(
        self, evaluated: list[bool]
    ) -> None:
        await enter()
        evaluated.clear()

        replies = await at_once(100, WRONG)

        assert evaluated == [False] * ATTEMPTS_PER_ACCOUNT
        problems = [problem_of(reply) for reply in replies]
        assert problems.count((401, "invalid-credentials")) == ATTEMPTS_PER_ACCOUNT
        assert problems.count(LIMITED) == 100 - ATTEMPTS_PER_ACCOUNT
        assert await entries("wrong-password") == ATTEMPTS_PER_ACCOUNT
        assert await entries("limited") == 100 - ATTEMPTS_PER_ACCOUNT

    async def test_twelve_right_ones_all_succeed(self) -> None:
        await enter()

        replies = await at_once(12, ADA)

        assert [reply.status_code for reply in replies] == [201] * 12


@pytest.mark.usefixtures("committing_database")
class TestALimitedAccount:
    async def test_refuses_even_the_right_password_and_says_for_how_long(
        self, evaluated: list[bool]
    ) -> None:
        await enter()
        await at_once(ATTEMPTS_PER_ACCOUNT, WRONG)
        evaluated.clear()

        (refused,) = await at_once(1, ADA)

        assert (problem_of(refused), evaluated) == (LIMITED, [])
        assert 1 <= int(refused.headers["Retry-After"]) <= ATTEMPT_WINDOW.total_seconds()

    async def test_looks_the_same_whether_it_exists_or_not(self) -> None:
        await enter()
        nobody = {**WRONG, "email": "eve@example.org"}
        for body in (WRONG, nobody):
            await at_once(ATTEMPTS_PER_ACCOUNT, body)

        answers, unknown = [(await at_once(1, body))[0] for body in (WRONG, nobody)]

        assert problem_of(answers) == problem_of(unknown) == LIMITED
        assert len(answers.text) == len(unknown.text)
        assert answers.headers.keys() == unknown.headers.keys()

    async def test_locks_nobody_else_out(self) -> None:
        await enter()
        await at_once(ATTEMPTS_PER_ACCOUNT, {**WRONG, "email": "eve@example.org"})

        assert (await at_once(1, ADA))[0].status_code == 201

    async def test_cannot_be_bypassed_by_a_session(self, evaluated: list[bool]) -> None:
        """A stolen session does not help to guess the password for a recent authentication."""
        api = await enter()
        evaluated.clear()
        wrong = {"password": WRONG["password"]}

        replies = await asyncio.gather(*(api.put("sessions/current", wrong) for _ in range(30)))

        assert evaluated == [False] * ATTEMPTS_PER_CREDENTIAL
        assert [problem_of(each) for each in replies].count(LIMITED) == 30 - ATTEMPTS_PER_CREDENTIAL
        assert problem_of(await api.put("sessions/current", {"password": PASSWORD})) == LIMITED
        # Its owner logs in elsewhere, and proves there who they are.
        (other,) = await at_once(1, ADA)
        api.token = other.json()["access_token"]
        assert (await api.put("sessions/current", {"password": PASSWORD})).status_code == 204


@pytest.mark.usefixtures("committing_database")
class TestAttackers:
    """They use up the attempts of unknown devices, and none of a known one."""

    async def test_do_not_prevent_a_confirmation_in_a_session(self) -> None:
        api = await enter()
        await at_once(ATTEMPTS_PER_ACCOUNT, WRONG)
        assert problem_of((await at_once(1, ADA))[0]) == LIMITED

        assert (await api.put("sessions/current", {"password": PASSWORD})).status_code == 204
        new = {"password": "twelve green bicycles at noon"}
        assert (await api.patch("users/me", new)).status_code == 200
        assert (await api.delete("users/me")).status_code == 202

    async def test_in_the_same_network_do_not_either(self, settings: LazySettings) -> None:
        settings.RATE_LIMIT_SCALE = 1000
        api = await enter()
        device = (await api.post("sessions", ADA)).json()["device_token"]
        for number in range(10):
            await at_once(ATTEMPTS_PER_ACCOUNT, {**WRONG, "email": f"user{number}@example.org"})
        assert problem_of((await at_once(1, ADA))[0]) == LIMITED

        assert (await api.put("sessions/current", {"password": PASSWORD})).status_code == 204
        assert (await at_once(1, {**ADA, "device_token": device}))[0].status_code == 201

    async def test_leave_a_known_device_five_attempts(self, evaluated: list[bool]) -> None:
        api = await enter()
        device = (await api.post("sessions", ADA)).json()["device_token"]
        await at_once(ATTEMPTS_PER_ACCOUNT, WRONG)
        evaluated.clear()

        (logged_in,) = await at_once(1, {**ADA, "device_token": device})
        assert (logged_in.status_code, evaluated) == (201, [True])
        replies = await at_once(20, {**WRONG, "device_token": device})

        assert evaluated == [True] + [False] * ATTEMPTS_PER_DEVICE
        assert [problem_of(each) for each in replies].count(LIMITED) == 20 - ATTEMPTS_PER_DEVICE

    async def test_learn_nothing_from_a_token_of_their_own(self) -> None:
        """The same counter, answer and length for an account that is there and one that is not."""
        await enter()
        eve = await Api(delivers=True).log_in("eve@example.org")
        own = {"email": "eve@example.org", "password": PASSWORD}
        token = (await eve.post("sessions", own)).json()["device_token"]
        bodies = [{**WRONG, "device_token": token, "email": f"{who}@example.org"} for who in WHO]
        for body in bodies:
            problems = [problem_of(each) for each in await at_once(ATTEMPTS_PER_ACCOUNT, body)]
            assert problems == [(401, "invalid-credentials")] * ATTEMPTS_PER_ACCOUNT

        answers, unknown = [(await at_once(1, body))[0] for body in bodies]

        assert problem_of(answers) == problem_of(unknown) == LIMITED
        assert len(answers.text) == len(unknown.text)

    async def test_do_not_prevent_a_reset_by_email(self) -> None:
        api = await enter()
        await at_once(ATTEMPTS_PER_ACCOUNT, WRONG)
        await api.post("password-resets", {"email": ADA["email"]})
        chosen = {"token": mailed(), "password": "twelve green bicycles at noon"}

        done = await api.put("password-resets", chosen)

        body = {"email": ADA["email"], "password": chosen["password"]}
        assert problem_of((await at_once(1, body))[0]) == LIMITED
        (logged_in,) = await at_once(1, {**body, **done.json()})
        assert logged_in.status_code == 201


@pytest.mark.usefixtures("committing_database")
async def test_in_one_network_are_limited_across_accounts(settings: LazySettings) -> None:
    settings.RATE_LIMIT_SCALE = 1000
    await enter()
    for number in range(10):
        await at_once(ATTEMPTS_PER_ACCOUNT, {**WRONG, "email": f"user{number}@example.org"})

    assert problem_of((await at_once(1, ADA))[0]) == LIMITED
    assert await SessionModel.objects.acount() == 1
