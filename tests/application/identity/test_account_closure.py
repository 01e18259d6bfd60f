"""Closing an account, taking that back, being erased, and taking everything along."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest

from dashtam.application.identity.account_closure import CloseUser, RestoreUser
from dashtam.application.identity.authenticate_request import AuthenticateRequest
from dashtam.application.identity.email_reactions import NotifyUser, SendRecoveryEmail
from dashtam.application.identity.log_in import LogIn
from dashtam.application.identity.personal_data import EraseUser, ExportUser, PurgeExpired
from dashtam.application.identity.sessions import OpenedSession, RefreshSession
from domain.identity.entities import User
from domain.identity.errors import InvalidCredentials, InvalidMailedToken, InvalidToken
from domain.identity.events import UserClosed, UserRestored
from domain.identity.personal_data import PersonalDataRepository, PersonalDataWriter
from domain.identity.values import MailPurpose, Token, TokenKind
from domain.shared.events import Actor
from domain.shared.ids import UserId, new_id
from domain.shared.result import Failure, Success
from tests.application.conftest import Application
from tests.contracts.personal_data import (
    Everybody,
    PersonalDataContract,
    PersonalDataWriterContract,
)
from tests.contracts.world import World
from tests.factories import NOON, make_api_token, make_connected_app, make_mailed_token
from tests.fakes import FixedClock, Store
from tests.personal_data_fakes import InMemoryPersonalData, PlainPersonalDataWriter

ADA = {"email": "ada@example.org", "password": "correct horse battery"}
NOT_GOOD = Failure(InvalidMailedToken("The token from the email is not valid or has expired."))
GRACE = timedelta(days=14)


class TestPersonalDataInMemory(PersonalDataContract):
    @pytest.fixture
    def everybody(self, store: Store) -> Everybody:
        repository: PersonalDataRepository = InMemoryPersonalData(store, FixedClock())
        return Everybody(repository, NOON)


class TestPlainWriter(PersonalDataWriterContract):
    @pytest.fixture
    def writer(self) -> PersonalDataWriter:
        return PlainPersonalDataWriter()


async def logged_in(app: Application) -> OpenedSession:
    await app.enrol(**ADA)
    opened = await app.use(LogIn)(**ADA)
    assert isinstance(opened, Success)
    return opened.value


async def left(app: Application) -> tuple[UserId, Token]:
    """Close an account; return its user and the emailed token."""
    user_id = (await logged_in(app)).session.user_id
    assert isinstance(await app.use(CloseUser)(user_id=user_id), Success)
    (*_, deleted) = (e for e in app.publisher.published if isinstance(e, UserClosed))
    assert await app.use(SendRecoveryEmail)(deleted) == Success(None)
    kind, email, token = app.mailer.emails[-1]
    assert (kind, email.address) == ("account-closed", ADA["email"])
    assert token is not None
    return user_id, token


def user_of(app: Application) -> User:
    (user,) = app.store.users.values()
    return user


class TestDeleting:
    async def test_ends_all_access_at_once(self, app: Application) -> None:
        opened = await logged_in(app)
        user_id = opened.session.user_id
        program = make_api_token(user_id)
        await app.world.api_tokens.add(program)
        reader = make_connected_app(user_id)
        await app.world.connected_apps.add(reader)

        assert await app.use(CloseUser)(user_id=user_id) == Success(NOON + GRACE)

        refused = Failure(InvalidToken("The token is not valid."))
        assert await app.use(AuthenticateRequest)(token=opened.access_token.text) == refused
        assert await app.use(RefreshSession)(token=opened.refresh_token.text) == refused
        assert app.store.sessions[opened.session.id].ended_at == NOON
        assert app.store.api_tokens[program.id].revoked_at == NOON
        assert app.store.connected_apps[reader.id].revoked_at == NOON
        entries = [entry for entry in app.store.entries if entry.resource_id == user_id]
        assert [(entry.action, dict(entry.details)) for entry in entries[-4:]] == [
            ("user.deleted", {}),
            ("sessions.ended", {"count": 1, "kept_session_id": None}),
            ("api_tokens.revoked", {"count": 1}),
            ("connected_apps.revoked", {"count": 1}),
        ]

    async def test_makes_a_log_in_look_like_a_wrong_password(self, app: Application) -> None:
        await left(app)

        right, wrong = (
            await app.use(LogIn)(**ADA),
            await app.use(LogIn)(**{**ADA, "password": "x" * 20}),
        )

        assert right == wrong == Failure(InvalidCredentials("Wrong email address or password."))
        assert [e.details.get("reason") for e in app.store.entries[-2:]] == [
            "deleted",
            "wrong-password",
        ]

    async def test_happens_once_even_if_requested_twice(self, app: Application) -> None:
        user_id = (await logged_in(app)).session.user_id
        first = await app.use(CloseUser)(user_id=user_id)
        app.clock.at = NOON + timedelta(days=1)

        assert await app.use(CloseUser)(user_id=user_id) == first
        assert app.announced.count("user.deleted") == 1

    async def test_the_email_goes_only_to_a_user_who_is_still_leaving(
        self, app: Application
    ) -> None:
        user_id, token = await left(app)
        await app.use(RestoreUser)(token=token.text)
        deleted = UserClosed(subject_id=user_id, actor=Actor.user(user_id), occurred_at=NOON)
        before = len(app.mailer.emails)

        assert await app.use(SendRecoveryEmail)(deleted) == Success(None)
        app.store.users.clear()
        assert await app.use(SendRecoveryEmail)(deleted) == Success(None)
        assert await app.use(SendRecoveryEmail)(replace(deleted, subject_id=None)) == Success(None)

        assert len(app.mailer.emails) == before

    async def test_no_secret_is_recorded(self, app: Application) -> None:
        _, token = await left(app)

        entries = f"{app.store.entries} {app.publisher.published}"
        assert token.text not in entries
        assert ADA["email"] not in entries


class TestRestoring:
    async def test_reopens_the_account(self, app: Application) -> None:
        user_id, token = await left(app)
        app.clock.at = NOON + GRACE - timedelta(seconds=1)

        assert await app.use(RestoreUser)(token=f" {token.text}\n") == Success(None)

        assert user_of(app).erase_after is None
        assert app.trail[-1] == ("user.kept", "success")
        event = app.publisher.published[-1]
        assert isinstance(event, UserRestored)
        assert await app.use(NotifyUser)(event) == Success(None)
        assert app.mailer.emails[-1][0] == "account-restored"
        assert isinstance(await app.use(LogIn)(**ADA), Success)
        assert await app.world.api_tokens.of_user(user_id, app.clock.at) == Success([])

    async def test_works_once(self, app: Application) -> None:
        user_id, token = await left(app)
        await app.use(RestoreUser)(token=token.text)
        await app.use(CloseUser)(user_id=user_id)

        assert await app.use(RestoreUser)(token=token.text) == NOT_GOOD
        assert user_of(app).erase_after is not None
        assert app.trail[-1] == ("user.keep", "failure")

    @pytest.mark.parametrize("late", [GRACE, GRACE + timedelta(days=1)])
    async def test_is_refused_after_the_deadline(self, app: Application, late: timedelta) -> None:
        _, token = await left(app)
        app.clock.at = NOON + late

        assert await app.use(RestoreUser)(token=token.text) == NOT_GOOD
        assert app.trail[-1] == ("user.keep", "failure")

    @pytest.mark.parametrize("purpose", sorted(set(MailPurpose) - {MailPurpose.RESTORE_USER}))
    async def test_is_refused_for_tokens_of_other_emails(
        self, app: Application, purpose: MailPurpose
    ) -> None:
        user_id, _ = await left(app)
        other = make_mailed_token(user_id, b"o" * 32, purpose=purpose)
        await app.world.mailed_tokens.add(other)

        assert (
            await app.use(RestoreUser)(token=Token.of(b"o" * 32, TokenKind.MAIL).text) == NOT_GOOD
        )
        assert app.store.mailed_tokens[other.id].used_at is None

    @pytest.mark.parametrize("text", ["", "x", Token.of(b"u" * 32).text])
    async def test_is_refused_for_an_invalid_token(self, app: Application, text: str) -> None:
        await left(app)

        assert await app.use(RestoreUser)(token=text) == NOT_GOOD

    async def test_is_too_late_for_an_erased_user(self, app: Application) -> None:
        user_id, token = await left(app)
        del app.store.users[user_id]

        assert await app.use(RestoreUser)(token=token.text) == NOT_GOOD

    async def test_is_not_announced_for_a_deleted_user(self, app: Application) -> None:
        event = UserRestored(subject_id=new_id(), actor=Actor.user(new_id()), occurred_at=NOON)

        assert await app.use(NotifyUser)(event) == Success(None)
        assert await app.use(NotifyUser)(replace(event, subject_id=None)) == Success(None)
        assert app.mailer.emails == []


class TestErasing:
    async def test_is_recorded_with_counts(self, app: Application) -> None:
        user_id, _ = await left(app)
        app.clock.at = NOON + GRACE

        erased = await app.use(EraseUser)(user_id=user_id)

        assert isinstance(erased, Success)
        assert erased.value is not None
        assert erased.value["users"] == 1
        assert app.store.users == {}
        assert app.store.sessions == {}
        assert app.store.mailed_tokens == {}
        entry = app.store.entries[-1]
        assert (entry.action, entry.actor.kind, entry.resource_id) == (
            "user.erased",
            "system",
            user_id,
        )
        assert entry.details == {"rows": erased.value}

    async def test_is_refused_while_the_user_can_still_return(self, app: Application) -> None:
        user_id, _ = await left(app)
        app.clock.at = NOON + GRACE - timedelta(seconds=1)
        before = len(app.store.entries)

        assert await app.use(EraseUser)(user_id=user_id) == Success(None)
        assert len(app.store.entries) == before

    async def test_skips_users_who_are_processed_elsewhere(self, app: Application) -> None:
        user_id, _ = await left(app)
        app.clock.at = NOON + GRACE
        app.personal_data.locked = {user_id}

        assert await app.use(EraseUser)(user_id=user_id) == Success(None)
        assert user_id in app.store.users


class TestPurging:
    async def test_is_recorded_with_counts(self, app: Application) -> None:
        opened = await logged_in(app)
        user_id = opened.session.user_id
        app.clock.at = NOON + timedelta(days=121)

        assert await app.use(PurgeExpired)(user_id=user_id) == Success(
            {"sessions": 1, "refresh_tokens": 1}
        )
        entry = app.store.entries[-1]
        assert (entry.action, entry.actor.kind) == ("user.swept", "system")
        assert entry.details == {"rows": {"sessions": 1, "refresh_tokens": 1}}

    async def test_of_nothing_is_not_recorded(self, app: Application) -> None:
        opened = await logged_in(app)
        before = len(app.store.entries)

        assert await app.use(PurgeExpired)(user_id=opened.session.user_id) == Success({})
        assert len(app.store.entries) == before


class TestExporting:
    async def test_writes_everything_and_is_recorded(self, app: Application, world: World) -> None:
        opened = await logged_in(app)
        user_id = opened.session.user_id
        await world.files.store(b"march", digest=sha256(b"march").digest(), owner=user_id)

        done = await app.use(ExportUser)(user_id=user_id)

        assert isinstance(done, Success)
        file = done.value
        with file.content as content:
            text = content.read()
        assert (len(text), file.media_type) == (file.size, "text/plain")
        assert file.name == "dashtam-2026-03-14.txt"
        assert b"march" in text
        entry = app.store.entries[-1]
        assert (entry.action, entry.resource_id) == ("user.exported", user_id)
        assert entry.details == {"count": 3, "files": 1}
