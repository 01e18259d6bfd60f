"""Registering a user."""

from datetime import timedelta

import pytest

from dashtam.application.identity.email_reactions import SendVerificationEmail
from dashtam.application.identity.users import RegisterUser, VerifyEmail
from domain.identity.errors import EmailTaken, InvalidEmail, InvalidMailedToken, WeakPassword
from domain.identity.events import UserRegistered
from domain.shared.errors import OutcomeUnknown
from domain.shared.result import Failure, Success
from tests.application.conftest import Application
from tests.factories import NOON, make_user

ADA = {"email": "ada@example.org", "password": "correct horse battery"}
NO_GOOD = Failure(InvalidMailedToken("The token from the email is not valid or has expired."))


async def test_an_account_is_created(app: Application) -> None:
    result = await app.use(RegisterUser)(**ADA)

    assert isinstance(result, Success)
    user = result.value
    assert await app.world.users.get(user.id) == Success(user)
    assert user.registered_at == NOON
    assert app.trail == [("user.registered", "success")]
    assert app.announced == ["user.registered"]


async def test_the_hash_is_stored_and_not_the_password(app: Application) -> None:
    result = await app.use(RegisterUser)(**ADA)

    assert isinstance(result, Success)
    assert ADA["password"] not in result.value.password_hash


async def test_a_duplicate_email_address_is_refused(app: Application) -> None:
    await app.world.users.add(make_user("ada@example.org"))

    result = await app.use(RegisterUser)(**ADA)

    assert result == Failure(EmailTaken("This email address is already registered."))
    assert app.trail == [("registration.repeated", "failure")]
    assert app.announced == ["registration.repeated"]
    assert app.store.entries[0].resource_id in app.store.users


async def test_an_invalid_email_address_is_refused(app: Application) -> None:
    result = await app.use(RegisterUser)(email="ada", password=ADA["password"])

    assert result == Failure(InvalidEmail("This is not a valid email address."))
    assert app.store.users == {}


async def test_a_short_password_is_refused(app: Application) -> None:
    result = await app.use(RegisterUser)(email=ADA["email"], password="short")

    assert isinstance(result, Failure)
    assert isinstance(result.error, WeakPassword)
    entry = app.store.entries[0]
    assert (entry.details, entry.actor.kind) == ({"error": "weak-password"}, "system")


@pytest.mark.parametrize(
    ("error", "expected"), [(OutcomeUnknown(), "interrupted"), (KeyError("x"), "internal-error")]
)
async def test_every_outcome_is_audited(
    app: Application, monkeypatch: pytest.MonkeyPatch, error: Exception, expected: str
) -> None:
    async def fail(password: object) -> None:
        raise error

    monkeypatch.setattr(app.hasher, "hash", fail)

    with pytest.raises(type(error)):
        await app.use(RegisterUser)(**ADA)

    (entry,) = app.store.entries
    assert (entry.action, entry.result, entry.details) == (
        "user.register",
        "failure",
        {"error": expected},
    )


async def test_a_weak_password_is_refused(app: Application) -> None:
    for password in ("passwordpassword", "with ada@example.org in it"):
        result = await app.use(RegisterUser)(email=ADA["email"], password=password)

        assert isinstance(result, Failure)
        assert isinstance(result.error, WeakPassword)


async def test_the_new_user_verifies_the_email_address(app: Application) -> None:
    result = await app.use(RegisterUser)(**ADA)
    assert isinstance(result, Success)
    (registered,) = app.publisher.published
    assert isinstance(registered, UserRegistered)

    assert await app.use(SendVerificationEmail)(registered) == Success(None)

    ((kind, email, token),) = app.mailer.emails
    assert (kind, email) == ("verify-email", result.value.email)
    assert token is not None
    assert token.text not in str(app.store)
    assert await app.use(VerifyEmail)(
        token=f" {token.text}\n", password=ADA["password"]
    ) == Success(None)
    assert app.store.users[result.value.id].can_log_in
    assert app.trail[-1] == ("email.verified", "success")


async def test_a_token_works_once_and_for_one_day(app: Application) -> None:
    first, second = await _emailed_token(app), await _emailed_token(app)

    assert await app.use(VerifyEmail)(token=first, password=ADA["password"]) == NO_GOOD
    app.clock.at += timedelta(hours=24)
    assert await app.use(VerifyEmail)(token=second, password=ADA["password"]) == NO_GOOD
    app.clock.at -= timedelta(seconds=1)
    assert await app.use(VerifyEmail)(token=second, password=ADA["password"]) == Success(None)
    assert await app.use(VerifyEmail)(token=second, password=ADA["password"]) == NO_GOOD
    assert app.trail[-1] == ("email.verify", "failure")


async def _emailed_token(app: Application) -> str:
    """Send the verification email, and return its token."""
    if not app.store.users:
        await app.use(RegisterUser)(**ADA)
    (registered,) = (e for e in app.publisher.published if isinstance(e, UserRegistered))
    assert await app.use(SendVerificationEmail)(registered) == Success(None)
    token = app.mailer.emails[-1][2]
    assert token is not None
    return token.text
