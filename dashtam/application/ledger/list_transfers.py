"""List transfers, and pairs that may be some."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.use_case import UseCase
from domain.ledger.errors import PeriodTooLong
from domain.ledger.events import TransfersViewed
from domain.ledger.periods import Period
from domain.ledger.ports import TransferRepository
from domain.ledger.transfer_lists import Place, TransfersPage
from domain.ledger.transfers import TransferDecision, TransferStatus
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, ResourceType
from domain.shared.ids import UserId
from domain.shared.result import Failure, Result


@dataclass(frozen=True, slots=True, kw_only=True)
class ListTransfers(UseCase):
    """List a page of a user's transfers, or of pairs that nobody has decided about."""

    transfers: TransferRepository

    @audit_failures("transfers.view", ResourceType.TRANSFER)
    async def __call__(
        self,
        *,
        user_id: UserId,
        status: TransferStatus,
        period: Period,
        after: Place | None,
        limit: int,
    ) -> Result[TransfersPage, PeriodTooLong | Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            if status is TransferStatus.SUGGESTED:
                page = await self._suggested(user_id, period, after, limit)
            else:
                page = await self.transfers.decided(
                    TransferDecision(status), owner=user_id, period=period, after=after, limit=limit
                )
            if isinstance(page, Failure):
                return page
            await uow.commit(
                TransfersViewed(
                    subject_id=None,
                    actor=Actor.user(user_id),
                    occurred_at=self.clock.now(),
                    count=len(page.value.items),
                )
            )
        return page

    async def _suggested(
        self, user_id: UserId, period: Period, after: Place | None, limit: int
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
