"""Transfers between a user's own accounts."""

from datetime import date, datetime
from http import HTTPStatus
from typing import Self
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from dashtam.api.http import Body, read, read_query, refuse_query
from dashtam.api.ledger.parameters import (
    READ_TRANSACTIONS,
    WRITE_TRANSACTIONS,
    PageQuery,
    PeriodQuery,
)
from dashtam.api.ledger.values import exact
from dashtam.api.problems import unwrap
from dashtam.api.responses import PageResponse, Response, no_content, respond
from dashtam.api.session import CallerView
from dashtam.application.ledger.transfers import (
    DecideTransfer,
    ListTransfers,
    ShowTransfer,
    WithdrawTransfer,
)
from domain.ledger.entities import Leg
from domain.ledger.search_window import SearchWindow
from domain.ledger.transfers import (
    Suggestion,
    Transfer,
    TransferCursor,
    TransferDecision,
    TransferStatus,
)
from domain.shared.ids import TransactionId, TransferId


class LegResponse(Response):
    """One leg of a transfer."""

    transaction_id: UUID
    account_id: UUID
    booking_date: date
    amount: str
    currency: str
    description: str

    @classmethod
    def of(cls, leg: Leg) -> Self:
        return cls.copy_from(leg, amount=leg.amount.digits, currency=leg.amount.currency)


class TransferResponse(Response):
    """A pair of transactions and what was decided about it; a suggestion has no id yet.

    The fee is what did not arrive. The exchange rate is in units of the incoming currency for one
    of the outgoing, if these differ: then no fee is known.
    """

    id: UUID | None
    status: TransferStatus
    outgoing: LegResponse
    incoming: LegResponse
    ambiguous: bool
    broken: bool
    fee: str | None
    exchange_rate: str | None
    decided_at: datetime | None

    @classmethod
    def of(cls, pair: Transfer | Suggestion) -> Self:
        decided = pair if isinstance(pair, Transfer) else None
        return cls(
            id=decided.id if decided else None,
            status=TransferStatus(decided.decision if decided else TransferStatus.SUGGESTED),
            outgoing=LegResponse.of(pair.pair.outgoing),
            incoming=LegResponse.of(pair.pair.incoming),
            ambiguous=isinstance(pair, Suggestion) and pair.ambiguous,
            broken=decided.broken if decided else False,
            fee=None if pair.pair.is_exchange else pair.pair.fee.digits,
            exchange_rate=exact(pair.pair.exchange_rate),
            decided_at=decided.decided_at if decided else None,
        )


class TransfersQuery(PageQuery, PeriodQuery):
    """Which pairs to return; dates are the booking dates of the outgoing transactions."""

    status: TransferStatus = TransferStatus.SUGGESTED


class DecideTransferRequest(Body):
    """The user's decision about two transactions."""

    outgoing_id: UUID
    incoming_id: UUID
    decision: TransferDecision


class TransfersView(CallerView):
    """Pairs of transactions that are transfers, may be transfers, or were refused as such."""

    scopes = {"get": READ_TRANSACTIONS, "post": WRITE_TRANSACTIONS}
    list_transfers: ListTransfers
    decide_transfer: DecideTransfer

    async def get(self, request: HttpRequest) -> HttpResponse:
        """List a page of pairs, latest first."""
        query = read_query(request, TransfersQuery)
        page = unwrap(
            await self.list_transfers(
                user_id=self.caller.user_id,
                status=query.status,
                period=SearchWindow(query.date_from, query.date_to),
                after=query.after(TransferCursor),
                limit=query.limit,
            )
        )
        return respond(PageResponse[TransferResponse].of(page, TransferResponse.of))

    async def post(self, request: HttpRequest) -> HttpResponse:
        """Confirm or refuse a pair."""
        body = await read(request, DecideTransferRequest)
        transfer = unwrap(
            await self.decide_transfer(
                outgoing_id=TransactionId(body.outgoing_id),
                incoming_id=TransactionId(body.incoming_id),
                decision=body.decision,
                user_id=self.caller.user_id,
            )
        )
        return respond(
            TransferResponse.of(transfer), HTTPStatus.CREATED, location=f"transfers/{transfer.id}"
        )


class TransferView(CallerView):
    """One pair that was decided about."""

    scopes = {"get": READ_TRANSACTIONS, "delete": WRITE_TRANSACTIONS}
    show_transfer: ShowTransfer
    withdraw_transfer: WithdrawTransfer

    async def get(self, request: HttpRequest, transfer_id: UUID) -> HttpResponse:
        """Show the pair and the decision."""
        refuse_query(request)
        transfer = unwrap(
            await self.show_transfer(
                transfer_id=TransferId(transfer_id), user_id=self.caller.user_id
            )
        )
        return respond(TransferResponse.of(transfer))

    async def delete(self, request: HttpRequest, transfer_id: UUID) -> HttpResponse:
        """Withdraw the decision: the pair may be suggested again."""
        unwrap(
            await self.withdraw_transfer(
                transfer_id=TransferId(transfer_id), user_id=self.caller.user_id
            )
        )
        return no_content()
