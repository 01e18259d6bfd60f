"""Read transfers, and pairs that may be some."""

from dataclasses import dataclass

from dashtam.application.query import audited_query, count_items
from dashtam.application.use_case import UseCase
from domain.ledger.actions import TRANSFER_VIEWED, TRANSFERS_VIEWED
from domain.ledger.errors import PeriodTooLong, TransferNotFound
from domain.ledger.periods import Period
from domain.ledger.ports import TransferRepository
from domain.ledger.transfer_lists import TransferCursor, TransfersPage
from domain.ledger.transfers import Transfer, TransferDecision, TransferStatus
from domain.shared.errors import Unavailable
from domain.shared.ids import TransferId, UserId
from domain.shared.result import Failure, Result


@dataclass(frozen=True, slots=True, kw_only=True)
class ListTransfers(UseCase):
    """List a page of a user's transfers, or of pairs that nobody has decided about."""

    transfers: TransferRepository

    @audited_query("transfers.view", TRANSFERS_VIEWED, count_items)
    async def __call__(
        self,
        *,
        user_id: UserId,
        status: TransferStatus,
        period: Period,
        after: TransferCursor | None,
        limit: int,
    ) -> Result[TransfersPage, PeriodTooLong | Unavailable]:
        if status is TransferStatus.SUGGESTED:
            return await self._suggested(user_id, period, after, limit)
        return await self.transfers.decided(
            TransferDecision(status), owner=user_id, period=period, after=after, limit=limit
        )

    async def _suggested(
        self, user_id: UserId, period: Period, after: TransferCursor | None, limit: int
    ) -> Result[TransfersPage, PeriodTooLong | Unavailable]:
        newest = self.clock.now().date()
        if period.is_open:
            booked = await self.transfers.newest_booking(owner=user_id)
            if isinstance(booked, Failure):
                return booked
            newest = booked.value or newest
        searched = period.to_search(newest)
        if isinstance(searched, Failure):
            return searched
        return await self.transfers.suggestions(
            owner=user_id, period=searched.value, after=after, limit=limit
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowTransfer(UseCase):
    """Show one pair, and what was decided about it."""

    transfers: TransferRepository

    @audited_query("transfer.view", TRANSFER_VIEWED)
    async def __call__(
        self, *, transfer_id: TransferId, user_id: UserId
    ) -> Result[Transfer, TransferNotFound | Unavailable]:
        return await self.transfers.get(transfer_id, owner=user_id)
