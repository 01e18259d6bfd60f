"""Reading changes: what is shown, from where on, to whom, and the entry that it leaves."""

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
def told(app: Application) -> Application:
    """Two changes of one person's, the later of which may still be joined by others."""
    app.changes.tell(ADA, LATER, REMOVED)
    app.changes.horizon = 6
    return app


async def test_shows_what_can_be_joined_no_more(told: Application) -> None:
    shown = await told.use(ListChanges)(user_id=ADA, after=None, limit=10)

    assert shown == Success(ChangesPage(items=[REMOVED], next=REMOVED.cursor, has_more=False))


async def test_goes_on_where_it_stopped(told: Application) -> None:
    told.changes.horizon = 7

    first = await told.use(ListChanges)(user_id=ADA, after=None, limit=1)
    assert first == Success(ChangesPage(items=[REMOVED], next=REMOVED.cursor, has_more=True))
    rest = await told.use(ListChanges)(user_id=ADA, after=REMOVED.cursor, limit=1)
    assert rest == Success(ChangesPage(items=[LATER], next=LATER.cursor, has_more=False))
    none = await told.use(ListChanges)(user_id=ADA, after=LATER.cursor, limit=1)
    assert none == Success(ChangesPage(items=[], next=LATER.cursor, has_more=False))


async def test_without_changes_the_next_place_is_the_beginning(told: Application) -> None:
    shown = await told.use(ListChanges)(user_id=EVE, after=None, limit=10)

    beginning = FeedCursor.beginning(told.changes.history)
    assert shown == Success(ChangesPage(items=[], next=beginning, has_more=False))


async def test_a_reading_leaves_an_entry_and_is_not_announced(told: Application) -> None:
    await told.use(ListChanges)(user_id=ADA, after=None, limit=10)

    (entry,) = told.store.entries
    assert (entry.action, entry.result, entry.actor.id) == ("changes.viewed", "success", ADA)
    assert entry.details == {"count": 1}
    assert told.announced == []


async def test_a_cursor_from_the_future_is_refused_and_that_is_kept(told: Application) -> None:
    shown = await told.use(ListChanges)(user_id=ADA, after=LATER.cursor, limit=10)

    assert isinstance(shown, Failure)
    assert isinstance(shown.error, CursorAhead)
    assert told.trail == [("changes.view", "failure")]


async def test_a_cursor_of_another_history_is_refused_and_that_is_kept(told: Application) -> None:
    told.changes.history = UUID(int=8 << 100)

    shown = await told.use(ListChanges)(user_id=ADA, after=REMOVED.cursor, limit=10)

    assert isinstance(shown, Failure)
    assert isinstance(shown.error, HistoryChanged)
    assert told.trail == [("changes.view", "failure")]


async def test_an_outage_is_told(told: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = Failure(Unavailable("The database is not available."))

    async def fail(*args: object, **kwargs: object) -> object:
        return gone

    monkeypatch.setattr(told.changes, "page", fail)

    assert await told.use(ListChanges)(user_id=ADA, after=None, limit=10) == gone
    assert [entry.details for entry in told.store.entries] == [{"error": "unavailable"}]
