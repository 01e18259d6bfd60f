"""A device with an earlier log-in has a few attempts that no attacker can use up."""

from datetime import timedelta

import pytest

from adapters.security.devices import SignedDeviceTokens
from dashtam.application.identity.authenticate_request import AuthenticateRequest
from dashtam.application.identity.log_in import WRONG, LogIn
from dashtam.application.identity.sessions import OpenedSession, RefreshSession
from dashtam.application.identity.users import ChangeUser
from domain.identity.entities import Session
from domain.identity.values import Device, Token, TokenKind
from domain.shared.ids import new_id
from domain.shared.limits import (
    ATTEMPTS_PER_ACCOUNT,
    ATTEMPTS_PER_CREDENTIAL,
    ATTEMPTS_PER_DEVICE,
    TooManyRequests,
)
from domain.shared.result import Failure, Success
from tests.application.conftest import Application
from tests.application.identity.factors import ADA, Ada

GUESS = {**ADA, "password": "incorrect horse battery"}
NEW = "another long password"


async def logged_in(app: Application) -> OpenedSession:
    await app.enrol(**ADA)
    opened = await app.use(LogIn)(**ADA)
    assert isinstance(opened, Success)
    return opened.value


async def attack(app: Application) -> None:
    for _ in range(ATTEMPTS_PER_ACCOUNT):
        assert await app.use(LogIn)(**GUESS) == Failure(WRONG)


async def enter(app: Application, device_token: str, password: str = ADA["password"]) -> object:
    """Return what came of it: a session, or the kind of error."""
    credentials = {"email": ADA["email"], "password": password, "device_token": device_token}
    done = await app.use(LogIn)(**credentials)
    return type(done.error if isinstance(done, Failure) else done.value)


async def test_a_known_device_can_log_in_during_an_attack(app: Application) -> None:
    opened = await logged_in(app)
    await attack(app)

    assert await enter(app, "") is TooManyRequests
    assert await enter(app, opened.device_token.text) is OpenedSession


async def test_a_device_has_five_attempts_however_often_its_session_is_renewed(
    app: Application,
) -> None:
    opened = await logged_in(app)
    tokens = [opened.device_token.text]
    for _ in range(4):
        app.clock.at += timedelta(seconds=1)
        renewed = await app.use(RefreshSession)(token=opened.refresh_token.text)
        assert isinstance(renewed, Success)
        opened = renewed.value
        tokens.append(opened.device_token.text)
    assert len(set(tokens)) == 5

    tries = [await app.use(LogIn)(**GUESS, device_token=token) for token in tokens]

    assert tries == [Failure(WRONG)] * ATTEMPTS_PER_DEVICE
    assert await enter(app, tokens[0]) is TooManyRequests
    # It can still do as any stranger does.
    assert await enter(app, "") is OpenedSession


@pytest.mark.parametrize("age", [Device.LIFETIME, timedelta(days=4000)])
async def test_a_device_expires(app: Application, age: timedelta) -> None:
    opened = await logged_in(app)
    app.clock.at += age
    await attack(app)

    assert await enter(app, opened.device_token.text) is TooManyRequests
    app.clock.at += timedelta(seconds=-1) - (age - Device.LIFETIME)
    assert await enter(app, opened.device_token.text) is OpenedSession


async def test_a_device_is_recognised_only_by_its_own_token(app: Application) -> None:
    opened = await logged_in(app)
    await app.enrol(email="eve@example.org", password=ADA["password"])
    eve = await app.use(LogIn)(email="eve@example.org", password=ADA["password"])
    assert isinstance(eve, Success)
    await attack(app)
    good, secret = opened.device_token.text, opened.device_token.secret
    user_id, at = opened.session.user_id, app.clock.at
    forged = SignedDeviceTokens("another key").issue(Device(new_id()), f"user {user_id} 1", at)

    for text in (
        *(good[:-1], good.upper(), f" {good}", "x" * 99, ""),
        *(eve.value.device_token.text, forged.text, opened.access_token.text),
        Token.of(secret[:-1] + bytes([secret[-1] ^ 1]), TokenKind.DEVICE).text,
        Token.of(secret, TokenKind.ACCESS).text,
    ):
        assert await enter(app, text) is TooManyRequests
    assert await enter(app, good) is OpenedSession


async def test_a_password_change_forgets_devices(app: Application) -> None:
    opened = await logged_in(app)
    changed = await app.use(ChangeUser)(
        user_id=opened.session.user_id, session=opened.session, password=NEW, email=None
    )
    assert isinstance(changed, Success)
    renewed = await app.use(RefreshSession)(token=opened.refresh_token.text)
    assert isinstance(renewed, Success)
    await attack(app)

    assert await enter(app, opened.device_token.text, NEW) is TooManyRequests
    # The renewed session issues a new one.
    assert await enter(app, renewed.value.device_token.text, NEW) is OpenedSession


async def test_a_device_token_grants_no_access(app: Application) -> None:
    opened = await logged_in(app)
    token = opened.device_token.text

    assert isinstance(await app.use(AuthenticateRequest)(token=token), Failure)
    assert isinstance(await app.use(RefreshSession)(token=token), Failure)
    assert token not in repr(opened)
    assert token not in str(app.store)


class TestStepUp:
    async def test_is_not_limited_by_attacks_of_others(self, app: Application) -> None:
        ada = await Ada.logged_in(app)
        app.clock.at += Session.RECENT_AUTHENTICATION
        await attack(app)

        done = await ada.prove(session_id=ada.session.id, user_id=ada.id, password=ADA["password"])

        assert done == Success(None)

    async def test_allows_ten_wrong_attempts_per_session(self, app: Application) -> None:
        ada = await Ada.logged_in(app)
        thief, own = ada.session, await app.use(LogIn)(**ADA)
        assert isinstance(own, Success)

        for _ in range(ATTEMPTS_PER_CREDENTIAL):
            tried = await ada.prove(session_id=thief.id, user_id=ada.id, password=GUESS["password"])
            assert tried == Failure(WRONG)

        results = [
            await ada.prove(session_id=each.id, user_id=ada.id, password=ADA["password"])
            for each in (thief, own.value.session)
        ]
        assert isinstance(results[0], Failure)
        assert isinstance(results[0].error, TooManyRequests)
        assert results[1] == Success(None)
