"""Transfers between a person's own accounts. Everything is asked for with its owner."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from domain.ledger.errors import AlreadyTransferred, TransactionNotFound, TransferNotFound
from domain.ledger.periods import Period
from domain.ledger.transfer_lists import TransferCursor, TransfersPage
from domain.ledger.transfers import Pair, Transfer, TransferDecision
from domain.shared.errors import Unavailable
from domain.shared.ids import TransactionId, TransferId, UserId
from domain.shared.result import Result


class TransferRepository(Protocol):
    """Pairs of transactions, decided about or not; none is shown while an end of it is gone."""

    async def newest_booking(self, *, owner: UserId) -> Result[date | None, Unavailable]: ...

    async def suggestions(
        self, *, owner: UserId, period: Period, after: TransferCursor | None, limit: int
    ) -> Result[TransfersPage, Unavailable]:
        """Return pairs that may be transfers, of which neither is in one and none was refused."""

    async def decided(
        self,
        decision: TransferDecision,
        *,
        owner: UserId,
        period: Period,
        after: TransferCursor | None,
        limit: int,
    ) -> Result[TransfersPage, Unavailable]: ...

    async def get(
        self, transfer_id: TransferId, *, owner: UserId
    ) -> Result[Transfer, TransferNotFound | Unavailable]: ...

    async def pair(
        self, outgoing_id: TransactionId, incoming_id: TransactionId, *, owner: UserId
    ) -> Result[Pair, TransactionNotFound | Unavailable]:
        """Return two transactions, which nobody else changes until the unit of work ends."""

    async def find(self, pair: Pair, *, owner: UserId) -> Result[Transfer | None, Unavailable]:
        """Return what was decided about a pair."""

    async def keep(
        self, transfer: Transfer
    ) -> Result[Sequence[TransferId], AlreadyTransferred | Unavailable]:
        """Keep a decision about a pair that is held.

        What is confirmed takes the place of confirmed transfers whose other end is gone: those are
        forgotten, and their ids returned.
        """

    async def withdraw(self, transfer: Transfer) -> Result[None, TransferNotFound | Unavailable]:
        """Forget what was decided."""
