"""List possible transfers, and record what a user decides about them."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.query import audited_query, count_items
from dashtam.application.use_case import UseCase
from domain.ledger.actions import TRANSFER_VIEWED, TRANSFERS_VIEWED
from domain.ledger.errors import (
    AlreadyTransferred,
    NotATransfer,
    PeriodTooLong,
    TransactionNotFound,
    TransferNotFound,
)
from domain.ledger.ports import TransferRepository
from domain.ledger.search_window import SearchWindow
from domain.ledger.transfers import (
    Pair,
    Transfer,
    TransferCursor,
    TransferDecision,
    TransfersPage,
    TransferStatus,
    withdrawn,
)
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, ResourceType
from domain.shared.ids import TransactionId, TransferId, UserId, new_id
from domain.shared.ports import UnitOfWork
from domain.shared.result import Failure, Result, Success

DecideTransferError = TransactionNotFound | NotATransfer | AlreadyTransferred | Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class ListTransfers(UseCase):
    """List a page of a user's transfers, or of undecided pairs."""

    transfers: TransferRepository

    @audited_query("transfers.view", TRANSFERS_VIEWED, count_items)
    async def __call__(
        self,
        *,
        user_id: UserId,
        status: TransferStatus,
        period: SearchWindow,
        after: TransferCursor | None,
        limit: int,
    ) -> Result[TransfersPage, PeriodTooLong | Unavailable]:
        if status is TransferStatus.SUGGESTED:
            return await self._suggested(user_id, period, after, limit)
        return await self.transfers.decided(
            TransferDecision(status), owner=user_id, period=period, after=after, limit=limit
        )

    async def _suggested(
        self, user_id: UserId, period: SearchWindow, after: TransferCursor | None, limit: int
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
    """Show one pair and the decision about it."""

    transfers: TransferRepository

    @audited_query("transfer.view", TRANSFER_VIEWED)
    async def __call__(
        self, *, transfer_id: TransferId, user_id: UserId
    ) -> Result[Transfer, TransferNotFound | Unavailable]:
        return await self.transfers.get(transfer_id, owner=user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideTransfer(UseCase):
    """Store a user's decision about a pair; the same one again changes nothing, unless it broke."""

    transfers: TransferRepository

    @audit_failures("transfer.decide", ResourceType.TRANSFER)
    @retry_on_conflict
    async def __call__(
        self,
        *,
        outgoing_id: TransactionId,
        incoming_id: TransactionId,
        decision: TransferDecision,
        user_id: UserId,
    ) -> Result[Transfer, DecideTransferError]:
        async with self.unit_of_work(owner=user_id) as uow:
            pair = await self.transfers.lock_pair(outgoing_id, incoming_id, owner=user_id)
            if isinstance(pair, Failure):
                return pair
            known = await self.transfers.find(pair.value, owner=user_id)
            if isinstance(known, Failure):
                return known
            if known.value and known.value.decision is decision and not known.value.broken:
                return await self._leave(known.value, uow)
            decided = self._decide(known.value, pair.value, decision, user_id)
            if isinstance(decided, Failure):
                return decided
            return await self._upsert(decided.value, uow)

    def _decide(
        self, known: Transfer | None, pair: Pair, decision: TransferDecision, user_id: UserId
    ) -> Result[Transfer, NotATransfer]:
        now = self.clock.now()
        if known:
            return known.decide(decision, at=now)
        return Transfer.of(pair, decision, id=TransferId(new_id()), user_id=user_id, at=now)

    async def _leave(self, known: Transfer, uow: UnitOfWork) -> Success[Transfer]:
        actor, now = Actor.user(known.user_id), self.clock.now()
        viewed = TRANSFER_VIEWED.record(subject_id=known.id, actor=actor, occurred_at=now)
        await uow.commit(viewed)
        return Success(known)

    async def _upsert(
        self, decided: Transfer, uow: UnitOfWork
    ) -> Result[Transfer, AlreadyTransferred | Unavailable]:
        displaced = await self.transfers.upsert(decided)
        if isinstance(displaced, Failure):
            return displaced
        whose, now = decided.user_id, decided.decided_at
        gone = [withdrawn(each, owner=whose, at=now) for each in displaced.value]
        await uow.commit(decided.decided(), *gone)
        return Success(decided)


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawTransfer(UseCase):
    """Delete the decision about a pair, which may then be suggested again."""

    transfers: TransferRepository

    @audit_failures("transfer.withdraw", ResourceType.TRANSFER)
    @retry_on_conflict
    async def __call__(
        self, *, transfer_id: TransferId, user_id: UserId
    ) -> Result[None, TransferNotFound | Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            found = await self.transfers.get(transfer_id, owner=user_id)
            if isinstance(found, Failure):
                return found
            forgotten = await self.transfers.withdraw(found.value)
            if isinstance(forgotten, Failure):
                return forgotten
            await uow.commit(withdrawn(transfer_id, owner=user_id, at=self.clock.now()))
        return Success(None)
