"""Transfers in memory: every pair is looked at, which is slow and plainly right."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from itertools import permutations
from uuid import UUID

from domain.ledger.entities import Leg, Transaction
from domain.ledger.errors import AlreadyTransferred, TransactionNotFound, TransferNotFound
from domain.ledger.search_window import SearchWindow
from domain.ledger.transfers import (
    Pair,
    Suggestion,
    Transfer,
    TransferCursor,
    TransferDecision,
    TransfersPage,
)
from domain.shared.errors import Unavailable
from domain.shared.ids import TransactionId, TransferId, UserId
from domain.shared.result import Failure, Result, Success
from tests.fakes import Store, one, owned

CONFIRMED, REFUSED = TransferDecision.CONFIRMED, TransferDecision.REFUSED


class InMemoryTransferRepository:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def newest_booking(self, *, owner: UserId) -> Result[date | None, Unavailable]:
        booked = [row.booking_date for row in self._active(owner) if not row.is_pending]
        return Success(max(booked, default=None))

    async def suggestions(
        self, *, owner: UserId, period: SearchWindow, after: TransferCursor | None, limit: int
    ) -> Result[TransfersPage, Unavailable]:
        pairs = possible_pairs(self._active(owner), self._visible(owner))
        found = [
            Suggestion(pair, ambiguous=sum(meet(pair, other) for other in pairs) > 1)
            for pair in pairs
        ]
        return Success(_page(found, period, after, limit))

    async def decided(
        self,
        decision: TransferDecision,
        *,
        owner: UserId,
        period: SearchWindow,
        after: TransferCursor | None,
        limit: int,
    ) -> Result[TransfersPage, Unavailable]:
        found = [each for each in self._visible(owner) if each.decision is decision]
        return Success(_page(found, period, after, limit))

    async def get(
        self, transfer_id: TransferId, *, owner: UserId
    ) -> Result[Transfer, TransferNotFound | Unavailable]:
        found = [each for each in self._visible(owner) if each.id == transfer_id]
        return one(found[0] if found else None, TransferNotFound("No such transfer."))

    async def lock_pair(
        self, outgoing_id: TransactionId, incoming_id: TransactionId, *, owner: UserId
    ) -> Result[Pair, TransactionNotFound | Unavailable]:
        found = [self._leg(each, owner) for each in (outgoing_id, incoming_id)]
        legs = [leg for leg in found if leg]
        pair = Pair(*legs) if len(legs) == 2 else None
        return one(pair, TransactionNotFound("No such transaction."))

    async def find(self, pair: Pair, *, owner: UserId) -> Result[Transfer | None, Unavailable]:
        found = [each for each in self._visible(owner) if ids_of(each.pair) == ids_of(pair)]
        return Success(found[0] if found else None)

    async def upsert(
        self, transfer: Transfer
    ) -> Result[Sequence[TransferId], AlreadyTransferred | Unavailable]:
        displaced: list[TransferId] = []
        if transfer.decision is CONFIRMED:
            others = self._others(transfer)
            visible_ids = {each.id for each in self._visible(transfer.user_id)}
            if any(each.id in visible_ids for each in others):
                return Failure(
                    AlreadyTransferred("One of the two transactions is already part of a transfer.")
                )
            displaced = [each.id for each in others]
        self._store.transfers = {
            key: each for key, each in self._store.transfers.items() if key not in displaced
        }
        self._store.transfers[transfer.id] = transfer
        return Success(displaced)

    async def withdraw(self, transfer: Transfer) -> Result[None, TransferNotFound | Unavailable]:
        found = owned(self._store.transfers.get(transfer.id), transfer.user_id)
        if found is None:
            return Failure(TransferNotFound("No such transfer."))
        del self._store.transfers[transfer.id]
        return Success(None)

    def _others(self, transfer: Transfer) -> list[Transfer]:
        """Return confirmed transfers of an end of this one."""
        return [
            each
            for each in self._store.transfers.values()
            if each.decision is CONFIRMED
            and ids_of(each.pair) != ids_of(transfer.pair)
            and set(ids_of(each.pair)) & set(ids_of(transfer.pair))
        ]

    def _visible(self, owner: UserId) -> list[Transfer]:
        """Return the decisions on active transactions, in their present state."""
        transfers = []
        for each in self._store.transfers.values():
            legs = [self._leg(transaction_id, owner) for transaction_id in ids_of(each.pair)]
            outgoing, incoming = legs
            if outgoing and incoming:
                transfers.append(replace(each, pair=Pair(outgoing, incoming)))
        return transfers

    def _leg(self, transaction_id: TransactionId, owner: UserId) -> Leg | None:
        row = owned(self._store.transactions.get(transaction_id), owner)
        return Leg.of(row) if row and row.removal is None else None

    def _active(self, owner: UserId) -> list[Transaction]:
        rows = self._store.transactions.values()
        return [row for row in rows if row.user_id == owner and row.removal is None]


def possible_pairs(rows: Iterable[Transaction], decided: Iterable[Transfer]) -> list[Pair]:
    """Return every pair that may be a transfer, without decisions."""
    known = [*decided]
    assigned = {end for each in known if each.decision is CONFIRMED for end in ids_of(each.pair)}
    refused = {ids_of(each.pair) for each in known if each.decision is REFUSED}
    pairs = [Pair(*ends) for ends in permutations([Leg.of(row) for row in rows], 2)]
    return [
        pair
        for pair in pairs
        if pair.cancels
        and pair.allows(CONFIRMED) == Success(None)
        and ids_of(pair) not in refused
        and not assigned & set(ids_of(pair))
    ]


def meet(pair: Pair, other: Pair) -> bool:
    return bool(set(ids_of(pair)) & set(ids_of(other)))


def in_order(pair: Pair) -> tuple[int, int, int, UUID]:
    """Return what lists are sorted by."""
    cursor = TransferCursor.of(pair)
    return -cursor.day.toordinal(), -cursor.outgoing_id.int, cursor.days_apart, cursor.incoming_id


def _page(
    found: Sequence[Transfer | Suggestion],
    period: SearchWindow,
    after: TransferCursor | None,
    limit: int,
) -> TransfersPage:
    wanted = [each for each in found if period.contains(each.pair.outgoing.booking_date)]
    wanted.sort(key=lambda each: in_order(each.pair))
    if after:
        cursors = [TransferCursor.of(each.pair) for each in wanted]
        wanted = wanted[cursors.index(after) + 1 :]
    return TransfersPage.of(wanted[: limit + 1], limit)


def ids_of(pair: Pair) -> tuple[TransactionId, TransactionId]:
    """Return which two transactions a pair is of."""
    return pair.outgoing.transaction_id, pair.incoming.transaction_id
