"""Logging in, being known, logging out."""

from datetime import timedelta

from dashtam.application.identity.log_in import OpenedSession
from domain.identity.entities import Session
from domain.identity.errors import InvalidCredentials, InvalidToken, SessionNotFound
from domain.shared.ids import SessionId, UserId, new_id
from domain.shared.result import Failure, Success
from tests.application.conftest import Application

ADA = {"email": "ada@example.org", "password": "correct horse battery"}
WRONG = Failure(InvalidCredentials("The address or the password is wrong."))
NO_GOOD = Failure(InvalidToken("The token is not valid."))


async def _open(app: Application) -> OpenedSession:
    await app.register_user(**ADA)
    opened = await app.log_in(**ADA)
    assert isinstance(opened, Success)
    return opened.value


async def test_a_session_is_known_by_its_token(app: Application) -> None:
    opened = await _open(app)

    assert await app.authenticate(token=opened.token.text) == Success(opened.session)
    assert app.trail == [("user.registered", "success"), ("session.opened", "success")]


async def test_only_the_digest_is_kept(app: Application) -> None:
    opened = await _open(app)

    assert opened.token.text not in str(app.store.sessions)
    assert app.store.sessions[opened.session.id].token_digest == opened.token.digest


async def test_a_wrong_password_is_refused_and_told_once(app: Application) -> None:
    await app.register_user(**ADA)

    assert await app.log_in(email=ADA["email"], password="wrong horse battery") == WRONG

    entry = app.store.entries[-1]
    assert (len(app.store.entries), entry.action, entry.result) == (2, "login.failed", "denied")
    assert entry.details == {"reason": "wrong-password"}
    assert entry.resource_id in app.store.users


async def test_an_unknown_address_is_refused_alike(app: Application) -> None:
    assert await app.log_in(**ADA) == WRONG
    assert await app.log_in(email="no address", password=ADA["password"]) == WRONG

    assert [entry.details["reason"] for entry in app.store.entries] == ["unknown-address"] * 2


async def test_a_token_of_nobody_is_refused(app: Application) -> None:
    opened = await _open(app)

    assert await app.authenticate(token=opened.token.text[:-1] + "x") == NO_GOOD
    assert await app.authenticate(token="") == NO_GOOD
    assert app.trail[-1] == ("session.authenticate", "denied")


async def test_a_token_expires(app: Application) -> None:
    opened = await _open(app)
    app.clock.at += Session.LIFETIME - timedelta(seconds=1)
    assert isinstance(await app.authenticate(token=opened.token.text), Success)

    app.clock.at += timedelta(seconds=1)

    assert await app.authenticate(token=opened.token.text) == NO_GOOD


async def test_a_token_ends_with_its_session(app: Application) -> None:
    session = (opened := await _open(app)).session

    assert await app.log_out(session_id=session.id, user_id=session.user_id) == Success(None)

    assert await app.authenticate(token=opened.token.text) == NO_GOOD


async def test_nobody_ends_the_session_of_another(app: Application) -> None:
    opened = await _open(app)
    missing = Failure(SessionNotFound("No such session."))
    eve = UserId(new_id())

    assert await app.log_out(session_id=opened.session.id, user_id=eve) == missing
    assert await app.log_out(session_id=SessionId(new_id()), user_id=eve) == missing

    assert isinstance(await app.authenticate(token=opened.token.text), Success)
    assert app.store.entries[-2].resource_id == opened.session.id
