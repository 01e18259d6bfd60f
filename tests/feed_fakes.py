"""Changes and past versions, in memory."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from domain.ledger.changes import Change, ChangesPage, CursorAhead, FeedCursor, HistoryChanged
from domain.ledger.entities import Transaction
from domain.ledger.errors import TransactionNotFound
from domain.ledger.ports import TransactionFilter
from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId, TransactionId, UserId
from domain.shared.pages import Cursor, Page
from domain.shared.result import Failure, Result, Success
from tests.factories import NOON
from tests.fakes import Store
from tests.ledger_fakes import InMemoryTransactionRepository


class InMemoryTransactionHistory:
    """Stores whole ledgers by instant."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._moments: list[tuple[datetime, Mapping[UUID, Transaction]]] = []

    def moment(self) -> datetime:
        """Store the present ledger, and return its instant."""
        at = NOON + timedelta(seconds=len(self._moments))
        self._moments.append((at, dict(self._store.transactions)))
        return at

    async def get(
        self, transaction_id: TransactionId, *, owner: UserId, at: datetime
    ) -> Result[Transaction, TransactionNotFound | Unavailable]:
        return await self._then(at).get(transaction_id, owner=owner)

    async def page(
        self,
        account_id: AccountId | None,
        *,
        owner: UserId,
        where: TransactionFilter,
        after: Cursor | None,
        limit: int,
        at: datetime,
    ) -> Result[Page[Transaction], Unavailable]:
        return await self._then(at).page(
            account_id, owner=owner, where=where, after=after, limit=limit
        )

    def at(self, moment: datetime) -> Mapping[UUID, Transaction]:
        """Return the ledger as it was known at a moment."""
        past = [rows for known, rows in self._moments if known <= moment]
        return past[-1] if past else {}

    def _then(self, at: datetime) -> InMemoryTransactionRepository:
        return InMemoryTransactionRepository(Store(transactions=dict(self.at(at))))


class InMemoryChangeFeed:
    """Lists announced changes; those at or above the horizon are withheld."""

    def __init__(self) -> None:
        self.horizon = 1
        self.history = UUID(int=7)
        self._changes: list[tuple[UserId, Change]] = []

    def announce(self, owner: UserId, *changes: Change) -> None:
        self._changes += [(owner, change) for change in changes]

    async def page(
        self, *, owner: UserId, after: FeedCursor | None, limit: int
    ) -> Result[ChangesPage, CursorAhead | HistoryChanged | Unavailable]:
        beginning = FeedCursor.beginning(self.history)
        after = after or beginning
        if after.history != beginning.history:
            return Failure(HistoryChanged.by_restore())
        if after.position >= self.horizon:
            return Failure(CursorAhead("The cursor is from a later state of the ledger."))
        behind = sorted(
            (
                each
                for whose, each in self._changes
                if whose == owner and self._is_behind(each, after)
            ),
            key=lambda each: _order(each.cursor),
        )
        items = behind[:limit]
        last = items[-1].cursor if items else after
        return Success(ChangesPage(items=items, next=last, has_more=len(behind) > limit))

    def _is_behind(self, change: Change, after: FeedCursor) -> bool:
        cursor = change.cursor
        return cursor.position < self.horizon and _order(cursor) > _order(after)


def _order(cursor: FeedCursor) -> tuple[int, int, UUID, int]:
    return cursor.position, cursor.resource.rank, cursor.id, cursor.version
