"""The port for what users delete, and restore. All rows are of one owner."""

from typing import Protocol

from domain.ledger.entities import Transaction
from domain.ledger.errors import TransactionIsUndone, TransactionNotFound
from domain.shared.errors import Unavailable
from domain.shared.ids import TransactionId, UserId
from domain.shared.pages import Cursor, Page
from domain.shared.result import Result


class DeletedTransactions(Protocol):
    """Transactions that their user deleted."""

    async def page(
        self, *, owner: UserId, after: Cursor | None, limit: int
    ) -> Result[Page[Transaction], Unavailable]:
        """List up to `limit` of them from all accounts, newest booking date first."""

    async def get(
        self, transaction_id: TransactionId, *, owner: UserId
    ) -> Result[Transaction, TransactionNotFound | Unavailable]:
        """Return a transaction as it was when it was deleted."""

    async def restore(
        self, transaction: Transaction
    ) -> Result[None, TransactionIsUndone | TransactionNotFound | Unavailable]:
        """Restore a transaction as the imports that were not undone state it.

        It is booked if one of them says so. Fails if none states it; the caller has locked its
        account.
        """
