"""Emails: who receives which, how many, and what happens to their tokens."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dashtam.application.identity.email_reactions import (
    NotifyDuplicateRegistration,
    SendPasswordResetEmail,
    SendVerificationEmail,
)
from dashtam.application.identity.email_tokens import RequestPasswordReset, RequestVerification
from dashtam.application.identity.passwords import ResetPassword
from dashtam.application.identity.users import RegisterUser, VerifyEmail
from domain.identity.entities import MailedToken, User
from domain.identity.errors import EmailTaken, InvalidMailedToken
from domain.identity.events import (
    PasswordResetRequested,
    RegistrationRepeated,
    UserRegistered,
    VerificationRequested,
)
from domain.identity.values import Email, MailPurpose
from domain.shared.errors import Unavailable
from domain.shared.events import ANONYMOUS, DomainEvent
from domain.shared.result import Failure, Success
from tests.application.conftest import Application
from tests.factories import NOON, make_user

PASSWORD = "correct horse battery"
ADA = Email("ada@example.org")
NO_GOOD = Failure(InvalidMailedToken("The token from the email is not valid or has expired."))


async def insert(app: Application, **changes: Any) -> User:
    user = make_user(**changes)
    await app.world.users.add(user)
    return user


async def react(app: Application, event: type[DomainEvent], user: User | None) -> None:
    """Let the reaction send emails for an unauthenticated request."""
    subject = user.id if user else None
    request = event(subject_id=subject, actor=ANONYMOUS, occurred_at=app.clock.at)
    reactions: dict[type[DomainEvent], Any] = {
        UserRegistered: app.use(SendVerificationEmail),
        VerificationRequested: app.use(SendVerificationEmail),
        RegistrationRepeated: app.use(NotifyDuplicateRegistration),
        PasswordResetRequested: app.use(SendPasswordResetEmail),
    }
    assert await reactions[event](request) == Success(None)


def kinds(app: Application) -> list[str]:
    return [kind for kind, _, _ in app.mailer.emails]


def token(app: Application) -> str:
    """Return the token of the latest email."""
    found = app.mailer.emails[-1][2]
    assert found is not None
    return found.text


UNVERIFIED = {"verified_at": None}
CLOSED = {"erase_after": NOON + timedelta(days=14)}


@pytest.mark.parametrize(
    ("event", "state", "written"),
    [
        (VerificationRequested, UNVERIFIED, ["verify-email"]),
        (VerificationRequested, {}, []),
        (VerificationRequested, CLOSED, []),
        (RegistrationRepeated, UNVERIFIED, ["unverified-registration"]),
        (RegistrationRepeated, {}, ["duplicate-registration"]),
        (RegistrationRepeated, CLOSED, []),
        (PasswordResetRequested, UNVERIFIED, ["reset-password"]),
        (PasswordResetRequested, {}, ["reset-password"]),
        (PasswordResetRequested, CLOSED, []),
    ],
)
async def test_the_email_depends_on_who_owns_the_address(
    app: Application, event: type[DomainEvent], state: dict[str, Any], written: list[str]
) -> None:
    await react(app, event, await insert(app, **state))

    assert kinds(app) == written
    assert {email for _, email, _ in app.mailer.emails} <= {ADA}


@pytest.mark.parametrize(
    "event", [VerificationRequested, RegistrationRepeated, PasswordResetRequested]
)
async def test_an_unknown_user_receives_no_email(
    app: Application, event: type[DomainEvent]
) -> None:
    await react(app, event, None)
    # A user who was erased before the email was written.
    await react(app, event, make_user())

    assert kinds(app) == []
    assert app.trail == []


async def test_a_warning_has_no_token(app: Application) -> None:
    await react(app, RegistrationRepeated, await insert(app))

    ((_, _, token),) = app.mailer.emails
    assert token is None
    (tokens,) = app.store.mailed_tokens.values()
    assert not tokens.is_valid(app.clock.at)


@pytest.mark.parametrize(
    ("event", "state"),
    [
        (VerificationRequested, UNVERIFIED),
        (RegistrationRepeated, {}),
        (RegistrationRepeated, UNVERIFIED),
        (PasswordResetRequested, {}),
    ],
)
async def test_three_emails_are_sent_per_hour(
    app: Application, event: type[DomainEvent], state: dict[str, Any]
) -> None:
    user = await insert(app, **state)
    for _ in range(5):
        await react(app, event, user)
        app.clock.at += timedelta(minutes=1)

    assert len(app.mailer.emails) == MailedToken.MOST == 3
    assert app.trail.count(("letter.refused", "denied")) == 2
    app.clock.at += timedelta(hours=1)
    await react(app, event, user)
    assert len(app.mailer.emails) == 4


async def test_each_purpose_is_counted_separately(app: Application) -> None:
    user = await insert(app)
    for event in (RegistrationRepeated, PasswordResetRequested):
        for _ in range(4):
            await react(app, event, user)
            app.clock.at += timedelta(minutes=1)

    assert kinds(app) == ["duplicate-registration"] * 3 + ["reset-password"] * 3


async def test_a_refused_email_leaves_the_latest_token_valid(app: Application) -> None:
    user = await insert(app, **UNVERIFIED)
    for _ in range(4):
        await react(app, VerificationRequested, user)
        app.clock.at += timedelta(minutes=1)

    assert await app.use(VerifyEmail)(token=token(app), password=PASSWORD) == Success(None)


async def test_a_later_email_replaces_earlier_ones(app: Application) -> None:
    user = await insert(app)
    await react(app, PasswordResetRequested, user)
    first = token(app)
    app.clock.at += timedelta(minutes=1)
    await react(app, PasswordResetRequested, user)

    assert await app.use(ResetPassword)(token=first, password="another long password") == NO_GOOD
    done = await app.use(ResetPassword)(token=token(app), password="another long password")
    assert isinstance(done, Success)


async def test_an_email_that_cannot_be_sent_is_retried_and_does_not_count(
    app: Application,
) -> None:
    user = await insert(app, **UNVERIFIED)
    request = VerificationRequested(subject_id=user.id, actor=ANONYMOUS, occurred_at=NOON)
    app.mailer.is_down = True
    for _ in range(6):
        failed = await app.use(SendVerificationEmail)(request)
        assert failed == Failure(Unavailable("The letter could not be sent."))
        app.clock.at += timedelta(minutes=1)
    assert app.trail[-1] == ("token.withdrawn", "failure")
    assert {each.used_at is None for each in app.store.mailed_tokens.values()} == {False}

    app.mailer.is_down = False

    assert await app.use(SendVerificationEmail)(request) == Success(None)
    assert await app.use(VerifyEmail)(token=token(app), password=PASSWORD) == Success(None)


async def test_nothing_stored_or_published_has_the_token(app: Application) -> None:
    await react(app, PasswordResetRequested, await insert(app))

    assert token(app) not in str(app.store)
    assert token(app) not in str(app.publisher.published) + str(app.store.entries)
    assert ADA.address not in str(app.store.entries)


class TestRequesting:
    async def test_leaves_the_same_trace_for_every_email_address(self, app: Application) -> None:
        ada = await insert(app)
        for ask in (app.use(RequestVerification), app.use(RequestPasswordReset)):
            for email in ("ADA@example.org ", "eve@example.org", "no address"):
                assert await ask(email=email) == Success(None)

        recorded_ids = [entry.resource_id for entry in app.store.entries]
        assert recorded_ids == [ada.id, None, None] * 2
        assert app.announced == ["verification.requested"] * 3 + ["password_reset.requested"] * 3

    async def test_again_for_a_registration_notifies_the_owner(self, app: Application) -> None:
        ada = await insert(app)

        repeated = await app.use(RegisterUser)(
            email="ada@example.org", password="correct horse battery"
        )

        assert repeated == Failure(EmailTaken("This email address is already registered."))
        assert app.trail == [("registration.repeated", "failure")]
        assert app.store.entries[0].resource_id == ada.id
        assert list(app.store.users) == [ada.id]


class TestInvalidTokens:
    """Replayed, expired, for another purpose, for a former email address."""

    async def test_a_token_works_once(self, app: Application) -> None:
        await react(app, VerificationRequested, await insert(app, **UNVERIFIED))

        assert await app.use(VerifyEmail)(token=token(app), password=PASSWORD) == Success(None)
        assert await app.use(VerifyEmail)(token=token(app), password=PASSWORD) == NO_GOOD
        assert app.trail[-1] == ("email.verify", "failure")

    async def test_a_token_has_one_purpose(self, app: Application) -> None:
        await react(app, PasswordResetRequested, await insert(app, **UNVERIFIED))

        assert await app.use(VerifyEmail)(token=token(app), password=PASSWORD) == NO_GOOD

        await react(app, VerificationRequested, next(iter(app.store.users.values())))
        refused = await app.use(ResetPassword)(token=token(app), password="another long password")
        assert refused == NO_GOOD
        assert app.trail[-1] == ("password.reset", "failure")

    async def test_a_token_expires(self, app: Application) -> None:
        await react(app, PasswordResetRequested, await insert(app))
        reset = {"token": token(app), "password": "another long password"}
        app.clock.at += timedelta(minutes=15)

        assert await app.use(ResetPassword)(**reset) == NO_GOOD
        app.clock.at -= timedelta(seconds=1)
        assert isinstance(await app.use(ResetPassword)(**reset), Success)

    async def test_a_token_changes_nothing_for_another_user(self, app: Application) -> None:
        eve = await insert(app, email="eve@example.org", **UNVERIFIED)
        await react(app, VerificationRequested, await insert(app, **UNVERIFIED))

        assert await app.use(VerifyEmail)(token=token(app), password=PASSWORD) == Success(None)

        assert app.store.users[eve.id] == eve

    async def test_a_token_is_invalid_for_a_closed_account(self, app: Application) -> None:
        user = await insert(app)
        await react(app, PasswordResetRequested, user)
        app.store.users[user.id] = replace(user, erase_after=NOON)

        refused = await app.use(ResetPassword)(token=token(app), password="another long password")

        assert refused == NO_GOOD

    async def test_a_token_is_invalid_for_a_former_email_address(self, app: Application) -> None:
        user = await insert(app)
        await react(app, PasswordResetRequested, user)
        for wanted in (None, ADA):
            moved = replace(user, email=Email("new@example.org"), wanted_email=wanted)
            app.store.users[user.id] = moved

            refused = await app.use(ResetPassword)(
                token=token(app), password="another long password"
            )

            assert refused == NO_GOOD

    async def test_a_token_is_invalid_for_a_deleted_user(self, app: Application) -> None:
        user = await insert(app)
        await react(app, PasswordResetRequested, user)
        del app.store.users[user.id]

        refused = await app.use(ResetPassword)(token=token(app), password="another long password")

        assert refused == NO_GOOD

    async def test_the_link_of_a_notice_is_not_a_token(self, app: Application) -> None:
        assert MailedToken.LIFETIMES[MailPurpose.NOTICE] == timedelta(0)
