"""Reading changes: what is listed, from where, for whom, and the audit entry."""

from dataclasses import replace
from uuid import UUID

import pytest

from dashtam.application.ledger.changes import ListChanges
from domain.ledger.changes import (
    Change,
    ChangedResource,
    ChangeKind,
    ChangesPage,
    CursorAhead,
    FeedCursor,
    HistoryChanged,
)
from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId, UserId, new_id
from domain.shared.result import Failure, Success
from tests.application.conftest import Application
from tests.factories import NOON

ADA, EVE = UserId(new_id()), UserId(new_id())
REMOVED = Change(
    cursor=replace(
        FeedCursor.beginning(UUID(int=7)),
        position=5,
        resource=ChangedResource.TRANSACTION,
        id=UUID(int=1),
        version=2,
    ),
    kind=ChangeKind.REMOVED,
    account_id=AccountId(new_id()),
    recorded_at=NOON,
    content=None,
)
LATER = replace(REMOVED, cursor=replace(REMOVED.cursor, position=6))


@pytest.fixture
def app_with_changes(app: Application) -> Application:
    """Two changes of one user's, the later of which may still be overtaken by others."""
    app.changes.announce(ADA, LATER, REMOVED)
    app.changes.horizon = 6
    return app


async def test_a_change_that_may_still_be_overtaken_is_withheld(
    app_with_changes: Application,
) -> None:
    page = await app_with_changes.use(ListChanges)(user_id=ADA, after=None, limit=10)

    assert page == Success(ChangesPage(items=[REMOVED], next=REMOVED.cursor, has_more=False))


async def test_the_feed_continues_after_its_cursor(app_with_changes: Application) -> None:
    app_with_changes.changes.horizon = 7

    first = await app_with_changes.use(ListChanges)(user_id=ADA, after=None, limit=1)
    assert first == Success(ChangesPage(items=[REMOVED], next=REMOVED.cursor, has_more=True))
    rest = await app_with_changes.use(ListChanges)(user_id=ADA, after=REMOVED.cursor, limit=1)
    assert rest == Success(ChangesPage(items=[LATER], next=LATER.cursor, has_more=False))
    none = await app_with_changes.use(ListChanges)(user_id=ADA, after=LATER.cursor, limit=1)
    assert none == Success(ChangesPage(items=[], next=LATER.cursor, has_more=False))


async def test_without_changes_the_next_cursor_is_the_beginning(
    app_with_changes: Application,
) -> None:
    page = await app_with_changes.use(ListChanges)(user_id=EVE, after=None, limit=10)

    beginning = FeedCursor.beginning(app_with_changes.changes.history)
    assert page == Success(ChangesPage(items=[], next=beginning, has_more=False))


async def test_reading_is_audited_and_not_announced(app_with_changes: Application) -> None:
    await app_with_changes.use(ListChanges)(user_id=ADA, after=None, limit=10)

    (entry,) = app_with_changes.store.entries
    assert (entry.action, entry.result, entry.actor.id) == ("changes.viewed", "success", ADA)
    assert entry.details == {"count": 1}
    assert app_with_changes.announced == []


async def test_a_cursor_from_the_future_is_refused_and_audited(
    app_with_changes: Application,
) -> None:
    page = await app_with_changes.use(ListChanges)(user_id=ADA, after=LATER.cursor, limit=10)

    assert isinstance(page, Failure)
    assert isinstance(page.error, CursorAhead)
    assert app_with_changes.trail == [("changes.view", "failure")]


async def test_a_cursor_of_another_history_is_refused_and_audited(
    app_with_changes: Application,
) -> None:
    app_with_changes.changes.history = UUID(int=8 << 100)

    page = await app_with_changes.use(ListChanges)(user_id=ADA, after=REMOVED.cursor, limit=10)

    assert isinstance(page, Failure)
    assert isinstance(page.error, HistoryChanged)
    assert app_with_changes.trail == [("changes.view", "failure")]


async def test_an_outage_is_reported(
    app_with_changes: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    outage = Failure(Unavailable("The database is not available."))

    async def fail(*args: object, **kwargs: object) -> object:
        return outage

    monkeypatch.setattr(app_with_changes.changes, "page", fail)

    assert await app_with_changes.use(ListChanges)(user_id=ADA, after=None, limit=10) == outage
    assert [entry.details for entry in app_with_changes.store.entries] == [{"error": "unavailable"}]
