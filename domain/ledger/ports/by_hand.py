"""The port for what users wrote by hand. All rows are of one owner."""

from collections.abc import Mapping
from typing import Protocol

from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId, ImportId, TransactionId, UserId
from domain.shared.result import Result


class EntriesByHand(Protocol):
    """The imports of what users wrote by hand."""

    async def stating(
        self, transaction_id: TransactionId, *, owner: UserId
    ) -> Result[Mapping[ImportId, bool], Unavailable]:
        """Return the active imports that state a transaction, and which were written by hand."""

    async def opening_balance(
        self, account_id: AccountId, *, owner: UserId
    ) -> Result[ImportId | None, Unavailable]:
        """Return the active import that states an account's opening balance by hand."""
