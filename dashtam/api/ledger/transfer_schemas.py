"""Bodies of responses about transfers. Amounts are strings: exact decimals."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel

from domain.ledger.transfer_lists import TransfersPage
from domain.ledger.transfers import Leg, Suggestion, Transfer, TransferStatus


class LegResponse(BaseModel):
    """One end of a transfer."""

    transaction_id: UUID
    account_id: UUID
    booking_date: date
    amount: str
    currency: str
    description: str

    @classmethod
    def of(cls, leg: Leg) -> "LegResponse":
        return cls(
            transaction_id=leg.transaction_id,
            account_id=leg.account_id,
            booking_date=leg.booking_date,
            amount=leg.amount.digits,
            currency=leg.amount.currency,
            description=leg.description,
        )


class TransferResponse(BaseModel):
    """A pair and what was decided about it; what is suggested has no id yet."""

    id: UUID | None
    status: TransferStatus
    outgoing: LegResponse
    incoming: LegResponse
    ambiguous: bool
    broken: bool
    decided_at: datetime | None

    @classmethod
    def of(cls, pair: Transfer | Suggestion) -> "TransferResponse":
        decided = pair if isinstance(pair, Transfer) else None
        return cls(
            id=decided.id if decided else None,
            status=TransferStatus(decided.decision if decided else TransferStatus.SUGGESTED),
            outgoing=LegResponse.of(pair.pair.outgoing),
            incoming=LegResponse.of(pair.pair.incoming),
            ambiguous=isinstance(pair, Suggestion) and pair.ambiguous,
            broken=decided.broken if decided else False,
            decided_at=decided.decided_at if decided else None,
        )


class TransfersResponse(BaseModel):
    """A page of pairs; without `next_cursor` it is the last."""

    items: list[TransferResponse]
    next_cursor: str | None

    @classmethod
    def of(cls, page: TransfersPage) -> "TransfersResponse":
        return cls(
            items=[TransferResponse.of(pair) for pair in page.items],
            next_cursor=str(page.next) if page.next else None,
        )
