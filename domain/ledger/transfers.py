"""Movements between a person's own accounts: one transaction that goes out, one that comes in."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from domain.ledger.entities import Transaction
from domain.ledger.errors import NotATransfer
from domain.ledger.events import TransferDecided, TransferWithdrawn
from domain.shared.events import Actor
from domain.shared.ids import AccountId, TransactionId, TransferId, UserId
from domain.shared.money import Money
from domain.shared.pages import OpaqueCursor
from domain.shared.result import Failure, Result, Success

#: Banks book both ends within three banking days; a weekend in between makes five.
MOST_DAYS_APART = 5


class TransferDecision(StrEnum):
    """What a person says of a pair: it is a transfer, or it is none."""

    CONFIRMED = "confirmed"
    REFUSED = "refused"


class TransferStatus(StrEnum):
    """What is known of a pair: what a person said, or that nobody said anything yet."""

    SUGGESTED = "suggested"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One end of a transfer: what a transaction says that bears on it."""

    transaction_id: TransactionId
    account_id: AccountId
    booking_date: date
    amount: Money
    pending: bool
    description: str = field(repr=False)

    @classmethod
    def of(cls, transaction: Transaction) -> Self:
        return cls(
            transaction_id=transaction.id,
            account_id=transaction.account_id,
            booking_date=transaction.booking_date,
            amount=transaction.amount,
            pending=transaction.is_pending,
            description=transaction.description,
        )


@dataclass(frozen=True, slots=True)
class Pair:
    """Two transactions of one person that may be one movement."""

    outgoing: Leg
    incoming: Leg

    @property
    def days_apart(self) -> int:
        return abs((self.incoming.booking_date - self.outgoing.booking_date).days)

    @property
    def cancels(self) -> bool:
        """Whether exactly what goes out comes in."""
        out = self.outgoing.amount
        return out.amount < 0 and self.incoming.amount == -out

    def allows(self, decision: TransferDecision) -> Result[None, NotATransfer]:
        """Tell whether this can be said of the pair; what is pending can be refused already."""
        if self.outgoing.account_id == self.incoming.account_id:
            return Failure(NotATransfer("A transfer needs two different accounts."))
        if not self.cancels:
            return Failure(NotATransfer("The two amounts do not match."))
        if decision is TransferDecision.REFUSED:
            return Success(None)
        return self._is_booked_in_time()

    def _is_booked_in_time(self) -> Result[None, NotATransfer]:
        if self.outgoing.pending or self.incoming.pending:
            return Failure(NotATransfer("Both transactions of a transfer must be booked."))
        if self.days_apart > MOST_DAYS_APART:
            return Failure(
                NotATransfer(
                    f"The transactions were booked more than {MOST_DAYS_APART} days apart."
                )
            )
        return Success(None)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A pair that nobody has decided about; ambiguous where one of the two fits another too."""

    pair: Pair
    ambiguous: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A pair, and what a person decided about it."""

    id: TransferId
    user_id: UserId
    pair: Pair
    decision: TransferDecision
    decided_at: datetime

    @property
    def broken(self) -> bool:
        """Whether it was confirmed of amounts that no longer cancel: one was stated anew."""
        return self.decision is TransferDecision.CONFIRMED and not self.pair.cancels

    @classmethod
    def of(
        cls,
        pair: Pair,
        decision: TransferDecision,
        *,
        id: TransferId,
        user_id: UserId,
        at: datetime,
    ) -> Result[Self, NotATransfer]:
        """Decide about a pair for the first time."""
        allowed = pair.allows(decision)
        if isinstance(allowed, Failure):
            return allowed
        return Success(cls(id=id, user_id=user_id, pair=pair, decision=decision, decided_at=at))

    def decide(self, decision: TransferDecision, *, at: datetime) -> Result[Self, NotATransfer]:
        """Think again; a transfer can be refused whatever became of it."""
        if decision is TransferDecision.CONFIRMED:
            allowed = self.pair.allows(decision)
            if isinstance(allowed, Failure):
                return allowed
        return Success(replace(self, decision=decision, decided_at=at))

    def decided(self) -> TransferDecided:
        """Return the fact."""
        return TransferDecided(
            subject_id=self.id,
            actor=Actor.user(self.user_id),
            occurred_at=self.decided_at,
            decision=self.decision.value,
            outgoing_id=self.pair.outgoing.transaction_id,
            incoming_id=self.pair.incoming.transaction_id,
        )


def withdrawn(transfer_id: TransferId, *, owner: UserId, at: datetime) -> TransferWithdrawn:
    """Return the fact that a decision holds no longer."""
    return TransferWithdrawn(subject_id=transfer_id, actor=Actor.user(owner), occurred_at=at)


_LAYOUT = struct.Struct(">I16sI16s")
_MOST_DAYS_APART = date.max.toordinal()


@dataclass(frozen=True, slots=True)
class TransferCursor(OpaqueCursor):
    """The place of a pair in lists: latest outgoing first, and for each the nearest day first."""

    day: date
    outgoing_id: TransactionId
    days_apart: int
    incoming_id: TransactionId

    @classmethod
    def of(cls, pair: Pair) -> Self:
        out, into = pair.outgoing, pair.incoming
        return cls(out.booking_date, out.transaction_id, pair.days_apart, into.transaction_id)

    def pack(self) -> bytes:
        return _LAYOUT.pack(
            self.day.toordinal(), self.outgoing_id.bytes, self.days_apart, self.incoming_id.bytes
        )

    @classmethod
    def unpack(cls, packed: bytes) -> Self:
        day, outgoing, days_apart, incoming = _LAYOUT.unpack(packed)
        if days_apart > _MOST_DAYS_APART:
            raise ValueError("more days than there are")
        return cls(
            date.fromordinal(day),
            TransactionId(UUID(bytes=outgoing)),
            days_apart,
            TransactionId(UUID(bytes=incoming)),
        )


@dataclass(frozen=True, slots=True)
class TransfersPage:
    """Some pairs in their order, and the cursor for the ones after them, if there are more."""

    items: Sequence[Transfer | Suggestion]
    next: TransferCursor | None

    @classmethod
    def of(cls, found: Sequence[Transfer | Suggestion], limit: int) -> Self:
        """Make a page of what was found, which is one more where there are more."""
        items = found[:limit]
        return cls(items, TransferCursor.of(items[-1].pair) if len(found) > limit else None)
