"""Users hear of what changes who gets into their account."""

from typing import Any

import pytest

from dashtam.application.identity.email_reactions import NOTICES, NotifyUser
from domain.connections.events import ConnectionStopped, ConsentExpiryAnnounced, ProviderConnected
from domain.connections.values import STATEMENT_FILES, Need, ProviderSlug
from domain.identity.events import (
    ApiTokenIssued,
    EmailChangeRequested,
    RecoveryCodeUsed,
    SecondFactorConfirmed,
    SecondFactorRemoved,
    UserPasswordChanged,
    UserRestored,
)
from domain.identity.values import Email, Scope
from domain.shared.errors import Unavailable
from domain.shared.events import SYSTEM, Actor, DomainEvent
from domain.shared.ids import new_id
from domain.shared.result import Failure, Success
from domain.sharing.events import ConnectedAppClaimed
from tests.application.conftest import Application
from tests.application.identity.test_emails import insert
from tests.factories import NOON

BANK = ProviderSlug("northbank")
WRITTEN: list[tuple[type[DomainEvent], dict[str, Any], str]] = [
    (UserPasswordChanged, {"kept_session_id": None}, "password-changed"),
    (EmailChangeRequested, {}, "email-change-requested"),
    (SecondFactorConfirmed, {}, "second-factor-confirmed"),
    (SecondFactorRemoved, {}, "second-factor-removed"),
    (RecoveryCodeUsed, {"left": 3}, "recovery-code-used"),
    (ApiTokenIssued, {"scopes": (Scope.READ_ACCOUNTS,)}, "api-token-issued"),
    (ProviderConnected, {"provider": BANK}, "provider-connected"),
    (ConnectionStopped, {"need": Need.CONSENT}, "connection-needs-person"),
    (ConsentExpiryAnnounced, {"days": 6}, "consent-ending"),
    (UserRestored, {}, "account-restored"),
    (ConnectedAppClaimed, {}, "app-connected"),
]


def test_every_notice_is_attempted() -> None:
    assert {event for event, _, _ in WRITTEN} == NOTICES.keys()


@pytest.mark.parametrize(("event", "details", "kind"), WRITTEN)
async def test_a_user_is_notified(
    app: Application, event: type[DomainEvent], details: dict[str, Any], kind: str
) -> None:
    user = await insert(app)
    # Its subject may be a factor, a token or a connection.
    happened = event(subject_id=new_id(), actor=Actor.user(user.id), occurred_at=NOON, **details)

    assert await app.use(NotifyUser)(happened) == Success(None)

    assert app.mailer.emails == [(kind, Email("ada@example.org"), None)]


async def test_a_file_that_connects_an_institution_causes_no_notice(app: Application) -> None:
    user = await insert(app)
    connected = ProviderConnected(
        subject_id=new_id(),
        actor=Actor.user(user.id),
        occurred_at=NOON,
        provider=STATEMENT_FILES,
    )

    assert await app.use(NotifyUser)(connected) == Success(None)

    assert app.mailer.emails == []


async def test_an_unknown_user_is_not_notified(app: Application) -> None:
    for actor in (SYSTEM, Actor.user(new_id())):
        happened = SecondFactorRemoved(subject_id=new_id(), actor=actor, occurred_at=NOON)

        assert await app.use(NotifyUser)(happened) == Success(None)

    assert app.mailer.emails == []


async def test_a_notice_that_cannot_be_sent_is_retried(app: Application) -> None:
    user = await insert(app)
    app.mailer.is_down = True
    removed = SecondFactorRemoved(subject_id=new_id(), actor=Actor.user(user.id), occurred_at=NOON)

    failed = await app.use(NotifyUser)(removed)

    assert failed == Failure(Unavailable("The letter could not be sent."))
