"""Logging in, being known, logging out."""

from datetime import timedelta

from dashtam.application.identity.authenticate_request import AuthenticateRequest
from dashtam.application.identity.log_in import LogIn
from dashtam.application.identity.sessions import LogOut, OpenedSession, RefreshSession
from dashtam.application.identity.users import RegisterUser
from domain.identity.entities import Caller, RefreshToken, Session
from domain.identity.errors import InvalidCredentials, InvalidToken, SessionNotFound
from domain.shared.ids import SessionId, UserId, new_id
from domain.shared.result import Failure, Success
from tests.application.conftest import Application

ADA = {"email": "ada@example.org", "password": "correct horse battery"}
WRONG = Failure(InvalidCredentials("Wrong email address or password."))
NO_GOOD = Failure(InvalidToken("The token is not valid."))


async def _open(app: Application) -> OpenedSession:
    await app.enrol(**ADA)
    opened = await app.use(LogIn)(**ADA)
    assert isinstance(opened, Success)
    return opened.value


async def test_a_session_is_authenticated_by_its_token(app: Application) -> None:
    opened = await _open(app)

    assert await app.use(AuthenticateRequest)(token=opened.access_token.text) == Success(
        Caller(opened.session)
    )
    assert app.trail[-1] == ("session.opened", "success")


async def test_only_the_digest_is_stored(app: Application) -> None:
    opened = await _open(app)

    assert opened.access_token.text not in str(app.store.sessions)
    assert app.store.sessions[opened.session.id].token_digest == opened.access_token.digest


async def test_a_wrong_password_is_refused_and_recorded_once(app: Application) -> None:
    await app.enrol(**ADA)
    before = len(app.store.entries)

    assert await app.use(LogIn)(email=ADA["email"], password="wrong horse battery") == WRONG

    entry = app.store.entries[-1]
    assert (entry.action, entry.result) == ("login.failed", "denied")
    assert len(app.store.entries) == before + 1
    assert entry.details == {"reason": "wrong-password"}
    assert entry.resource_id in app.store.users


async def test_an_unknown_email_address_is_refused_alike(app: Application) -> None:
    assert await app.use(LogIn)(**ADA) == WRONG
    assert await app.use(LogIn)(email="no address", password=ADA["password"]) == WRONG

    assert [entry.details["reason"] for entry in app.store.entries] == ["unknown-address"] * 2


async def test_an_unknown_token_is_refused(app: Application) -> None:
    good = (await _open(app)).access_token.text
    wrong = good[:-1] + ("y" if good.endswith("x") else "x")

    assert await app.use(AuthenticateRequest)(token=wrong) == NO_GOOD
    assert await app.use(AuthenticateRequest)(token="") == NO_GOOD
    assert app.trail[-1] == ("session.authenticate", "denied")


async def test_a_token_expires(app: Application) -> None:
    opened = await _open(app)
    app.clock.at += Session.TOKEN_LIFETIME - timedelta(seconds=1)
    assert isinstance(await app.use(AuthenticateRequest)(token=opened.access_token.text), Success)

    app.clock.at += timedelta(seconds=1)

    assert await app.use(AuthenticateRequest)(token=opened.access_token.text) == NO_GOOD


async def test_a_token_is_invalid_after_its_session(app: Application) -> None:
    session = (opened := await _open(app)).session

    assert await app.use(LogOut)(session_id=session.id, user_id=session.user_id) == Success(None)

    assert await app.use(AuthenticateRequest)(token=opened.access_token.text) == NO_GOOD


async def test_another_users_session_cannot_be_ended(app: Application) -> None:
    opened = await _open(app)
    missing = Failure(SessionNotFound("No such session."))
    eve = UserId(new_id())

    assert await app.use(LogOut)(session_id=opened.session.id, user_id=eve) == missing
    assert await app.use(LogOut)(session_id=SessionId(new_id()), user_id=eve) == missing

    assert isinstance(await app.use(AuthenticateRequest)(token=opened.access_token.text), Success)
    assert app.store.entries[-2].resource_id == opened.session.id


async def test_an_unverified_email_address_is_refused_alike(app: Application) -> None:
    await app.use(RegisterUser)(**ADA)

    assert await app.use(LogIn)(**ADA) == WRONG

    assert app.store.entries[-1].details == {"reason": "unverified"}


async def renew(app: Application, opened: OpenedSession) -> OpenedSession:
    renewed = await app.use(RefreshSession)(token=opened.refresh_token.text)
    assert isinstance(renewed, Success)
    return renewed.value


async def test_renewing_a_session_issues_new_tokens(app: Application) -> None:
    opened = await _open(app)
    app.clock.at += Session.TOKEN_LIFETIME

    renewed = await renew(app, opened)

    assert await app.use(AuthenticateRequest)(token=opened.access_token.text) == NO_GOOD
    caller = await app.use(AuthenticateRequest)(token=renewed.access_token.text)
    assert caller == Success(Caller(renewed.session))
    assert renewed.session.id == opened.session.id
    assert isinstance(await renew(app, renewed), OpenedSession)


async def test_a_reused_refresh_token_ends_the_session(app: Application) -> None:
    opened = await _open(app)
    renewed = await renew(app, opened)

    assert await app.use(RefreshSession)(token=opened.refresh_token.text) == NO_GOOD

    assert ("refresh_token.reused", "denied") in app.trail
    assert await app.use(AuthenticateRequest)(token=renewed.access_token.text) == NO_GOOD
    assert await app.use(RefreshSession)(token=renewed.refresh_token.text) == NO_GOOD


async def test_a_refresh_token_expires(app: Application) -> None:
    opened = await _open(app)
    app.clock.at += RefreshToken.LIFETIME

    assert await app.use(RefreshSession)(token=opened.refresh_token.text) == NO_GOOD


async def test_a_session_has_a_maximum_age(app: Application) -> None:
    opened = await _open(app)
    for _ in range(4):
        app.clock.at += timedelta(days=22)
        opened = await renew(app, opened)

    assert opened.refresh_expires_at == opened.session.opened_at + Session.LIFETIME
    app.clock.at = opened.refresh_expires_at
    assert await app.use(RefreshSession)(token=opened.refresh_token.text) == NO_GOOD


async def test_a_session_of_a_closed_account_is_not_renewed(app: Application) -> None:
    opened = await _open(app)
    user = app.store.users[opened.session.user_id]
    closed, _ = user.close(app.clock.at)
    await app.world.users.update(closed)

    assert await app.use(AuthenticateRequest)(token=opened.access_token.text) == NO_GOOD
    assert await app.use(RefreshSession)(token=opened.refresh_token.text) == NO_GOOD
