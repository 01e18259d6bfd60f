"""What became of the ledger, and what it was. Everything is asked for with its owner."""

from datetime import datetime
from typing import Protocol

from domain.ledger.changes import ChangesPage, CursorAhead, FeedCursor, HistoryChanged
from domain.ledger.entities import Transaction
from domain.ledger.errors import TransactionNotFound
from domain.ledger.ports.transactions import TransactionFilter
from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId, TransactionId, UserId
from domain.shared.pages import Cursor, Page
from domain.shared.result import Result


class ChangeFeed(Protocol):
    """All changes of a person's ledger, in an order in which nothing ever comes in between."""

    async def page(
        self, *, owner: UserId, after: FeedCursor | None, limit: int
    ) -> Result[ChangesPage, CursorAhead | HistoryChanged | Unavailable]:
        """Return up to `limit` changes behind a place, without those that may still be joined.

        Without a place it is the beginning. A place of another history is refused.
        """


class TransactionHistory(Protocol):
    """What was known of transactions at a moment. Times are those of the store."""

    async def get(
        self, transaction_id: TransactionId, *, owner: UserId, at: datetime
    ) -> Result[Transaction, TransactionNotFound | Unavailable]: ...

    async def page(
        self,
        account_id: AccountId,
        *,
        owner: UserId,
        where: TransactionFilter,
        after: Cursor | None,
        limit: int,
        at: datetime,
    ) -> Result[Page[Transaction], Unavailable]:
        """Return up to `limit` transactions as they were then, newest booking date first."""
