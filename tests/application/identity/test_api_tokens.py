"""Tokens for programs, and sessions elsewhere."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from dashtam.application.identity.api_tokens import (
    IssueApiToken,
    IssuedApiToken,
    ListApiTokens,
    RevokeApiToken,
)
from dashtam.application.identity.authenticate_request import AuthenticateRequest
from dashtam.application.identity.log_in import LogIn
from dashtam.application.identity.sessions import (
    EndSessions,
    ListSessions,
    LogOut,
    OpenedSession,
    RefreshSession,
    ShowSession,
)
from domain.identity.entities import ApiToken, Caller
from domain.identity.errors import (
    ApiTokenNotFound,
    InvalidApiToken,
    InvalidToken,
    SessionNotFound,
    TooManyApiTokens,
    UserNotFound,
)
from domain.identity.values import Scope, Usage
from domain.shared.ids import ApiTokenId, SessionId, UserId, new_id
from domain.shared.result import Failure, Success
from tests.application.conftest import Application
from tests.factories import NOON

ADA = {"email": "ada@example.org", "password": "correct horse battery"}
EVE = {"email": "eve@example.org", "password": "correct horse battery"}
NO_GOOD = Failure(InvalidToken("The token is not valid."))
NO_SESSION = Failure(SessionNotFound("No such session."))
NO_TOKEN = Failure(ApiTokenNotFound("No such API token."))
READS = frozenset({Scope.READ_ACCOUNTS, Scope.READ_TRANSACTIONS})


async def enter(app: Application, who: dict[str, str] = ADA) -> OpenedSession:
    if who["email"] not in {user.email.address for user in app.store.users.values()}:
        await app.enrol(**who)
    opened = await app.use(LogIn)(**who)
    assert isinstance(opened, Success)
    return opened.value


async def issue(app: Application, user_id: UserId, **arguments: Any) -> Any:
    user = app.store.users.get(user_id)
    stamp = user.security_stamp if user else 1
    details = {"name": "Spreadsheet", "scopes": READS, "security_stamp": stamp}
    return await app.use(IssueApiToken)(user_id=user_id, **{**details, **arguments})


async def issued(app: Application, user_id: UserId, **arguments: Any) -> IssuedApiToken:
    done = await issue(app, user_id, **arguments)
    assert isinstance(done, Success)
    made: IssuedApiToken = done.value
    return made


class TestApiTokens:
    async def test_a_program_is_authenticated_by_its_token(self, app: Application) -> None:
        user_id = (await enter(app)).session.user_id

        made = await issued(app, user_id)

        assert await app.use(AuthenticateRequest)(token=made.token.text) == Success(
            Caller(made.stored)
        )
        assert (made.stored.name, made.stored.scopes) == ("Spreadsheet", READS)
        assert made.stored.expires_at == NOON + timedelta(days=90)

    @pytest.mark.parametrize("over", [{"security_stamp": 2}, {"erase_after": NOON}])
    async def test_an_ended_session_cannot_create_one(
        self, app: Application, over: dict[str, Any]
    ) -> None:
        user_id = (await enter(app)).session.user_id
        app.store.users[user_id] = replace(app.store.users[user_id], **over)

        assert await issue(app, user_id, security_stamp=1) == NO_GOOD

        assert app.store.api_tokens == {}
        assert app.trail[-1] == ("api_token.issue", "denied")

    async def test_only_the_digest_is_stored_and_the_name_is_not_published(
        self, app: Application
    ) -> None:
        made = await issued(app, (await enter(app)).session.user_id)

        assert made.token.text not in str(app.store.api_tokens)
        entry = app.store.entries[-1]
        assert (entry.action, entry.resource_id) == ("api_token.issued", made.stored.id)
        assert entry.details == {"scopes": ["read:accounts", "read:transactions"]}
        assert "Spreadsheet" not in repr(app.store.entries) + repr(app.publisher.published)
        assert "Spreadsheet" not in repr(made)

    @pytest.mark.parametrize("name", ["", " ", "\t", "x" * 101, "a\nb", "a\x1bb", "a\u202eb"])
    async def test_a_name_must_be_printable(self, app: Application, name: str) -> None:
        refused = await issue(app, (await enter(app)).session.user_id, name=name)

        assert isinstance(refused.error, InvalidApiToken)
        assert app.store.api_tokens == {}
        assert app.trail[-1] == ("api_token.issue", "failure")

    @pytest.mark.parametrize("name", ["x", "x" * 100, "Tabelle für Ölkonten", "家計簿", "🧾"])
    async def test_a_name_may_be_any_text(self, app: Application, name: str) -> None:
        assert (
            await issued(app, (await enter(app)).session.user_id, name=name)
        ).stored.name == name

    async def test_a_scope_is_required(self, app: Application) -> None:
        refused = await issue(app, (await enter(app)).session.user_id, scopes=frozenset())

        assert isinstance(refused.error, InvalidApiToken)

    @pytest.mark.parametrize(
        ("expires_at", "is_duplicate"),
        [
            (NOON - timedelta(days=1), False),
            (NOON, False),
            (NOON + timedelta(seconds=1), True),
            (NOON + timedelta(days=366), True),
            (NOON + timedelta(days=366, seconds=1), False),
        ],
    )
    async def test_it_expires_within_a_year(
        self, app: Application, expires_at: datetime, is_duplicate: bool
    ) -> None:
        done = await issue(app, (await enter(app)).session.user_id, expires_at=expires_at)

        assert isinstance(done, Success) is is_duplicate

    async def test_it_is_valid_until_it_expires(self, app: Application) -> None:
        user_id = (await enter(app)).session.user_id
        made = await issued(app, user_id, expires_at=NOON + timedelta(days=1))
        app.clock.at += timedelta(days=1) - timedelta(seconds=1)
        assert isinstance(await app.use(AuthenticateRequest)(token=made.token.text), Success)

        app.clock.at += timedelta(seconds=1)

        assert await app.use(AuthenticateRequest)(token=made.token.text) == NO_GOOD
        assert app.trail[-1] == ("session.authenticate", "denied")
        assert await app.use(ListApiTokens)(user_id=user_id) == Success([])

    async def test_their_number_is_limited(self, app: Application) -> None:
        user_id = (await enter(app)).session.user_id
        made = [await issued(app, user_id) for _ in range(ApiToken.MOST)]

        refused = await issue(app, user_id)
        assert isinstance(refused.error, TooManyApiTokens)

        await app.use(RevokeApiToken)(api_token_id=made[0].stored.id, user_id=user_id)
        assert isinstance(await issue(app, user_id), Success)

    async def test_a_missing_user_cannot_create_one(self, app: Application) -> None:
        refused = await issue(app, UserId(new_id()))

        assert isinstance(refused.error, UserNotFound)

    async def test_they_are_listed_with_their_last_use(self, app: Application) -> None:
        user_id = (await enter(app)).session.user_id
        first, second = await issued(app, user_id), await issued(app, user_id)
        await app.use(AuthenticateRequest)(token=first.token.text)

        found = await app.use(ListApiTokens)(user_id=user_id)

        assert found == Success([(second.stored, Usage()), (first.stored, Usage(NOON))])
        assert app.trail[-1] == ("api_tokens.viewed", "success")
        assert app.store.entries[-1].details == {"count": 2}

    async def test_a_revoked_token_is_invalid(self, app: Application) -> None:
        user_id = (await enter(app)).session.user_id
        made = await issued(app, user_id)

        for _ in range(2):
            done = await app.use(RevokeApiToken)(api_token_id=made.stored.id, user_id=user_id)
            assert done == Success(None)

        assert await app.use(AuthenticateRequest)(token=made.token.text) == NO_GOOD
        assert app.announced.count("api_token.revoked") == 1

    async def test_another_users_token_cannot_be_revoked(self, app: Application) -> None:
        made = await issued(app, (await enter(app)).session.user_id)
        eve = (await enter(app, EVE)).session.user_id

        for wanted in (made.stored.id, ApiTokenId(new_id())):
            assert await app.use(RevokeApiToken)(api_token_id=wanted, user_id=eve) == NO_TOKEN

        assert isinstance(await app.use(AuthenticateRequest)(token=made.token.text), Success)
        assert app.trail[-2] == ("api_token.revoke", "failure")

    async def test_it_becomes_invalid_with_the_account(self, app: Application) -> None:
        user_id = (await enter(app)).session.user_id
        made = await issued(app, user_id)
        closed, _ = app.store.users[user_id].close(NOON)
        await app.world.users.update(closed)

        assert await app.use(AuthenticateRequest)(token=made.token.text) == NO_GOOD

    async def test_it_survives_a_password_change(self, app: Application) -> None:
        """A program does not know it: the owner revokes what should end."""
        user = app.store.users[(await enter(app)).session.user_id]
        made = await issued(app, user.id)
        changed, _ = user.change_password(user.password_hash, NOON)
        await app.world.users.update(changed)

        assert isinstance(await app.use(AuthenticateRequest)(token=made.token.text), Success)


class TestSessions:
    async def test_are_listed_with_their_last_use(self, app: Application) -> None:
        first, second = await enter(app), await enter(app)
        await enter(app, EVE)
        await app.use(AuthenticateRequest)(token=first.access_token.text)

        found = await app.use(ListSessions)(user_id=first.session.user_id)

        listed = [(second.session, Usage()), (first.session, Usage(NOON))]
        assert found == Success(listed)
        assert app.trail[-1] == ("sessions.viewed", "success")
        assert app.store.entries[-1].details == {"count": 2}

    async def test_one_can_be_retrieved(self, app: Application) -> None:
        first, eves = (await enter(app)).session, (await enter(app, EVE)).session

        session = await app.use(ShowSession)(session_id=first.id, user_id=first.user_id)

        assert session == Success((first, Usage()))
        assert (app.trail[-1], app.store.entries[-1].resource_id) == (
            ("session.viewed", "success"),
            first.id,
        )
        for wanted in (eves.id, SessionId(new_id())):
            found = await app.use(ShowSession)(session_id=wanted, user_id=first.user_id)
            assert found == NO_SESSION

    async def test_all_but_the_current_one_can_be_ended(self, app: Application) -> None:
        mine, other, eves = await enter(app), await enter(app), await enter(app, EVE)
        user_id, current = mine.session.user_id, mine.session.id

        assert await app.use(EndSessions)(user_id=user_id, except_for=current) == Success(1)

        assert await app.use(AuthenticateRequest)(token=other.access_token.text) == NO_GOOD
        assert await app.use(RefreshSession)(token=other.refresh_token.text) == NO_GOOD
        for token in (mine.access_token, eves.access_token):
            assert isinstance(await app.use(AuthenticateRequest)(token=token.text), Success)
        recorded = next(each for each in app.store.entries if each.action == "sessions.ended")
        assert (recorded.resource_id, recorded.details) == (
            user_id,
            {"count": 1, "kept_session_id": str(current)},
        )

    async def test_all_can_be_ended(self, app: Application) -> None:
        mine, other, eves = await enter(app), await enter(app), await enter(app, EVE)

        assert await app.use(EndSessions)(user_id=mine.session.user_id) == Success(2)

        for opened in (mine, other):
            assert await app.use(AuthenticateRequest)(token=opened.access_token.text) == NO_GOOD
            assert await app.use(RefreshSession)(token=opened.refresh_token.text) == NO_GOOD
        assert isinstance(await app.use(AuthenticateRequest)(token=eves.access_token.text), Success)

    async def test_an_ended_session_cannot_be_ended_again(self, app: Application) -> None:
        session = (await enter(app)).session
        for minutes in (1, 2):
            app.clock.at = NOON + timedelta(minutes=minutes)
            done = await app.use(LogOut)(session_id=session.id, user_id=session.user_id)
            assert done == Success(None)

        assert app.announced.count("session.ended") == 1
        assert app.store.sessions[session.id].ended_at == NOON + timedelta(minutes=1)
