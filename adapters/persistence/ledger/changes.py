"""The change feed: which changes come next, and the rows that they are changes of."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import repeat
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
    BalanceModel,
    CategoryVersionModel,
    HoldingModel,
)
from adapters.persistence.ledger.transactions import SELECTED, transactions_from
from adapters.persistence.mapping import rows_of
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
from domain.shared.ids import AccountId, UserId
from domain.shared.records import records
from domain.shared.result import Failure, Result, Success

Key: TypeAlias = tuple[UUID, int]


_IDS = f"SELECT unnest({array_of('uuid')})"
_ACCOUNTS = f"SELECT * FROM ledger_account WHERE user_id = %s AND id IN ({_IDS})"  # noqa: S608
_FORMER_ACCOUNTS = f"""
SELECT * FROM ledger_account_version WHERE user_id = %s AND account_id IN ({_IDS})
"""  # noqa: S608
#: The account of each change, when it was recorded, and its content.
Contents: TypeAlias = dict[Key, tuple[AccountId | None, datetime, Content]]


def _accounts(keys: Sequence[Key], owner: UserId) -> Contents:
    # In this order: a row that changes between the two statements has become a version.
    now = rows_of(_ACCOUNTS, [owner, _ids(keys)])
    contents: Contents = {
        (row.id, row.version): (AccountId(row.id), row.recorded_at, account_of(row)) for row in now
    }
    gone = [key for key in keys if key not in contents]
    for row in rows_of(_FORMER_ACCOUNTS, [owner, _ids(gone)]) if gone else ():
        account = former_account_of(row)
        contents[account.id, row.version] = (account.id, row.recorded_at, account)
    return contents


def _transactions(keys: Sequence[Key], owner: UserId) -> Contents:
    # In this order: a row that changes between the two statements has become a version.
    contents = _contents_of("ledger_transaction", "id", keys, owner)
    gone = [key for key in keys if key not in contents]
    if gone:
        contents |= _contents_of("ledger_transaction_version", "transaction_id", gone, owner)
    return contents


_TRANSACTIONS = f"""
SELECT row.version, row.recorded_at, row.{{id}}, {SELECTED}
FROM unnest({array_of("uuid", "%(ids)s")}, {array_of("int", "%(versions)s")}) AS asked (id, version)
JOIN {{table}} row
    ON row.user_id = %(owner)s AND row.{{id}} = asked.id AND row.version = asked.version
LEFT JOIN ledger_security security
    ON security.user_id = %(owner)s AND security.id = row.security_id
"""  # noqa: S608


def _contents_of(table: str, id_name: str, keys: Sequence[Key], owner: UserId) -> Contents:
    ids, versions = zip(*keys, strict=True)
    asked = {"ids": column_of("uuid", ids), "versions": column_of("int", versions)}
    with connection.cursor() as cursor:
        sql = _TRANSACTIONS.format(table=table, id=id_name)
        cursor.execute(sql, {"owner": owner, **asked})
        rows = cursor.fetchall()
    found = transactions_from([row[2:] for row in rows])
    return {
        (each.id, row[0]): (each.account_id, row[1], each)
        for each, row in zip(found, rows, strict=True)
    }


def _balances(keys: Sequence[Key], owner: UserId) -> Contents:
    rows = BalanceModel.objects.filter(user_id=owner, id__in=_among(keys)).select_related("source")
    return _stated_and_undone((row, balance_of(row)) for row in rows)


def _holdings(keys: Sequence[Key], owner: UserId) -> Contents:
    rows = HoldingModel.objects.filter(user_id=owner, id__in=_among(keys))
    whole = rows.select_related("source", "security")
    return _stated_and_undone((row, holding_of(row)) for row in whole)


def _categories(keys: Sequence[Key], owner: UserId) -> Contents:
    rows = CategoryVersionModel.objects.filter(user_id=owner, category_id__in=_among(keys))
    return {
        (row.category_id, row.version): (None, row.recorded_at, category_of(row)) for row in rows
    }


def _ids(keys: Sequence[Key]) -> str:
    # As one text: to quote each id takes longer than to find its row.
    return column_of("uuid", {key for key, _ in keys})


def _among(keys: Sequence[Key]) -> RawSQL:
    return RawSQL(_IDS, [_ids(keys)])  # noqa: S611


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
_KINDS = {kind.value: kind for kind in ChangeKind}
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
        return _places(cursor.fetchall(), after.history)


def _places(rows: Sequence[tuple[Any, ...]], history: bytes) -> list[tuple[FeedCursor, ChangeKind]]:
    if not rows:
        return []
    positions, ranks, ids, versions, kinds = zip(*rows, strict=True)
    cursors = records(
        FeedCursor,
        len(rows),
        {
            "history": repeat(history),
            "position": positions,
            "resource": map(_RESOURCES.__getitem__, ranks),
            "id": ids,
            "version": versions,
        },
    )
    return list(zip(cursors, map(_KINDS.__getitem__, kinds), strict=True))


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
