"""The change feed: which changes come next, and the rows that they are changes of."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias
from uuid import UUID

from django.db import connection
from django.db.models.expressions import RawSQL

from adapters.persistence.database import UsesDatabase, in_database
from adapters.persistence.ledger.accounts import account_of, former_account_of
from adapters.persistence.ledger.categories import category_of
from adapters.persistence.ledger.columns import array_of, column_of
from adapters.persistence.ledger.holdings import balance_of, holding_of
from adapters.persistence.ledger.models import (
    AccountModel,
    AccountVersionModel,
    BalanceModel,
    CategoryVersionModel,
    HoldingModel,
    TransactionModel,
    TransactionVersionModel,
)
from adapters.persistence.ledger.transactions import transactions_of
from domain.ledger.changes import (
    Change,
    ChangedResource,
    ChangeKind,
    ChangesPage,
    Content,
    CursorAhead,
    FeedCursor,
    HistoryChanged,
)
from domain.ledger.entities import Transaction
from domain.shared.ids import AccountId, UserId
from domain.shared.result import Failure, Result, Success

Key: TypeAlias = tuple[UUID, int]


_IDS = f"SELECT unnest({array_of('uuid')})"
#: The account of each change, when it was recorded, and its content.
Contents: TypeAlias = dict[Key, tuple[AccountId | None, datetime, Content]]


def _accounts(keys: Sequence[Key], owner: UserId) -> Contents:
    # In this order: a row that changes between the two statements has become a version.
    now = AccountModel.objects.filter(user_id=owner, id__in=_ids(keys))
    contents: Contents = {
        (row.id, row.version): (AccountId(row.id), row.recorded_at, account_of(row)) for row in now
    }
    gone = [key for key in keys if key not in contents]
    then = AccountVersionModel.objects.filter(user_id=owner, account_id__in=_ids(gone))
    for row in then if gone else ():
        account = former_account_of(row)
        contents[account.id, row.version] = (account.id, row.recorded_at, account)
    return contents


def _transactions(keys: Sequence[Key], owner: UserId) -> Contents:
    # In this order: a row that changes between the two statements has become a version.
    now = TransactionModel.objects.filter(user_id=owner, id__in=_ids(keys))
    contents = _contents_of(transactions_of(now, "id"))
    gone = [key for key in keys if key not in contents]
    if gone:
        then = TransactionVersionModel.objects.filter(
            user_id=owner,
            transaction_id__in=_ids(gone),
            version__in={version for _, version in gone},
        )
        contents |= _contents_of(transactions_of(then, "transaction_id"))
    return contents


def _contents_of(rows: Iterable[tuple[int, datetime, Transaction]]) -> Contents:
    return {(row.id, version): (row.account_id, at, row) for version, at, row in rows}


def _balances(keys: Sequence[Key], owner: UserId) -> Contents:
    rows = BalanceModel.objects.filter(user_id=owner, id__in=_ids(keys)).select_related("source")
    return _stated_and_undone((row, balance_of(row)) for row in rows)


def _holdings(keys: Sequence[Key], owner: UserId) -> Contents:
    rows = HoldingModel.objects.filter(user_id=owner, id__in=_ids(keys))
    whole = rows.select_related("source", "security")
    return _stated_and_undone((row, holding_of(row)) for row in whole)


def _categories(keys: Sequence[Key], owner: UserId) -> Contents:
    rows = CategoryVersionModel.objects.filter(user_id=owner, category_id__in=_ids(keys))
    return {
        (row.category_id, row.version): (None, row.recorded_at, category_of(row)) for row in rows
    }


def _ids(keys: Sequence[Key]) -> RawSQL:
    # As one text: to quote each id takes longer than to find its row.
    return RawSQL(_IDS, [column_of("uuid", {key for key, _ in keys})])  # noqa: S611


def _stated_and_undone(rows: Iterable[tuple[BalanceModel | HoldingModel, Content]]) -> Contents:
    """Return the content of each row as version 1, and its undoing as version 2."""
    contents: Contents = {}
    for row, content in rows:
        account_id = AccountId(row.account_id)
        contents[row.id, 1] = (account_id, row.created_at, content)
        contents[row.id, 2] = (account_id, row.source.undone_at or row.created_at, content)
    return contents


# Every transaction below the horizon has ended: no change with a lower number can appear later.
# It is read before the changes, in a snapshot of its own, so that none is missed.
_HORIZON = """
SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint + xid_offset,
    (SELECT id FROM guard.history ORDER BY number DESC LIMIT 1)
FROM guard.state
"""
_NEXT = Path(__file__).with_name("changes.sql").read_text()
_RESOURCES = list(ChangedResource)
_CONTENTS: Mapping[ChangedResource, Callable[[Sequence[tuple[UUID, int]], UserId], Contents]] = {
    ChangedResource.ACCOUNT: _accounts,
    ChangedResource.TRANSACTION: _transactions,
    ChangedResource.BALANCE: _balances,
    ChangedResource.HOLDING: _holdings,
    ChangedResource.CATEGORY: _categories,
}


class PostgresChangeFeed(UsesDatabase):
    """`ChangeFeed` over current rows and versions, in the order of their positions."""

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
        items = _changes(found[:limit], owner)
        last = items[-1].cursor if items else after
        return Success(ChangesPage(items=items, next=last, has_more=len(found) > limit))


def horizon_of_feed() -> tuple[int, UUID]:
    """Return the number of the oldest open transaction, or of the next one, and the history."""
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
        cursor.execute(_NEXT, {**named, **_positions(after)})
        return [(_place(after.history, *row[:4]), ChangeKind(row[4])) for row in cursor.fetchall()]


def _positions(after: FeedCursor) -> dict[str, Any]:
    """Return the position of each resource as parameters of the statement."""
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


def _changes(found: Sequence[tuple[FeedCursor, ChangeKind]], owner: UserId) -> list[Change]:
    """Return the changes with their contents: a statement or two for each resource."""
    found_contents = {
        resource: contents_of(keys, owner)
        for resource, contents_of in _CONTENTS.items()
        if (keys := [(at.id, at.version) for at, _ in found if at.resource is resource])
    }
    return [_change(at, kind, found_contents[at.resource][at.id, at.version]) for at, kind in found]


def _change(place: FeedCursor, kind: ChangeKind, content: tuple[Any, Any, Any]) -> Change:
    account_id, recorded_at, stated = content
    return Change(
        cursor=place,
        kind=kind,
        account_id=account_id,
        recorded_at=recorded_at,
        content=None if kind is ChangeKind.REMOVED else stated,
    )
