"""Authentication: with a code, in a session, and with an outdated hash."""

import itertools
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, Never

import pytest

from dashtam.application.authentication import Authenticated, OneTimeCode
from dashtam.application.identity.log_in import (
    CODE_MISSING,
    CODE_WRONG,
    WRONG,
    LogIn,
    UserAuthenticator,
)
from domain.identity.entities import Session
from domain.identity.errors import SessionNotFound
from domain.identity.values import PasswordHash, RecoveryCode
from domain.shared.errors import ConcurrencyConflict
from domain.shared.ids import SessionId, UserId, new_id
from domain.shared.limits import ATTEMPTS_PER_ACCOUNT, TooManyRequests
from domain.shared.ports import UnitOfWork
from domain.shared.result import Failure, Success
from tests.application.conftest import Application
from tests.application.identity.factors import ADA, Ada
from tests.factories import make_second_factor, make_user
from tests.ports import with_ports

PASSWORD = ADA["password"]
REFUSED, CODE_REFUSALS = Failure(CODE_WRONG), Failure(CODE_MISSING)


def reasons(app: Application) -> list[object]:
    entries = [entry for entry in app.store.entries if entry.action == "login.failed"]
    return [entry.details["reason"] for entry in entries]


class TestLogIn:
    @pytest.mark.parametrize("steps", [-1, 0, 1])
    async def test_accepts_a_current_code(self, app: Application, steps: int) -> None:
        ada = await Ada.logged_in(app)
        await ada.confirmed()

        opened = await app.use(LogIn)(**ADA, code=ada.code(steps))

        assert isinstance(opened, Success)
        assert app.trail[-1] == ("session.opened", "success")

    @pytest.mark.parametrize("steps", [-2, 2])
    async def test_refuses_a_code_of_another_time(self, app: Application, steps: int) -> None:
        ada = await Ada.logged_in(app)
        await ada.confirmed()

        assert await app.use(LogIn)(**ADA, code=ada.code(steps)) == REFUSED

        assert reasons(app) == ["wrong-code"]

    @pytest.mark.parametrize("steps", [-1, 0])
    async def test_refuses_a_code_of_an_earlier_step(self, app: Application, steps: int) -> None:
        ada = await Ada.logged_in(app)
        await ada.confirmed()
        assert isinstance(await app.use(LogIn)(**ADA, code=ada.code(0)), Success)

        assert await app.use(LogIn)(**ADA, code=ada.code(steps)) == REFUSED
        assert isinstance(await app.use(LogIn)(**ADA, code=ada.code(1)), Success)

        assert reasons(app) == ["code-replayed"]

    async def test_asks_for_a_missing_code(self, app: Application) -> None:
        ada = await Ada.logged_in(app)
        await ada.confirmed()

        assert await app.use(LogIn)(**ADA) == CODE_REFUSALS

        assert reasons(app) == ["no-code"]
        assert len(app.store.sessions) == 1

    async def test_uses_no_code_up_when_it_fails(self, app: Application) -> None:
        ada = await Ada.logged_in(app)
        codes = await ada.confirmed()
        wrong = {**ADA, "password": "incorrect horse battery"}

        for code in (ada.code(), codes[0].text):
            assert await app.use(LogIn)(**wrong, code=code) == Failure(WRONG)
            assert isinstance(await app.use(LogIn)(**ADA, code=code), Success)


class TestStepUp:
    async def test_stores_the_authentication_with_the_code_that_was_used(
        self, app: Application
    ) -> None:
        ada = await Ada.logged_in(app)
        codes = await ada.confirmed()

        done = await ada.prove(
            session_id=ada.session.id, user_id=ada.id, password=PASSWORD, code=codes[0].text
        )

        assert done == Success(None)
        stored = app.store.sessions[ada.session.id]
        assert stored == replace(ada.session, authenticated_at=app.clock.at)
        assert app.trail[-2:] == [
            ("session.proved", "success"),
            ("recovery_code.used", "success"),
        ]

    async def test_uses_no_code_up_for_an_ended_session(self, app: Application) -> None:
        ada = await Ada.logged_in(app)
        codes = await ada.confirmed()
        missing = Failure(SessionNotFound("No such session."))
        ended, _ = ada.session.end(app.clock.at)
        await app.world.sessions.update(ended)

        for session_id in (ada.session.id, SessionId(new_id())):
            done = await ada.prove(
                session_id=session_id, user_id=ada.id, password=PASSWORD, code=codes[0].text
            )
            assert done == missing

        assert app.store.sessions[ada.session.id] == ended
        assert await app.world.second_factors.codes_left(ada.id) == Success(10)
        assert app.trail[-1] == ("session.prove", "failure")

    async def test_is_refused_if_a_log_in_is(self, app: Application) -> None:
        ada = await Ada.logged_in(app)
        await ada.confirmed()
        app.clock.at += Session.RECENT_AUTHENTICATION
        before = dict(app.store.sessions)
        ask = partial(ada.prove, session_id=ada.session.id, user_id=ada.id)

        assert await ask(password="wrong horse battery") == Failure(WRONG)
        assert await ask(password=PASSWORD) == CODE_REFUSALS
        assert await ask(password=PASSWORD, code=ada.code(9)) == REFUSED

        assert reasons(app) == ["wrong-password", "no-code", "wrong-code"]
        assert app.store.sessions == before


class TestHash:
    async def weaker(self, app: Application, ada: Ada) -> PasswordHash:
        old = PasswordHash("weak$" + PASSWORD[::-1])
        user = app.store.users[ada.id]
        await app.world.users.update(replace(user, password_hash=old))
        return old

    async def test_is_upgraded_at_log_in(self, app: Application) -> None:
        ada = await Ada.logged_in(app)
        before = app.store.users[ada.id]
        await self.weaker(app, ada)

        assert isinstance(await app.use(LogIn)(**ADA), Success)

        assert app.store.users[ada.id] == before
        assert app.trail[-2:] == [
            ("session.opened", "success"),
            ("user.password_rehashed", "success"),
        ]

    async def test_is_upgraded_in_a_session_too(self, app: Application) -> None:
        ada = await Ada.logged_in(app)
        before = app.store.users[ada.id]
        await self.weaker(app, ada)

        await ada.prove(session_id=ada.session.id, user_id=ada.id, password=PASSWORD)

        assert app.store.users[ada.id] == before

    async def test_is_not_upgraded_by_a_failed_log_in(self, app: Application) -> None:
        ada = await Ada.logged_in(app)
        codes = await ada.confirmed()
        old = await self.weaker(app, ada)
        await app.world.second_factors.consume_code(ada.id, codes[0], app.clock.at)

        for code in (None, ada.code(9), codes[0].text):
            assert isinstance(await app.use(LogIn)(**ADA, code=code), Failure)
        wrong = {**ADA, "password": "incorrect horse battery"}
        assert await app.use(LogIn)(**wrong) == Failure(WRONG)

        assert app.store.users[ada.id].password_hash == old

    async def test_is_not_replaced_if_it_is_current(self, app: Application) -> None:
        await Ada.logged_in(app)

        await app.use(LogIn)(**ADA)

        assert ("user.password_rehashed", "success") not in app.trail


class TestUsersWhoMayNotLogIn:
    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"verified_at": None}, "unverified"),
            ({"erase_after": "later"}, "deleted"),
        ],
    )
    async def test_are_refused_alike_and_lose_no_code(
        self, app: Application, change: dict[str, object], reason: str
    ) -> None:
        ada = await Ada.logged_in(app)
        codes = await ada.confirmed()
        later = app.clock.at + timedelta(days=14)
        changes = {name: later if value else None for name, value in change.items()}
        user = replace(app.store.users[ada.id], **changes)  # type: ignore[arg-type]  # fields of it
        await app.world.users.update(user)

        for code in (None, ada.code(), ada.code(9), codes[0].text):
            assert await app.use(LogIn)(**ADA, code=code) == Failure(WRONG)

        assert reasons(app) == [reason] * 4
        assert await app.world.second_factors.codes_left(ada.id) == Success(10)


def test_repr_hides_every_authenticator(app: Application) -> None:
    user = make_user(password_hash=PasswordHash("argon2$secret"))
    factor = make_second_factor(UserId(new_id()))
    code = RecoveryCode.of(b"s" * 15)
    attempt = app.use(UserAuthenticator).attempt(
        user, (), password="a secret password", code="123456"
    )
    values = [
        attempt,
        Authenticated(user, OneTimeCode(factor, 7), PasswordHash("argon2$secret")),
        Authenticated(user, code),
        user,
    ]

    for secret in ("secret password", "123456", "argon2", code.text, str(factor.secret.key)):
        assert [each for each in values if secret in repr(each)] == []


def test_a_missing_code_is_no_failed_attempt() -> None:
    assert not UserAuthenticator.missing_code.is_guess
    assert UserAuthenticator.wrong_code.is_guess


@pytest.mark.parametrize("email", ["no address", "a" + "\u0301" * 90 + "@example.org", "a" * 300])
async def test_an_invalid_email_address_is_refused_alike_without_hashing(
    app: Application, email: str
) -> None:
    await Ada.logged_in(app)
    app.hasher.asked.clear()

    for _ in range(2):
        assert await app.use(LogIn)(**{**ADA, "email": email}) == Failure(WRONG)

    # It is recorded and counted like any other: only the work is omitted.
    assert app.hasher.asked == []
    recorded = [
        each.details["reason"] for each in app.store.entries if each.action == "login.failed"
    ]
    assert recorded == ["unknown-address"] * 2


async def test_every_refusal_costs_one_hash_comparison(app: Application) -> None:
    ada = await Ada.logged_in(app)
    await ada.confirmed()
    user, hasher = app.store.users[ada.id], app.hasher
    outdated = PasswordHash("weak$" + PASSWORD[::-1])
    closed = {"verified_at": None, "password_hash": outdated}
    refused: list[tuple[dict[str, str], dict[str, Any]]] = [
        ({"email": "eve@example.org"}, {}),
        ({"password": "incorrect horse battery"}, {}),
        ({"password": "incorrect horse battery"}, {"password_hash": outdated}),
        ({}, closed),
    ]
    for attempt, changes in refused:
        await app.world.users.update(replace(user, **changes))
        hasher.asked.clear()

        assert await app.use(LogIn)(**{**ADA, **attempt}, code=ada.code()) == Failure(WRONG)

        assert hasher.asked == ["verify"]


async def test_a_refusal_is_recorded_after_the_attempt_is_counted(app: Application) -> None:
    class FullDisk(RuntimeError):
        pass

    def full(**_: object) -> Never:
        raise FullDisk

    authenticator = replace(app.use(UserAuthenticator), unit_of_work=full)
    log_in = replace(app.use(LogIn), authenticator=authenticator)

    with pytest.raises(FullDisk):
        await log_in(**ADA)

    tokens = [each for bucket in app.attempts.consumed.values() for each in bucket]
    assert [each.failed for each in tokens] == [True, True]


async def test_a_wrong_password_is_counted_once_despite_a_conflict(app: Application) -> None:
    await Ada.logged_in(app)
    begun = itertools.count()

    def conflicting(**_: object) -> UnitOfWork:
        if next(begun) % 2 == 0:
            raise ConcurrencyConflict
        return app.world.unit_of_work()

    log_in = with_ports(app.use_cases, unit_of_work=conflicting).use(LogIn)
    guess = {**ADA, "password": "incorrect horse battery"}

    guessed = [await log_in(**guess) for _ in range(ATTEMPTS_PER_ACCOUNT)]
    limited = await log_in(**guess)

    assert guessed == [Failure(WRONG)] * ATTEMPTS_PER_ACCOUNT
    assert isinstance(limited, Failure)
    assert isinstance(limited.error, TooManyRequests)
    assert reasons(app) == ["wrong-password"] * ATTEMPTS_PER_ACCOUNT + ["limited"]
