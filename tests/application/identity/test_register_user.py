"""Registering a user."""

import pytest

from domain.identity.errors import EmailTaken, InvalidEmail, WeakPassword
from domain.shared.errors import Interrupted
from domain.shared.result import Failure, Success
from tests.application.conftest import Application
from tests.factories import NOON, make_user

ADA = {"email": "ada@example.org", "password": "correct horse battery"}


async def test_opens_an_account(app: Application) -> None:
    result = await app.register_user(**ADA)

    assert isinstance(result, Success)
    user = result.value
    assert await app.world.users.get(user.id) == Success(user)
    assert user.registered_at == NOON
    assert app.trail == [("user.registered", "success")]
    assert app.announced == ["user.registered"]


async def test_keeps_a_hash_and_not_the_password(app: Application) -> None:
    result = await app.register_user(**ADA)

    assert isinstance(result, Success)
    assert ADA["password"] not in result.value.password_hash


async def test_refuses_a_taken_address(app: Application) -> None:
    await app.world.users.add(make_user("ada@example.org"))

    result = await app.register_user(**ADA)

    assert result == Failure(EmailTaken("This address is already registered."))
    assert app.trail == [("user.register", "failure")]
    assert app.announced == []


async def test_refuses_what_is_no_address(app: Application) -> None:
    result = await app.register_user(email="ada", password=ADA["password"])

    assert result == Failure(InvalidEmail("This is not an e-mail address."))
    assert app.store.users == {}


async def test_refuses_a_short_password(app: Application) -> None:
    result = await app.register_user(email=ADA["email"], password="short")

    assert isinstance(result, Failure)
    assert isinstance(result.error, WeakPassword)
    entry = app.store.entries[0]
    assert (entry.details, entry.actor.kind) == ({"error": "weak-password"}, "system")


@pytest.mark.parametrize(
    ("trouble", "told"), [(Interrupted(), "interrupted"), (KeyError("x"), "internal-error")]
)
async def test_leaves_an_entry_whatever_happens(
    app: Application, monkeypatch: pytest.MonkeyPatch, trouble: Exception, told: str
) -> None:
    async def fail(password: object) -> None:
        raise trouble

    monkeypatch.setattr(app.hasher, "hash", fail)

    with pytest.raises(type(trouble)):
        await app.register_user(**ADA)

    (entry,) = app.store.entries
    assert (entry.action, entry.result, entry.details) == (
        "user.register",
        "failure",
        {"error": told},
    )


async def test_the_new_user_is_welcomed(app: Application) -> None:
    result = await app.register_user(**ADA)
    assert isinstance(result, Success)
    (registered,) = app.publisher.published

    assert await app.welcome_user(registered) == Success(None)  # type: ignore[arg-type]

    assert app.mailer.welcomed == [result.value.email]
