"""Concurrent renewals, log-outs and revocations: one of them wins, and ended stays ended."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import copy_context
from typing import Any

import pytest

from adapters.audit.models import AuditEntryModel
from adapters.persistence.identity.models import ApiTokenModel, SessionModel
from dashtam.application.identity.api_tokens import IssueApiToken, IssuedApiToken, RevokeApiToken
from dashtam.application.identity.authenticate_request import AuthenticateRequest
from dashtam.application.identity.log_in import LogIn
from dashtam.application.identity.passwords import ResetPassword
from dashtam.application.identity.sessions import EndSessions, LogOut, OpenedSession, RefreshSession
from dashtam.container import container
from domain.identity.entities import ApiToken, User
from domain.identity.errors import InvalidToken, TooManyApiTokens
from domain.identity.values import Password, Scope
from domain.shared.ids import ApiTokenId, new_id
from domain.shared.result import Failure, Result, Success
from tests.adapters.persistence.logged_in import issue_reset_token
from tests.audit_trail import times_recorded
from tests.factories import make_api_token, make_user
from tests.waiting import locked, until_waiting

pytestmark = pytest.mark.usefixtures("committing_database")

PASSWORD = "correct horse battery staple"
NO_GOOD = Failure(InvalidToken("The token is not valid."))
#: How long one who should wait is given to show that it does not.
A_WHILE = 0.3


async def someone() -> User:
    user = make_user(password_hash=await container.ports.hasher.hash(Password.from_input(PASSWORD)))
    _, registered = User.register(
        id=user.id,
        email=user.email,
        password_hash=user.password_hash,
        at=container.ports.clock.now(),
    )
    async with container.ports.unit_of_work(owner=user.id) as uow:
        assert await container.ports.users.add(user) == Success(None)
        await uow.commit(registered)
    return user


async def logged_in() -> OpenedSession:
    await someone()
    opened = await container.use(LogIn)(email="ada@example.org", password=PASSWORD)
    assert isinstance(opened, Success)
    return opened.value


async def actions() -> list[str]:
    """Return the recorded actions on sessions and tokens after the log-in, in order."""

    entries = AuditEntryModel.objects.order_by("id").values_list("action", flat=True)
    skipped = ("user.registered", "session.opened")
    return [each async for each in entries if each not in skipped]


async def is_valid(token: str) -> bool:
    return isinstance(await container.use(AuthenticateRequest)(token=token), Success)


async def ended(opened: OpenedSession) -> bool:
    def read() -> bool:
        return SessionModel.objects.filter(id=opened.session.id, ended_at__isnull=False).exists()

    async with container.ports.unit_of_work(owner=opened.session.user_id):
        return await container.database.run(read)


async def at_once(*calls: Callable[[], Awaitable[Any]]) -> list[Any]:
    """Do all of these, each in a task of its own, as requests are."""

    async def do(call: Callable[[], Awaitable[Any]]) -> Any:
        return await call()

    tasks = [asyncio.create_task(do(call), context=copy_context()) for call in calls]
    return list(await asyncio.gather(*tasks))


async def test_concurrent_use_of_a_refresh_token_renews_once_and_ends_the_session() -> None:
    opened = await logged_in()

    async def renew() -> Result[OpenedSession, Any]:
        return await container.use(RefreshSession)(token=opened.refresh_token.text)

    results = await at_once(*[renew] * 4)

    renewed = [result.value for result in results if isinstance(result, Success)]
    assert len(renewed) == 1
    assert [result for result in results if isinstance(result, Failure)] == [NO_GOOD] * 3
    assert await ended(opened)
    assert not await is_valid(renewed[0].access_token.text)
    assert await container.use(RefreshSession)(token=renewed[0].refresh_token.text) == NO_GOOD
    recorded = await actions()
    assert recorded[0] == "session.renewed"
    counts = {name: recorded.count(name) for name in ("refresh_token.reused", "session.ended")}
    assert counts == {"refresh_token.reused": 3, "session.ended": 1}


async def while_ended(opened: OpenedSession, call: Callable[[], Awaitable[Any]]) -> Any:
    """Do something between the moment that a session is ended in and its commit."""
    session = opened.session
    outside = copy_context()

    async def do() -> Any:
        return await call()

    async with container.ports.unit_of_work(owner=session.user_id) as uow:
        found = await container.ports.sessions.lock(session.id, owner=session.user_id)
        assert isinstance(found, Success)
        over, event = found.value.end(container.ports.clock.now())
        assert await container.ports.sessions.update(over) == Success(None)
        task = asyncio.create_task(do(), context=outside)
        await asyncio.wait({task}, timeout=A_WHILE)
        await uow.commit(event)
    return await task


async def test_a_session_ended_meanwhile_is_not_renewed() -> None:
    opened = await logged_in()

    async def renew() -> Any:
        return await container.use(RefreshSession)(token=opened.refresh_token.text)

    assert await while_ended(opened, renew) == NO_GOOD

    assert await ended(opened)
    assert not await is_valid(opened.access_token.text)


async def test_a_stale_read_does_not_revive_a_session() -> None:
    opened = await logged_in()
    stale = opened.session.renew(opened.session.token_digest, container.ports.clock.now())[0]

    async def update() -> Any:
        async with container.ports.unit_of_work(owner=stale.user_id):
            return await container.ports.sessions.update(stale)

    assert isinstance(await while_ended(opened, update), Failure)

    assert await ended(opened)


async def test_concurrent_log_outs_end_a_session_once() -> None:
    opened = await logged_in()
    session = opened.session

    async def log_out() -> Any:
        return await container.use(LogOut)(session_id=session.id, user_id=session.user_id)

    assert await at_once(log_out, log_out, log_out) == [Success(None)] * 3

    assert await actions() == ["session.ended"]


async def test_concurrent_log_outs_everywhere_count_sessions_once() -> None:
    opened = await logged_in()
    for _ in range(3):
        await container.use(LogIn)(email="ada@example.org", password=PASSWORD)

    async def end() -> Any:
        return await container.use(EndSessions)(user_id=opened.session.user_id)

    counts = [result.value for result in await at_once(end, end)]

    assert sorted(counts) == [0, 4]
    assert await actions() == ["sessions.ended"] * 2


async def test_a_refresh_token_is_invalid_after_the_log_out() -> None:
    opened = await logged_in()
    session = opened.session
    await container.use(LogOut)(session_id=session.id, user_id=session.user_id)

    for _ in range(2):
        assert await container.use(RefreshSession)(token=opened.refresh_token.text) == NO_GOOD

    assert (await actions())[:2] == ["session.ended", "session.renew"]
    assert await times_recorded("session.renew") == 2


async def test_a_reused_refresh_token_after_the_log_out_is_audited() -> None:
    opened = await logged_in()
    session = opened.session
    assert isinstance(await container.use(RefreshSession)(token=opened.refresh_token.text), Success)
    await container.use(LogOut)(session_id=session.id, user_id=session.user_id)

    assert await container.use(RefreshSession)(token=opened.refresh_token.text) == NO_GOOD

    expected = ["session.renewed", "session.ended", "refresh_token.reused", "session.renew"]
    assert await actions() == expected


async def issue(user: User) -> Result[IssuedApiToken, Any]:
    return await container.use(IssueApiToken)(
        user_id=user.id,
        security_stamp=user.security_stamp,
        name="Spreadsheet",
        scopes={Scope.READ_ACCOUNTS},
    )


async def test_concurrent_revocations_revoke_an_api_token_once() -> None:
    user = await someone()
    issued = await issue(user)
    assert isinstance(issued, Success)

    async def revoke() -> Any:
        return await container.use(RevokeApiToken)(
            api_token_id=ApiTokenId(issued.value.stored.id), user_id=user.id
        )

    assert await at_once(revoke, revoke, revoke) == [Success(None)] * 3

    assert await actions() == ["api_token.issued", "api_token.revoked"]
    assert not await is_valid(issued.value.token.text)


async def test_concurrent_requests_cannot_exceed_the_number_of_api_tokens() -> None:
    user = await someone()
    first = await issue(user)
    assert isinstance(first, Success)
    await _copy(user, ApiToken.MOST - 2)

    results = await at_once(*[lambda: issue(user)] * 4)

    kinds = [type(result.error) for result in results if isinstance(result, Failure)]
    assert kinds == [TooManyApiTokens] * 3


async def test_a_session_ended_by_a_concurrent_reset_issues_no_api_token() -> None:
    opened = await logged_in()
    user = await _user(opened)
    token = await issue_reset_token(user.id, user.email)
    calls = [
        lambda: container.use(ResetPassword)(token=token.text, password="another horse battery"),
        lambda: issue(user),
    ]

    async with locked("SELECT FROM identity_user WHERE id = %s FOR UPDATE", user.id):
        tasks = []
        for call in calls:
            tasks.append(asyncio.create_task(_do(call), context=copy_context()))
            await until_waiting(len(tasks))
    reset, issued = await asyncio.gather(*tasks)

    assert isinstance(reset, Success)
    assert not await is_valid(opened.access_token.text)
    assert issued == NO_GOOD
    assert not await ApiTokenModel.objects.filter(revoked_at=None).aexists()


async def _do(call: Callable[[], Awaitable[Any]]) -> Any:
    return await call()


async def _user(opened: OpenedSession) -> User:
    async with container.ports.unit_of_work(owner=opened.session.user_id):
        found = await container.ports.users.get(opened.session.user_id)
    assert isinstance(found, Success)
    return found.value


async def _copy(user: User, count: int) -> None:
    """Have as many more tokens, in one transaction."""

    def add() -> None:
        row = ApiTokenModel.objects.get()
        for number in range(count):
            row.pk, row.token_digest = new_id(), number.to_bytes(32, "big")
            row.save(force_insert=True)

    _, revocation = make_api_token(user.id).revoke(container.ports.clock.now())
    async with container.ports.unit_of_work(owner=user.id) as uow:
        await container.database.run(add)
        await uow.commit(revocation)
