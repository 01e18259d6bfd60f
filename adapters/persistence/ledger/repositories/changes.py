"""The change feed: which changes come next, and what they say."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection

from adapters.persistence.database import Database, in_database
from adapters.persistence.ledger.repositories.contents import (
    Told,
    accounts,
    balances,
    holdings,
    transactions,
)
from domain.ledger.changes import (
    Change,
    ChangedResource,
    ChangeKind,
    ChangesPage,
    CursorAhead,
    FeedCursor,
    HistoryChanged,
)
from domain.shared.ids import UserId
from domain.shared.result import Failure, Result, Success

# Below it every transaction has ended: what is not there by now never will be. Asked for before
# the changes, on a snapshot of its own, so that they can only be more.
_HORIZON = """
SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint + xid_offset,
    (SELECT id FROM guard.history ORDER BY number DESC LIMIT 1)
FROM guard.state
"""
_NEXT = Path(__file__).with_name("changes.sql").read_text()
_RESOURCES = list(ChangedResource)
_CONTENTS: Mapping[ChangedResource, Callable[[Sequence[tuple[UUID, int]], UserId], Told]] = {
    ChangedResource.ACCOUNT: accounts,
    ChangedResource.TRANSACTION: transactions,
    ChangedResource.BALANCE: balances,
    ChangedResource.HOLDING: holdings,
}


class PostgresChangeFeed:
    """`ChangeFeed` over current rows and versions, in the order of their positions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @in_database
    def page(
        self, *, owner: UserId, after: FeedCursor | None, limit: int
    ) -> Result[ChangesPage, CursorAhead | HistoryChanged]:
        horizon, history = horizon_of_feed()
        beginning = FeedCursor.beginning(history)
        after = after or beginning
        if after.history != beginning.history:
            return Failure(HistoryChanged.by_restore())
        if after.position >= horizon:
            return Failure(CursorAhead("The cursor is from a later state of the ledger."))
        found = _next(owner, after, horizon, limit + 1)
        items = _told(found[:limit], owner)
        last = items[-1].cursor if items else after
        return Success(ChangesPage(items=items, next=last, has_more=len(found) > limit))


def horizon_of_feed() -> tuple[int, UUID]:
    """Return the number of the oldest transaction that still runs, or of the next; the history."""
    with connection.cursor() as cursor:
        cursor.execute(_HORIZON)
        horizon, history = cursor.fetchone()
        return horizon, history


def _next(
    owner: UserId, after: FeedCursor, horizon: int, limit: int
) -> list[tuple[FeedCursor, ChangeKind]]:
    named: dict[str, Any] = {
        "owner": owner,
        "horizon": horizon,
        "limit": limit,
        "position": after.position,
    }
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, {**named, **_among(after)})
        return [(_place(after.history, *row[:4]), ChangeKind(row[4])) for row in cursor.fetchall()]


def _among(after: FeedCursor) -> dict[str, Any]:
    """Return where each resource goes on, under the names that the statement has for it."""
    named: dict[str, Any] = {}
    for resource in ChangedResource:
        position, last_id, version = after.among(resource)
        named |= {
            f"{resource}_position": position,
            f"{resource}_id": last_id,
            f"{resource}_version": version,
        }
    return named


def _place(history: bytes, position: int, rank: int, id: UUID, version: int) -> FeedCursor:
    return FeedCursor(
        history=history, position=position, resource=_RESOURCES[rank], id=id, version=version
    )


def _told(found: Sequence[tuple[FeedCursor, ChangeKind]], owner: UserId) -> list[Change]:
    """Return the changes with what they say: a statement or two for each resource."""
    told = {
        resource: contents(keys, owner)
        for resource, contents in _CONTENTS.items()
        if (keys := [(at.id, at.version) for at, _ in found if at.resource is resource])
    }
    return [_change(at, kind, told[at.resource][at.id, at.version]) for at, kind in found]


def _change(place: FeedCursor, kind: ChangeKind, told: tuple[Any, Any, Any]) -> Change:
    account_id, recorded_at, content = told
    return Change(
        cursor=place,
        kind=kind,
        account_id=account_id,
        recorded_at=recorded_at,
        content=None if kind is ChangeKind.REMOVED else content,
    )
