"""Concurrent claims of one setup token, and changes meanwhile: it gives access once."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import copy_context
from typing import Any

import pytest

from dashtam.application.sharing.app_access import AuthenticateApp, ClaimSetupToken
from dashtam.application.sharing.connected_apps import (
    AddConnectedApp,
    EditConnectedApp,
    IssuedSetupToken,
    IssueSetupToken,
    RevokeConnectedApp,
)
from dashtam.container import container
from domain.identity.entities import User
from domain.shared.result import Failure, Result, Success
from domain.sharing.entities import AppChanges
from domain.sharing.values import AccessKey
from tests.factories import make_user

pytestmark = pytest.mark.usefixtures("committing_database")


async def connected() -> tuple[User, IssuedSetupToken]:
    user = make_user()
    async with container.ports.unit_of_work(owner=user.id) as uow:
        assert await container.ports.users.add(user) == Success(None)
        _, registered = User.register(
            id=user.id,
            email=user.email,
            password_hash=user.password_hash,
            at=container.ports.clock.now(),
        )
        await uow.commit(registered)
    issued = await container.use(AddConnectedApp)(
        user_id=user.id, security_stamp=user.security_stamp, name="Actual"
    )
    assert isinstance(issued, Success)
    return user, issued.value


async def at_once(*calls: Callable[[], Awaitable[Any]]) -> list[Any]:
    """Do all of these, each in a task of its own, as requests are."""

    async def do(call: Callable[[], Awaitable[Any]]) -> Any:
        return await call()

    tasks = [asyncio.create_task(do(call), context=copy_context()) for call in calls]
    return list(await asyncio.gather(*tasks))


def claim_of(issued: IssuedSetupToken) -> Callable[[], Awaitable[Result[AccessKey, Any]]]:
    return lambda: container.use(ClaimSetupToken)(token=issued.setup_token.text)


async def has_access(key: AccessKey) -> bool:
    credentials = f"{key.username}:{key.password}"
    found = await container.use(AuthenticateApp)(credentials=credentials)
    return isinstance(found, Success)


async def test_one_of_several_claims_gets_access() -> None:
    _, issued = await connected()

    claimed = await at_once(*[claim_of(issued)] * 6)

    keys = [each.value for each in claimed if isinstance(each, Success)]
    assert len(keys) == 1
    assert await has_access(keys[0])


async def test_an_edit_meanwhile_does_not_revive_a_setup_token() -> None:
    user, issued = await connected()

    def edit(name: str) -> Callable[[], Awaitable[Any]]:
        return lambda: container.use(EditConnectedApp)(
            connected_app_id=issued.app.id, user_id=user.id, changes=AppChanges(name=name)
        )

    done = await at_once(edit("one"), claim_of(issued), edit("two"), edit("three"))

    assert all(isinstance(each, Success) for each in done)
    assert isinstance(await claim_of(issued)(), Failure)
    assert await has_access(done[1].value)


async def test_after_a_revocation_nobody_has_access() -> None:
    user, issued = await connected()
    its: dict[str, Any] = {"connected_app_id": issued.app.id, "user_id": user.id}

    done = await at_once(
        claim_of(issued),
        lambda: container.use(RevokeConnectedApp)(**its),
        lambda: container.use(IssueSetupToken)(**its),
    )

    assert isinstance(done[1], Success)
    if isinstance(done[0], Success):
        assert not await has_access(done[0].value)
    if isinstance(done[2], Success):
        assert isinstance(await claim_of(done[2].value)(), Failure)
