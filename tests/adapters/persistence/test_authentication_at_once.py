"""Concurrent use of one code or token: exactly one of the requests succeeds."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextvars import copy_context
from functools import partial
from typing import Any

import pytest

from adapters.audit.models import AuditEntryModel
from adapters.persistence.identity.models import SessionModel
from dashtam.application.identity.authenticate_request import AuthenticateRequest
from dashtam.application.identity.log_in import LogIn, ReauthenticateSession
from dashtam.application.identity.passwords import ResetPassword
from dashtam.application.identity.second_factors import ConfirmSecondFactor, EnrolSecondFactor
from dashtam.application.identity.sessions import LogOut, RefreshSession
from dashtam.container import container
from domain.identity.errors import InvalidToken, SecondFactorExists, SecondFactorRequired
from domain.identity.values import Email, Password, PasswordHash
from domain.shared.result import Failure, Success
from tests.adapters.persistence.logged_in import (
    WHO,
    confirmed,
    enrolled,
    issue_reset_token,
    logged_in,
    registered,
    stored_hash,
    weak_hash,
)
from tests.waiting import at_once, locked, until_waiting

pytestmark = pytest.mark.usefixtures("committing_database")

FACTOR = "SELECT FROM identity_second_factor WHERE user_id = %s FOR UPDATE"
CODES = "SELECT FROM identity_recovery_code WHERE user_id = %s FOR UPDATE"
USER = "SELECT FROM identity_user WHERE id = %s FOR UPDATE"


async def audited(action: str) -> list[dict[str, object]]:
    entries = AuditEntryModel.objects.filter(action=action).order_by("id")
    return [entry.details async for entry in entries]


def one_of(outcomes: Sequence[Any], error: type) -> bool:
    """Return whether it succeeded once, and was refused once for this reason."""
    refused = [each.error for each in outcomes if isinstance(each, Failure)]
    return len(outcomes) == 2 and len(refused) == 1 and isinstance(refused[0], error)


@pytest.mark.parametrize(
    ("lock", "reason"), [(FACTOR, "code-replayed"), (CODES, "recovery-code-not-good")]
)
async def test_one_of_two_log_ins_with_one_code_succeeds(lock: str, reason: str) -> None:
    ada = await confirmed()
    code = ada.code() if lock == FACTOR else ada.recovery_codes[0]

    done = await at_once(lambda: container.use(LogIn)(**WHO, code=code), lock, ada.id)

    assert one_of(done, SecondFactorRequired)
    assert await SessionModel.objects.acount() == 2
    assert await audited("login.failed") == [{"reason": reason}]


async def test_a_log_in_and_a_confirmation_cannot_share_a_code() -> None:
    ada = await confirmed()
    code, session = ada.code(), ada.opened.session
    ways: list[Callable[[], Coroutine[Any, Any, Any]]] = [
        lambda: container.use(LogIn)(**WHO, code=code),
        lambda: container.use(ReauthenticateSession)(
            session_id=session.id, user_id=ada.id, password=WHO["password"], code=code
        ),
    ]

    done = await at_once(lambda: ways.pop()(), FACTOR, ada.id)

    assert one_of(done, SecondFactorRequired)


async def test_one_of_two_confirmations_receives_recovery_codes() -> None:
    ada = await enrolled()
    assert ada.factor
    confirm = partial(
        container.use(ConfirmSecondFactor),
        second_factor_id=ada.factor.id,
        session=ada.opened.session,
        code=ada.code(0),
    )

    done = await at_once(confirm, USER, ada.id)

    assert one_of(done, SecondFactorExists)
    async with container.ports.unit_of_work(owner=ada.id):
        assert await container.ports.second_factors.codes_left(ada.id) == Success(10)


async def test_no_factor_is_confirmed_after_an_earlier_reset() -> None:
    ada = await enrolled()
    assert ada.factor
    email, password = WHO["email"], "another horse battery"
    token = await issue_reset_token(ada.id, Email(email))
    ways: list[Callable[[], Coroutine[Any, Any, Any]]] = [
        partial(container.use(ResetPassword), token=token.text, password=password),
        partial(
            container.use(ConfirmSecondFactor),
            second_factor_id=ada.factor.id,
            session=ada.opened.session,
            code=ada.code(0),
        ),
    ]

    async with locked(USER, ada.id):
        tasks = []
        for way in ways:
            tasks.append(asyncio.create_task(way(), context=copy_context()))
            await until_waiting(len(tasks))
    reset, refused = await asyncio.gather(*tasks)

    assert isinstance(reset, Success)
    assert isinstance(refused, Failure)
    assert isinstance(refused.error, InvalidToken)
    assert isinstance(await container.use(LogIn)(email=email, password=password), Success)


async def test_the_later_of_two_enrolments_wins() -> None:
    ada = await logged_in()

    done = await at_once(lambda: container.use(EnrolSecondFactor)(user_id=ada.id), USER, ada.id)

    async with container.ports.unit_of_work(owner=ada.id):
        found = await container.ports.second_factors.get(ada.id)
    assert isinstance(found, Success)
    assert found.value in [each.value.factor for each in done]


@pytest.mark.parametrize("way", ["prove", "renew", "log out"])
async def test_an_ended_session_stays_ended(way: str) -> None:
    ada = await logged_in()
    session, outside = ada.opened.session, copy_context()
    ways: dict[str, Callable[[], Coroutine[Any, Any, Any]]] = {
        "prove": lambda: container.use(ReauthenticateSession)(
            session_id=session.id, user_id=ada.id, password=WHO["password"]
        ),
        "renew": lambda: container.use(RefreshSession)(token=ada.opened.refresh_token.text),
        "log out": lambda: container.use(LogOut)(session_id=session.id, user_id=ada.id),
    }

    async with container.ports.unit_of_work(owner=ada.id) as uow:
        locked = await container.ports.sessions.lock(session.id, owner=ada.id)
        assert isinstance(locked, Success)
        task = asyncio.create_task(ways[way](), context=outside)
        await until_waiting(1)
        ended, event = locked.value.end(container.ports.clock.now())
        assert await container.ports.sessions.update(ended) == Success(None)
        await uow.commit(event)
    done = await task

    assert way == "log out" or isinstance(done, Failure)
    assert (await SessionModel.objects.aget()).ended_at is not None


class TestHash:
    async def test_is_upgraded_and_the_session_remains(self) -> None:
        old = weak_hash()
        await registered(old)
        assert container.ports.hasher.is_outdated(old)

        opened = await container.use(LogIn)(**WHO)

        upgraded = PasswordHash(await stored_hash())
        assert upgraded != old
        assert not container.ports.hasher.is_outdated(upgraded)
        assert await container.ports.hasher.verify(Password(WHO["password"]), upgraded)
        assert isinstance(opened, Success)
        token = opened.value.access_token.text
        assert isinstance(await container.use(AuthenticateRequest)(token=token), Success)
        assert await audited("user.password_rehashed") == [{}]
        assert isinstance(await container.use(LogIn)(**WHO), Success)
        assert await stored_hash() == upgraded

    async def test_is_not_upgraded_by_a_wrong_password(self) -> None:
        old = weak_hash()
        await registered(old)

        wrong = await container.use(LogIn)(email=WHO["email"], password="incorrect horse battery")

        assert isinstance(wrong, Failure)
        assert await stored_hash() == old

    async def test_never_replaces_a_password_that_was_changed_meanwhile(self) -> None:
        user = await registered(weak_hash())
        newer = weak_hash("another password altogether")
        outside = copy_context()

        async with container.ports.unit_of_work(owner=user.id) as uow:
            locked = await container.ports.users.lock(user.id)
            assert isinstance(locked, Success)
            task = asyncio.create_task(container.use(LogIn)(**WHO), context=outside)
            await until_waiting(1)
            changed, event = locked.value.change_password(newer, container.ports.clock.now())
            assert await container.ports.users.update(changed) == Success(None)
            await uow.commit(event)
        opened = await task

        assert await stored_hash() == newer
        assert await audited("user.password_rehashed") == []
        # It was opened with the old stamp, so it is not valid.
        assert isinstance(opened, Success)
        token = opened.value.access_token.text
        assert isinstance(await container.use(AuthenticateRequest)(token=token), Failure)

    async def test_is_upgraded_by_one_of_two_log_ins(self) -> None:
        user = await registered(weak_hash())

        done = await at_once(lambda: container.use(LogIn)(**WHO), USER, user.id)

        assert all(isinstance(each, Success) for each in done)
        assert await audited("user.password_rehashed") == [{}]
