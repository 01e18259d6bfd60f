"""Sharing's ports in memory."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from domain.audit.origin import origin
from domain.identity.values import TokenDigest, Usage
from domain.ledger.entities import Transaction
from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId, ConnectedAppId, UserId
from domain.shared.limits import Charge, RateLimiter, TooManyRequests
from domain.shared.result import Failure, Result, Success
from domain.sharing.entities import ConnectedApp
from domain.sharing.errors import ConnectedAppNotFound
from domain.sharing.shared_ledger import (
    MOST_TRANSACTIONS,
    SharedRows,
    SharedScope,
    SharedTotal,
    SharedTransaction,
)
from tests.factories import NOON
from tests.fakes import Store, one, owned
from tests.identity_fakes import pay

T = TypeVar("T")


class InMemoryConnectedAppRepository:
    def __init__(self, store: Store, rate_limiter: RateLimiter) -> None:
        self._store = store
        self._rate_limiter = rate_limiter

    async def get(
        self, app_id: ConnectedAppId, *, owner: UserId
    ) -> Result[tuple[ConnectedApp, Usage], ConnectedAppNotFound | Unavailable]:
        found = await self.lock(app_id, owner=owner)
        return found if isinstance(found, Failure) else Success(self._listed(found.value))

    async def lock(
        self, app_id: ConnectedAppId, *, owner: UserId
    ) -> Result[ConnectedApp, ConnectedAppNotFound | Unavailable]:
        app = self._store.connected_apps.get(app_id)
        return one(owned(app, owner), ConnectedAppNotFound())

    async def get_by_setup_token(
        self, digest: TokenDigest
    ) -> Result[ConnectedApp, ConnectedAppNotFound | Unavailable]:
        apps = self._store.connected_apps.values()
        found = [app for app in apps if app.setup_digest == digest]
        return one(next(iter(found), None), ConnectedAppNotFound())

    async def get_by_access_key(
        self, digest: TokenDigest, charge: Charge | None = None
    ) -> Result[ConnectedApp, ConnectedAppNotFound | TooManyRequests | Unavailable]:
        for app in self._store.connected_apps.values():
            user = self._store.users.get(app.user_id)
            if app.access_digest == digest and user and user.erase_after is None:
                due = charge if app.is_active else None
                if app.is_active:
                    self._store.usages[app.id] = Usage(NOON, origin.get().ip_address)
                paid = await pay(self._rate_limiter, due, app.user_id)
                return paid if isinstance(paid, Failure) else Success(app)
        return Failure(ConnectedAppNotFound())

    async def of_user(
        self, owner: UserId
    ) -> Result[Sequence[tuple[ConnectedApp, Usage]], Unavailable]:
        found = self._active(owner)
        return Success([self._listed(app) for app in sorted(found, key=lambda a: a.id)[::-1]])

    async def add(self, app: ConnectedApp) -> Result[None, Unavailable]:
        self._store.connected_apps[app.id] = app
        return Success(None)

    async def update(self, app: ConnectedApp) -> Result[None, Unavailable]:
        if owned(self._store.connected_apps.get(app.id), app.user_id):
            self._store.connected_apps[app.id] = app
        return Success(None)

    async def revoke_all(self, owner: UserId, at: datetime) -> Result[int, Unavailable]:
        active = self._active(owner)
        for app in active:
            self._store.connected_apps[app.id] = replace(app, revoked_at=at)
        return Success(len(active))

    def _active(self, owner: UserId) -> list[ConnectedApp]:
        apps = self._store.connected_apps.values()
        return [app for app in apps if app.user_id == owner and app.is_active]

    def _listed(self, app: ConnectedApp) -> tuple[ConnectedApp, Usage]:
        return app, self._store.usages.get(app.id, Usage())


class InMemorySharedTransactions:
    def __init__(self, store: Store, most: int = MOST_TRANSACTIONS) -> None:
        self._store = store
        self._most = most

    async def totals(
        self, account_ids: Collection[AccountId], last_day: date, *, owner: UserId
    ) -> Result[Sequence[SharedTotal], Unavailable]:
        rows = [
            row
            for row in self._of(owner)
            if row.account_id in account_ids and row.booking_date <= last_day
        ]
        totals = []
        for account_id, currency in sorted({(r.account_id, r.amount.currency) for r in rows}):
            booked = [
                row
                for row in rows
                if (row.account_id, row.amount.currency) == (account_id, currency)
                if not row.is_pending
            ]
            added = sum((row.amount.amount for row in booked), Decimal(0))
            newest = max((row.booking_date for row in booked), default=None)
            totals.append(SharedTotal(account_id, currency, added, newest))
        return Success(totals)

    async def read(
        self, use: Callable[[SharedRows], T], *, owner: UserId, scope: SharedScope
    ) -> Result[T, Unavailable]:
        rows = [
            row
            for row in self._of(owner)
            if (row.account_id, row.amount.currency) in scope.keys
            and scope.first_day <= row.booking_date <= scope.last_day
            and (scope.pending or not row.is_pending)
        ]
        rows.sort(key=lambda row: row.booking_date, reverse=True)
        since = None
        if len(rows) > self._most:
            since = rows[self._most].booking_date + timedelta(days=1)
            rows = [row for row in rows if row.booking_date >= since]
        shared = [_shared(row) for row in rows]
        shared.sort(key=lambda row: (row.account_id, row.currency, row.booking_date, row.id))
        return Success(use(SharedRows(since, shared)))

    def _of(self, owner: UserId) -> list[Transaction]:
        rows = self._store.transactions.values()
        return [row for row in rows if row.user_id == owner and not row.removal]


def _shared(row: Transaction) -> SharedTransaction:
    return SharedTransaction(
        row.account_id,
        row.amount.currency,
        row.id,
        row.booking_date,
        row.amount.amount,
        row.is_pending,
        row.description,
        row.payee_name or row.payee,
        row.memo,
    )
