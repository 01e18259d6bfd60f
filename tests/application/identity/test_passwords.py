"""Choosing another password: with an emailed token, or in a session."""

import asyncio

from dashtam.application.identity.authenticate_request import AuthenticateRequest
from dashtam.application.identity.log_in import LogIn
from dashtam.application.identity.passwords import ResetPassword
from dashtam.application.identity.sessions import (
    EndOutdatedSessions,
    LogOut,
    OpenedSession,
    RefreshSession,
)
from dashtam.application.identity.users import ChangeUser, RegisterUser
from domain.identity.entities import User
from domain.identity.errors import InvalidCredentials, InvalidToken, WeakPassword
from domain.identity.events import PasswordResetRequested, UserPasswordChanged
from domain.identity.values import Email, Password, PasswordHash
from domain.shared.events import ANONYMOUS
from domain.shared.result import Failure, Success
from tests.application.conftest import Application
from tests.application.identity.test_emails import react, token
from tests.factories import make_api_token, make_connected_app, make_second_factor
from tests.ports import with_ports

ADA = {"email": "ada@example.org", "password": "correct horse battery"}
NEW = "another long password"
NO_GOOD = Failure(InvalidToken("The token is not valid."))
WRONG = Failure(InvalidCredentials("Wrong email address or password."))


def user_of(app: Application) -> User:
    (user,) = app.store.users.values()
    return user


async def log_in(app: Application, password: str = ADA["password"]) -> OpenedSession:
    opened = await app.use(LogIn)(email=ADA["email"], password=password)
    assert isinstance(opened, Success), opened
    return opened.value


async def is_valid(app: Application, opened: OpenedSession) -> bool:
    authenticated = await app.use(AuthenticateRequest)(token=opened.access_token.text)
    assert isinstance(authenticated, Success) or authenticated == NO_GOOD
    return isinstance(authenticated, Success)


async def emailed_token(app: Application) -> str:
    await react(app, PasswordResetRequested, user_of(app))
    return token(app)


async def change(app: Application, opened: OpenedSession, password: str = NEW) -> object:
    user_id = opened.session.user_id
    return await app.use(ChangeUser)(
        user_id=user_id, session=opened.session, password=password, email=None
    )


class Slow:
    """Judges, hashes and compares, and knows how much of that is done at once."""

    def __init__(self) -> None:
        self.at_once = self.most = self.done = 0

    async def _work(self) -> None:
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        self.done += 1

    async def is_weak(self, password: Password, username: str) -> bool:
        await self._work()
        return False

    async def hash(self, password: Password) -> PasswordHash:
        await self._work()
        return PasswordHash("hashed")

    async def verify(self, password: Password, password_hash: PasswordHash | None) -> bool:
        await self._work()
        return False

    def is_outdated(self, password_hash: PasswordHash) -> bool:
        return False


async def test_password_changes_and_log_ins_share_the_hashing_queue(app: Application) -> None:
    await app.enrol(**ADA)
    opened, slow = await log_in(app), Slow()
    slowly = with_ports(app.use_cases, hasher=slow, password_policy=slow)
    register, log_in_slowly = slowly.use(RegisterUser), slowly.use(LogIn)
    change_slowly, reset = slowly.use(ChangeUser), slowly.use(ResetPassword)
    sent, user = await emailed_token(app), opened.session.user_id

    await asyncio.gather(
        *(register(email=f"eve{n}@example.org", password=NEW) for n in range(9)),
        *(log_in_slowly(email=f"bob{n}@example.org", password=NEW) for n in range(9)),
        reset(token=sent, password=NEW),
        change_slowly(user_id=user, session=opened.session, password=NEW, email=None),
    )

    # Each that chooses judges and hashes; each that logs in compares.
    assert slow.done == 2 * 9 + 9 + 2 + 2
    assert slow.most == 4


class TestReset:
    async def test_ends_all_earlier_access(self, app: Application) -> None:
        await app.enrol(**ADA)
        user, sessions = user_of(app), [await log_in(app), await log_in(app)]
        program = make_api_token(user.id)
        await app.world.api_tokens.add(program)
        reader = make_connected_app(user.id)
        await app.world.connected_apps.add(reader)

        assert isinstance(
            await app.use(ResetPassword)(token=await emailed_token(app), password=NEW), Success
        )

        assert user_of(app).security_stamp == user.security_stamp + 1
        assert [await is_valid(app, each) for each in sessions] == [False, False]
        assert all(each.ended_at for each in app.store.sessions.values())
        assert app.store.api_tokens[program.id].revoked_at == app.clock.at
        assert app.store.connected_apps[reader.id].revoked_at == app.clock.at
        recorded = {entry.action: entry.details for entry in app.store.entries}
        assert recorded["user.password_changed"] == {"kept_session_id": None}
        assert recorded["sessions.ended"] == {"count": 2, "kept_session_id": None}
        assert recorded["api_tokens.revoked"] == {"count": 1}
        assert recorded["connected_apps.revoked"] == {"count": 1}
        assert await app.use(LogIn)(**ADA) == WRONG
        assert isinstance(await log_in(app, NEW), OpenedSession)

    async def test_ends_no_session_of_another_user(self, app: Application) -> None:
        await app.enrol(email="eve@example.org", password=ADA["password"])
        eve = await app.use(LogIn)(email="eve@example.org", password=ADA["password"])
        assert isinstance(eve, Success)
        await app.enrol(**ADA)
        (ada,) = (u for u in app.store.users.values() if u.email == Email(ADA["email"]))
        await react(app, PasswordResetRequested, ada)

        assert isinstance(await app.use(ResetPassword)(token=token(app), password=NEW), Success)

        assert await is_valid(app, eve.value)

    async def test_leaves_the_second_factor(self, app: Application) -> None:
        await app.enrol(**ADA)
        factor = make_second_factor(user_of(app).id, confirmed_at=app.clock.at)
        await app.world.second_factors.upsert(factor)

        assert isinstance(
            await app.use(ResetPassword)(token=await emailed_token(app), password=NEW), Success
        )

        refused = await app.use(LogIn)(email=ADA["email"], password=NEW)
        assert isinstance(refused, Failure)
        assert refused.error.code == "second-factor-required"

    async def test_verifies_the_email_address_too(self, app: Application) -> None:
        await app.use(RegisterUser)(**ADA)

        assert isinstance(
            await app.use(ResetPassword)(token=await emailed_token(app), password=NEW), Success
        )

        assert isinstance(await log_in(app, NEW), OpenedSession)
        assert ("email.verified", "success") in app.trail

    async def test_cancels_a_change_of_email_address(self, app: Application) -> None:
        await app.enrol(**ADA)
        opened = await log_in(app)
        await app.use(ChangeUser)(
            user_id=opened.session.user_id,
            session=opened.session,
            password=None,
            email="eve@example.org",
        )

        assert isinstance(
            await app.use(ResetPassword)(token=await emailed_token(app), password=NEW), Success
        )

        assert user_of(app).wanted_email is None

    async def test_with_a_weak_password_leaves_the_token_valid(self, app: Application) -> None:
        await app.enrol(**ADA)
        sent = await emailed_token(app)

        for weak in ("short", "passwordpassword", f"{ADA['email']} is me"):
            refused = await app.use(ResetPassword)(token=sent, password=weak)
            assert isinstance(refused, Failure)
            assert isinstance(refused.error, WeakPassword)

        assert isinstance(await app.use(ResetPassword)(token=sent, password=NEW), Success)


class TestChange:
    async def test_ends_every_session_but_the_current_one(self, app: Application) -> None:
        await app.enrol(**ADA)
        mine, other = await log_in(app), await log_in(app)

        changed = await change(app, mine)

        assert changed == Success(user_of(app))
        assert await is_valid(app, mine)
        assert not await is_valid(app, other)
        assert isinstance(await app.use(RefreshSession)(token=mine.refresh_token.text), Success)
        assert await app.use(RefreshSession)(token=other.refresh_token.text) == NO_GOOD
        assert app.store.entries[-4].details == {"kept_session_id": str(mine.session.id)}

    async def test_records_which_sessions_ended(self, app: Application) -> None:
        await app.enrol(**ADA)
        mine, other = await log_in(app), await log_in(app)
        await change(app, mine)
        later = await log_in(app, NEW)
        (event,) = (e for e in app.publisher.published if isinstance(e, UserPasswordChanged))

        for _ in range(2):
            assert await app.use(EndOutdatedSessions)(event) == Success(None)

        over = {each.id for each in app.store.sessions.values() if each.ended_at}
        assert over == {other.session.id}
        assert later.session.id not in over
        (ended,) = (e for e in app.store.entries if e.action == "sessions.ended")
        assert ended.details == {"count": 1, "kept_session_id": str(mine.session.id)}

    async def test_invalidates_tokens_that_would_undo_it(self, app: Application) -> None:
        await app.enrol(**ADA)
        sent, opened = await emailed_token(app), await log_in(app)

        await change(app, opened)

        refused = await app.use(ResetPassword)(token=sent, password="a third long password")
        assert isinstance(refused, Failure)

    async def test_does_not_overwrite_a_concurrent_reset(self, app: Application) -> None:
        await app.enrol(**ADA)
        opened = await log_in(app)
        await app.use(ResetPassword)(token=await emailed_token(app), password=NEW)

        assert await change(app, opened, "a third long password") == NO_GOOD

        assert app.trail[-1] == ("user.change", "denied")
        assert isinstance(await log_in(app, NEW), OpenedSession)

    async def test_does_not_revive_an_ended_session(self, app: Application) -> None:
        await app.enrol(**ADA)
        opened = await log_in(app)
        await app.use(LogOut)(session_id=opened.session.id, user_id=opened.session.user_id)

        refused = await change(app, opened)

        assert isinstance(refused, Failure)
        assert isinstance(await log_in(app), OpenedSession)

    async def test_refuses_a_weak_password(self, app: Application) -> None:
        await app.enrol(**ADA)
        opened = await log_in(app)

        refused = await change(app, opened, f"{ADA['email']} is me")

        assert isinstance(refused, Failure)
        assert isinstance(refused.error, WeakPassword)
        assert await is_valid(app, opened)

    async def test_of_a_deleted_user_ends_nothing(self, app: Application) -> None:
        event = UserPasswordChanged(
            subject_id=None, actor=ANONYMOUS, occurred_at=app.clock.at, kept_session_id=None
        )

        assert await app.use(EndOutdatedSessions)(event) == Success(None)
