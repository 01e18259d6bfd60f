"""Transfers between a user's own accounts: an outgoing and an incoming transaction."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Context, Decimal
from enum import StrEnum
from typing import Self
from uuid import UUID

from domain.ledger.entities import Leg
from domain.ledger.errors import NotATransfer
from domain.ledger.events import TransferDecided, TransferWithdrawn
from domain.shared.events import Actor
from domain.shared.ids import TransactionId, TransferId, UserId
from domain.shared.money import MAX_DECIMALS, Money, exact_sum
from domain.shared.pages import OpaqueCursor
from domain.shared.result import Failure, Result, Success

#: Banks book both transactions within three banking days, or five days with a weekend.
MOST_DAYS_APART = 5
_LAST_DECIMAL = Decimal(1).scaleb(-MAX_DECIMALS)
# Enough for the quotient of the longest numbers that can be stored.
_EXACT = Context(prec=80)


class TransferDecision(StrEnum):
    """A user's decision about a pair: it is a transfer, or it is not."""

    CONFIRMED = "confirmed"
    REFUSED = "refused"


class TransferStatus(StrEnum):
    """The status of a pair: the user's decision, or a suggestion."""

    SUGGESTED = "suggested"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two transactions of one user that may be a transfer."""

    outgoing: Leg
    incoming: Leg

    @property
    def days_apart(self) -> int:
        return abs((self.incoming.booking_date - self.outgoing.booking_date).days)

    @property
    def cancels(self) -> bool:
        """Whether the incoming amount equals the outgoing one."""
        out = self.outgoing.amount
        return out.amount < 0 and self.incoming.amount == -out

    @property
    def is_exchange(self) -> bool:
        """Whether the money changed its currency on the way."""
        return self.outgoing.amount.currency != self.incoming.amount.currency

    @property
    def fee(self) -> Money:
        """What left the one account and did not reach the other; none is known of an exchange."""
        out, into = self.outgoing.amount, self.incoming.amount
        kept = Decimal(0) if self.is_exchange else -exact_sum(out.amount, into.amount)
        return Money(kept, out.currency)

    @property
    def exchange_rate(self) -> Decimal | None:
        """Units of the incoming currency for one of the outgoing, if there are two currencies."""
        if not self.is_exchange or not self.outgoing.amount.amount:
            return None
        rate = _EXACT.divide(self.incoming.amount.amount, -self.outgoing.amount.amount)
        return rate.quantize(_LAST_DECIMAL, context=_EXACT)

    def allows(self, decision: TransferDecision) -> Result[None, NotATransfer]:
        """Return why this decision is not possible, if so; pending pairs can only be refused.

        Only the owner can know that an exchange, or a pair with a fee, is one transfer.
        """
        if self.outgoing.account_id == self.incoming.account_id:
            return Failure(NotATransfer("A transfer needs two different accounts."))
        if not self.outgoing.amount.amount < 0 < self.incoming.amount.amount:
            detail = (
                "In a transfer, money leaves the outgoing account and reaches the incoming one."
            )
            return Failure(NotATransfer(detail))
        if self.fee.amount < 0:
            return Failure(NotATransfer("More money arrived than left."))
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
    """An undecided pair; it is ambiguous if one of the two also fits another transaction."""

    pair: Pair
    ambiguous: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A pair and the user's decision about it, with the amounts that it had then."""

    id: TransferId
    user_id: UserId
    pair: Pair
    decision: TransferDecision
    decided_at: datetime
    outgoing_amount: Decimal
    incoming_amount: Decimal

    @property
    def broken(self) -> bool:
        """Whether a confirmed transfer's amounts have changed, and do not cancel out."""
        now = self.pair.outgoing.amount.amount, self.pair.incoming.amount.amount
        has_changed = now != (self.outgoing_amount, self.incoming_amount)
        is_confirmed = self.decision is TransferDecision.CONFIRMED
        return is_confirmed and has_changed and not self.pair.cancels

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
        return Success(
            cls(
                id=id,
                user_id=user_id,
                pair=pair,
                decision=decision,
                decided_at=at,
                outgoing_amount=pair.outgoing.amount.amount,
                incoming_amount=pair.incoming.amount.amount,
            )
        )

    def decide(self, decision: TransferDecision, *, at: datetime) -> Result[Self, NotATransfer]:
        """Change the decision; a transfer can be refused whatever its amounts."""
        if decision is TransferDecision.CONFIRMED:
            allowed = self.pair.allows(decision)
            if isinstance(allowed, Failure):
                return allowed
        return Success(
            replace(
                self,
                decision=decision,
                decided_at=at,
                outgoing_amount=self.pair.outgoing.amount.amount,
                incoming_amount=self.pair.incoming.amount.amount,
            )
        )

    def decided(self) -> TransferDecided:
        """Return the event of the decision."""
        return TransferDecided(
            subject_id=self.id,
            actor=Actor.user(self.user_id),
            occurred_at=self.decided_at,
            decision=self.decision.value,
            outgoing_id=self.pair.outgoing.transaction_id,
            incoming_id=self.pair.incoming.transaction_id,
        )


def withdrawn(transfer_id: TransferId, *, owner: UserId, at: datetime) -> TransferWithdrawn:
    """Return the event that the decision was withdrawn or replaced."""
    return TransferWithdrawn(subject_id=transfer_id, actor=Actor.user(owner), occurred_at=at)


_LAYOUT = struct.Struct(">I16sI16s")
_MOST_DAYS_APART = date.max.toordinal()


@dataclass(frozen=True, slots=True)
class TransferCursor(OpaqueCursor):
    """The cursor of a pair: latest outgoing first, and for each the nearest day first."""

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
    """Some pairs in order, and the cursor for the ones after them, if there are more."""

    items: Sequence[Transfer | Suggestion]
    next: TransferCursor | None

    @classmethod
    def of(cls, found: Sequence[Transfer | Suggestion], limit: int) -> Self:
        """Make a page of the items that were found: one more than `limit` if there are more."""
        items = found[:limit]
        return cls(items, TransferCursor.of(items[-1].pair) if len(found) > limit else None)
