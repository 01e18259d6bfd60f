"""The port for merges of accounts. All rows are of one owner."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from domain.ledger.entities import Account
from domain.ledger.merges import (
    AccountMerge,
    MergeIsUndone,
    MergeNotFound,
    Moved,
)
from domain.shared.errors import Unavailable
from domain.shared.ids import ImportId, MergeId, TransactionId, UserId
from domain.shared.result import Result


class MergeRepository(Protocol):
    """Merges of accounts, and what moves with them."""

    async def move(self, merged: Account, into: Account) -> Result[Moved, Unavailable]:
        """Move the transactions and aliases of an account to another one, and remove the account.

        Its imports are undone, so that none of its transactions is in the ledger. A deleted one
        stays if the other account has the same transaction.
        """

    async def annotate(
        self, imports: Mapping[ImportId, ImportId], moved: Moved, *, owner: UserId
    ) -> Result[Mapping[TransactionId, int], Unavailable]:
        """Let transactions have what their owner said of duplicates that have moved.

        Rows of former imports tell which transactions the rows of the same place are now. Returns
        the versions that the transactions had before.
        """

    async def move_back(self, merge: AccountMerge) -> Result[None, Unavailable]:
        """Restore the merged account, with what is no longer in use by the other one.

        Transactions have again what their owner had said of them, unless that has changed since.
        """

    async def follow(
        self, imports: Mapping[ImportId, ImportId], *, owner: UserId
    ) -> Result[None, Unavailable]:
        """Let merges that were not undone know which imports were made again as which others."""

    async def add(self, merge: AccountMerge) -> Result[None, Unavailable]: ...

    async def get(
        self, merge_id: MergeId, *, owner: UserId
    ) -> Result[AccountMerge, MergeNotFound | Unavailable]: ...

    async def page(
        self, *, owner: UserId, after: MergeId | None, limit: int
    ) -> Result[Sequence[AccountMerge], Unavailable]:
        """List up to `limit` merges, latest first."""

    async def mark_undone(
        self, merge: AccountMerge
    ) -> Result[None, MergeIsUndone | Unavailable]: ...
