"""Changing an email address: the new one counts once it is verified."""

from datetime import timedelta

from dashtam.application.identity.email_reactions import (
    NotifyOldEmail,
    NotifyUser,
    SendEmailConfirmation,
    SendVerificationEmail,
)
from dashtam.application.identity.email_tokens import RequestVerification
from dashtam.application.identity.log_in import LogIn
from dashtam.application.identity.sessions import OpenedSession
from dashtam.application.identity.users import WRONG, ChangeUser, RegisterUser, VerifyEmail
from domain.identity.entities import User
from domain.identity.errors import EmailTaken, InvalidEmail, InvalidMailedToken, WeakPassword
from domain.identity.events import EmailChangeRequested, EmailVerified
from domain.identity.values import Email
from domain.shared.errors import Unavailable
from domain.shared.limits import ATTEMPTS_PER_CREDENTIAL, TooManyRequests
from domain.shared.result import Failure, Success
from tests.application.conftest import Application
from tests.application.identity.test_emails import insert, token

ADA = {"email": "ada@example.org", "password": "correct horse battery"}
NEW = "ada@example.com"
STRANGERS = "what the stranger chose first"
NO_GOOD = Failure(InvalidMailedToken("The token from the email is not valid or has expired."))


async def enter(app: Application) -> OpenedSession:
    await app.enrol(**ADA)
    opened = await app.use(LogIn)(**ADA)
    assert isinstance(opened, Success)
    return opened.value


async def want(app: Application, opened: OpenedSession, email: str = NEW) -> User:
    """Request another email address, and let the emails be sent."""
    before = len(app.publisher.published)
    changed = await app.use(ChangeUser)(
        user_id=opened.session.user_id, session=opened.session, password=None, email=email
    )
    assert isinstance(changed, Success)
    for event in app.publisher.published[before:]:
        assert isinstance(event, EmailChangeRequested)
        assert await app.use(SendEmailConfirmation)(event) == Success(None)
        assert await app.use(NotifyUser)(event) == Success(None)
    return changed.value


def emails(app: Application) -> list[tuple[str, str]]:
    return [(kind, email.address) for kind, email, _ in app.mailer.emails]


def verified(app: Application) -> EmailVerified:
    (event,) = (e for e in app.publisher.published if isinstance(e, EmailVerified))
    return event


async def test_a_new_email_address_counts_once_it_is_verified(app: Application) -> None:
    opened = await enter(app)

    user = await want(app, opened)

    assert (user.email, user.wanted_email) == (Email(ADA["email"]), Email(NEW))
    assert emails(app) == [("confirm-email", NEW), ("email-change-requested", ADA["email"])]
    sent = app.mailer.emails[0][2]
    assert sent is not None
    assert await app.use(VerifyEmail)(token=sent.text, password=ADA["password"]) == Success(None)
    changed = app.store.users[user.id]
    assert (changed.email, changed.wanted_email) == (Email(NEW), None)
    assert verified(app).changed
    assert isinstance(await app.use(LogIn)(email=NEW, password=ADA["password"]), Success)
    assert isinstance(await app.use(LogIn)(**ADA), Failure)


async def test_the_former_email_address_is_notified_and_deleted(app: Application) -> None:
    user = await want(app, await enter(app))
    sent = app.mailer.emails[0][2]
    assert sent is not None
    await app.use(VerifyEmail)(token=sent.text, password=ADA["password"])

    app.mailer.is_down = True
    failed = await app.use(NotifyOldEmail)(verified(app))
    assert failed == Failure(Unavailable("The letter could not be sent."))
    assert app.store.users[user.id].former_email == Email(ADA["email"])
    app.mailer.is_down = False
    for _ in range(2):
        assert await app.use(NotifyOldEmail)(verified(app)) == Success(None)

    assert emails(app)[2:] == [("email-changed", ADA["email"])]
    assert app.store.users[user.id].former_email is None
    assert app.trail[-1] == ("former_email.removed", "success")


async def test_after_two_changes_the_first_email_address_is_notified(app: Application) -> None:
    opened = await enter(app)
    for email in (NEW, "ada@example.net"):
        await want(app, opened, email)
        sent = app.mailer.emails[-2][2]
        assert sent is not None
        assert await app.use(VerifyEmail)(token=sent.text, password=ADA["password"]) == Success(
            None
        )

    assert app.store.users[opened.session.user_id].former_email == Email(ADA["email"])


async def test_the_first_verification_notifies_no_former_email_address(app: Application) -> None:
    user = await insert(app, verified_at=None)
    await app.use(RequestVerification)(email="ada@example.org")
    await app.use(SendVerificationEmail)(app.publisher.published[-1])
    assert await app.use(VerifyEmail)(token=token(app), password=ADA["password"]) == Success(None)

    assert await app.use(NotifyOldEmail)(verified(app)) == Success(None)

    assert emails(app) == [("verify-email", "ada@example.org")]
    assert app.store.users[user.id].former_email is None


async def test_the_owner_of_an_email_address_is_notified_if_another_user_wants_it(
    app: Application,
) -> None:
    opened = await enter(app)
    await insert(app, email="eve@example.org")

    user = await want(app, opened, "eve@example.org")

    assert user.wanted_email == Email("eve@example.org")
    assert emails(app) == [
        ("duplicate-registration", "eve@example.org"),
        ("email-change-requested", ADA["email"]),
    ]
    assert app.mailer.emails[0][2] is None


async def test_an_email_address_taken_meanwhile_is_refused(app: Application) -> None:
    opened = await enter(app)
    user = await want(app, opened)
    sent = app.mailer.emails[0][2]
    assert sent is not None
    await insert(app, email=NEW)

    refused = await app.use(VerifyEmail)(token=sent.text, password=ADA["password"])

    assert refused == Failure(EmailTaken("This email address is already registered."))
    assert app.store.users[user.id] == user
    assert {each.used_at for each in app.store.mailed_tokens.values()} == {None}
    assert app.trail[-1] == ("email.verify", "failure")


async def test_the_latest_requested_email_address_counts(app: Application) -> None:
    opened = await enter(app)
    await want(app, opened, "first@example.org")
    sent = app.mailer.emails[0][2]
    assert sent is not None
    app.clock.at += timedelta(minutes=1)
    await want(app, opened)

    assert await app.use(VerifyEmail)(token=sent.text, password=ADA["password"]) == NO_GOOD


async def test_requesting_the_current_email_address_cancels_the_change(app: Application) -> None:
    opened = await enter(app)
    await want(app, opened)
    sent = app.mailer.emails[0][2]
    assert sent is not None

    user = await want(app, opened, " ADA@example.org")

    assert user.wanted_email is None
    assert app.trail[-1] == ("email_change.withdrawn", "success")
    assert await app.use(VerifyEmail)(token=sent.text, password=ADA["password"]) == NO_GOOD


async def test_an_invalid_email_address_is_refused_and_the_password_stays(app: Application) -> None:
    opened = await enter(app)

    refused = await app.use(ChangeUser)(
        user_id=opened.session.user_id,
        session=opened.session,
        password="another long password",
        email="ada",
    )

    assert refused == Failure(InvalidEmail("This is not a valid email address."))
    assert isinstance(await app.use(LogIn)(**ADA), Success)


async def test_email_address_and_password_can_change_together(app: Application) -> None:
    opened = await enter(app)

    changed = await app.use(ChangeUser)(
        user_id=opened.session.user_id,
        session=opened.session,
        password="another long password",
        email=NEW,
    )

    assert isinstance(changed, Success)
    assert changed.value.wanted_email == Email(NEW)
    assert app.announced[-2:] == ["user.password_changed", "email_change.requested"]


async def test_another_users_requests_cause_at_most_three_emails_an_hour(app: Application) -> None:
    opened = await enter(app)
    for number in range(5):
        await want(app, opened, f"stranger{number}@example.org")
        app.clock.at += timedelta(minutes=1)

    assert [kind for kind, _ in emails(app)].count("confirm-email") == 3
    assert NEW not in str(app.store.entries)


class TestThePasswordOfAVerification:
    """Who wrote an address down may have been a stranger: who reads its mail has the say."""

    async def registered(self, app: Application) -> str:
        """Be a stranger who registers an address, and return what its owner is sent."""
        user = await app.use(RegisterUser)(email=NEW, password=STRANGERS)
        assert isinstance(user, Success)
        await app.use(SendVerificationEmail)(app.publisher.published[-1])
        return token(app)

    async def enters(self, app: Application, password: str) -> bool:
        return isinstance(await app.use(LogIn)(email=NEW, password=password), Success)

    async def test_replaces_that_of_the_registration(self, app: Application) -> None:
        sent = await self.registered(app)

        assert await app.use(VerifyEmail)(token=sent, password=ADA["password"]) == Success(None)

        assert not await self.enters(app, STRANGERS)
        assert await self.enters(app, ADA["password"])

    async def test_may_equal_that_of_the_registration(self, app: Application) -> None:
        sent = await self.registered(app)

        assert await app.use(VerifyEmail)(token=sent, password=STRANGERS) == Success(None)

        assert await self.enters(app, STRANGERS)

    async def test_must_be_strong_and_the_token_stays_valid(self, app: Application) -> None:
        sent = await self.registered(app)
        before = dict(app.store.users)

        for weak in ("short", "passwordpassword", f"with {NEW} in it"):
            refused = await app.use(VerifyEmail)(token=sent, password=weak)
            assert isinstance(refused, Failure)
            assert isinstance(refused.error, WeakPassword)

        assert app.store.users == before
        assert await app.use(VerifyEmail)(token=sent, password=ADA["password"]) == Success(None)

    async def test_of_a_new_email_address_is_that_of_the_account(self, app: Application) -> None:
        user = await want(app, await enter(app))
        sent = app.mailer.emails[0][2]
        assert sent is not None

        for _ in range(ATTEMPTS_PER_CREDENTIAL - 1):
            assert await app.use(VerifyEmail)(token=sent.text, password=STRANGERS) == Failure(WRONG)
        assert app.store.users[user.id] == user
        assert app.trail[-1] == ("email.verify", "denied")

        assert await app.use(VerifyEmail)(token=sent.text, password=ADA["password"]) == Success(
            None
        )
        assert app.store.users[user.id].password_hash == user.password_hash

    async def test_of_a_new_email_address_may_be_wrong_ten_times(self, app: Application) -> None:
        user = await want(app, await enter(app))
        sent = app.mailer.emails[0][2]
        assert sent is not None
        for _ in range(ATTEMPTS_PER_CREDENTIAL):
            assert await app.use(VerifyEmail)(token=sent.text, password=STRANGERS) == Failure(WRONG)

        limited = await app.use(VerifyEmail)(token=sent.text, password=ADA["password"])

        assert isinstance(limited, Failure)
        assert isinstance(limited.error, TooManyRequests)
        assert app.store.users[user.id] == user
        # Nobody else is locked out by that.
        assert isinstance(await app.use(LogIn)(**ADA), Success)
