"""One token in two hands at once: it works for one of them, and nothing is half done."""

import asyncio
from collections.abc import Coroutine
from contextvars import copy_context
from typing import Any

import pytest
from django.core import mail

from adapters.persistence.identity.models import MailedTokenModel, SessionModel, UserModel
from dashtam.application.identity.email_tokens import RequestPasswordReset, RequestVerification
from dashtam.application.identity.log_in import LogIn
from dashtam.application.identity.passwords import ResetPassword
from dashtam.application.identity.users import ChangeUser, RegisterUser, VerifyEmail
from dashtam.container import container
from domain.identity.actions import USER_VIEWED
from domain.identity.entities import Session
from domain.identity.errors import EmailTaken, InvalidMailedToken, InvalidToken
from domain.identity.values import Email
from domain.shared.events import SYSTEM
from domain.shared.ids import SessionId, UserId, new_id
from domain.shared.result import Failure, Result, Success
from tests.mailbox import mailed

pytestmark = pytest.mark.usefixtures("committing_database")

EMAIL, PASSWORD = "ada@example.org", "correct horse battery staple"
#: How long one who should wait is given to show that it does not.
A_WHILE = 0.3


async def registered(email: str = EMAIL) -> UserId:
    """Register, and read the email."""
    user = await container.use(RegisterUser)(email=email, password=PASSWORD)
    assert isinstance(user, Success)
    await container.drain()
    return user.value.id


async def logged_in(email: str = EMAIL) -> Session:
    await registered(email)
    assert await container.use(VerifyEmail)(token=mailed(), password=PASSWORD) == Success(None)
    opened = await container.use(LogIn)(email=email, password=PASSWORD)
    assert isinstance(opened, Success)
    return opened.value.session


async def while_locked(
    owner: UserId, *others: Coroutine[Any, Any, Result[Any, Any]]
) -> list[Result[Any, Any]]:
    """Start several while none can continue, and then release all at once."""
    outside = copy_context()
    async with container.ports.unit_of_work(owner=owner) as uow:
        assert isinstance(await container.ports.users.lock(owner), Success)
        tasks = [asyncio.create_task(each, context=outside.copy()) for each in others]
        await asyncio.wait(tasks, timeout=A_WHILE)
        assert not any(task.done() for task in tasks)
        await uow.commit(
            USER_VIEWED.record(
                subject_id=owner, actor=SYSTEM, occurred_at=container.ports.clock.now()
            )
        )
    return list(await asyncio.gather(*tasks))


def refused(results: list[Result[Any, Any]]) -> list[type]:
    return [type(each.error) for each in results if isinstance(each, Failure)]


async def test_an_email_address_is_verified_once() -> None:
    owner, token = await registered(), mailed()

    results = await while_locked(
        owner, *(container.use(VerifyEmail)(token=token, password=PASSWORD) for _ in range(3))
    )

    assert refused(results) == [InvalidMailedToken] * 2


async def test_a_password_is_reset_once() -> None:
    session = await logged_in()
    await container.use(RequestPasswordReset)(email=EMAIL)
    await container.drain()
    token = mailed()
    passwords = [f"{PASSWORD} {number}" for number in range(3)]

    results = await while_locked(
        session.user_id,
        *(container.use(ResetPassword)(token=token, password=each) for each in passwords),
    )

    assert refused(results) == [InvalidMailedToken] * 2
    enter = [await container.use(LogIn)(email=EMAIL, password=each) for each in passwords]
    assert len(refused(enter)) == 2
    assert (await UserModel.objects.aget()).security_stamp == 2


async def test_the_first_of_two_changes_in_one_session_wins() -> None:
    session = await logged_in()

    results = await while_locked(
        session.user_id,
        *(
            container.use(ChangeUser)(
                user_id=session.user_id,
                session=session,
                password=f"{PASSWORD} {number}",
                email=None,
            )
            for number in range(2)
        ),
    )

    # The second session has an outdated stamp: its user can request it again.
    assert refused(results) == [InvalidToken]
    stored = await SessionModel.objects.aget()
    assert (stored.security_stamp, stored.ended_at) == (2, None)


async def test_an_email_address_taken_meanwhile_changes_nothing() -> None:
    session = await logged_in()
    changed = await container.use(ChangeUser)(
        user_id=session.user_id, session=session, password=None, email="new@example.org"
    )
    assert isinstance(changed, Success)
    await container.drain()
    token = mailed()
    await registered("new@example.org")

    result = await container.use(VerifyEmail)(token=token, password=PASSWORD)

    assert result == Failure(EmailTaken("This email address is already registered."))
    row = await UserModel.objects.aget(id=session.user_id)
    assert (row.email, row.wanted_email, row.former_email) == (EMAIL, "new@example.org", None)
    stored = await MailedTokenModel.objects.aget(user_id=session.user_id, used_at=None)
    assert stored.email == "new@example.org"


async def test_one_of_two_users_who_verify_one_email_address_wins() -> None:
    tokens = []
    for email in (EMAIL, "eve@example.org"):
        session = await logged_in(email)
        await container.use(ChangeUser)(
            user_id=session.user_id, session=session, password=None, email="new@example.org"
        )
        await container.drain()
        tokens.append(mailed())

    results = await asyncio.gather(
        *(container.use(VerifyEmail)(token=each, password=PASSWORD) for each in tokens)
    )

    assert refused(list(results)) == [EmailTaken]
    assert await UserModel.objects.filter(email="new@example.org").acount() == 1


async def test_two_concurrent_emails_leave_one_valid_token() -> None:
    owner = await registered()
    for _ in range(2):
        await container.use(RequestVerification)(email=EMAIL)
    # Relays that have lost their leases: both write.
    await asyncio.gather(*(container.relay.deliver_all() for _ in range(2)))

    good = MailedTokenModel.objects.filter(user_id=owner, used_at=None)
    assert await good.acount() == 1
    assert len(mail.outbox) == 3
    assert await container.use(VerifyEmail)(token=mailed(), password=PASSWORD) == Success(None)


async def test_the_error_for_a_missing_session_has_no_email_address() -> None:
    session = await logged_in()
    stranger = UserId(new_id())

    async with container.ports.unit_of_work(owner=stranger):
        found = await container.ports.sessions.restamp(SessionId(session.id), 9, owner=stranger)

    assert isinstance(found, Failure)
    assert Email(EMAIL).address not in str(found)
