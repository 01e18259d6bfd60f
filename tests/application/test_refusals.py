"""What comes to nothing leaves an entry: which, with what outcome, and about what."""

from dataclasses import dataclass

import pytest

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.use_case import UseCase
from domain.audit.origin import Origin, origin
from domain.shared.errors import (
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from domain.shared.events import Actor, ResourceType
from domain.shared.ids import AccountId, new_id
from domain.shared.result import Failure, Result, Success
from tests.application.conftest import Application
from tests.factories import NOON


class RecordsItself(Conflict):
    """A failure that the use case records itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseAccount(UseCase):
    """A use case with a given result."""

    error: DomainError | None = None

    @audit_failures("account.close", ResourceType.ACCOUNT, except_for=(RecordsItself,))
    async def __call__(self, *, account_id: AccountId) -> Result[None, DomainError]:
        return Failure(self.error) if self.error else Success(None)


ACCOUNT = AccountId(new_id())


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (Invalid("x"), "failure"),
        (NotFound("x"), "failure"),
        (Unavailable("x"), "failure"),
        (Unauthenticated("x"), "denied"),
        (Forbidden("x"), "denied"),
        (TooMany("x"), "denied"),
    ],
)
async def test_a_refusal_records_failed_or_denied(
    app: Application, error: DomainError, outcome: str
) -> None:
    came_from = Origin("ab" * 16, "192.0.2.7", "curl", Actor.user(new_id()))
    before = origin.set(came_from)
    result = await CloseAccount(error=error, **app.world.basics)(account_id=ACCOUNT)
    origin.reset(before)

    assert result == Failure(error)
    (entry,) = app.store.entries
    assert (entry.action, entry.result) == ("account.close", outcome)
    assert (entry.resource, entry.resource_id) == ("account", ACCOUNT)
    assert (entry.actor, entry.origin) == (came_from.actor, came_from)
    assert (entry.occurred_at, entry.details) == (NOON, {"error": error.code})


async def test_success_is_recorded_only_by_its_event(app: Application) -> None:
    assert await CloseAccount(**app.world.basics)(account_id=ACCOUNT) == Success(None)
    assert app.store.entries == []


async def test_a_refusal_recorded_by_the_use_case_is_not_repeated(app: Application) -> None:
    await CloseAccount(error=RecordsItself("x"), **app.world.basics)(account_id=ACCOUNT)

    assert app.store.entries == []
