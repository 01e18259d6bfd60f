"""What may be asked and said of transfers."""

from uuid import UUID

from dashtam.api.http import Body
from dashtam.api.ledger.days import Day
from dashtam.api.ledger.pages import PageQuery
from domain.ledger.periods import Period
from domain.ledger.transfers import TransferDecision, TransferStatus


class TransfersQuery(PageQuery):
    """Which pairs are wanted; dates are those on which the outgoing ones were booked."""

    status: TransferStatus = TransferStatus.SUGGESTED
    date_from: Day | None = None
    date_to: Day | None = None

    def period(self) -> Period:
        return Period(self.date_from, self.date_to)


class DecideTransferRequest(Body):
    """What a person says of two transactions."""

    outgoing_id: UUID
    incoming_id: UUID
    decision: TransferDecision
