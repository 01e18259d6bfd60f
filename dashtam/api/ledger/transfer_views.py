"""Transfers between a user's own accounts, over HTTP."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from dashtam.api.answers import answer, created, no_content
from dashtam.api.http import read, read_query, refuse_query
from dashtam.api.ledger.scopes import READ_TRANSACTIONS, WRITE_TRANSACTIONS
from dashtam.api.ledger.transfer_requests import DecideTransferRequest, TransfersQuery
from dashtam.api.ledger.transfer_schemas import TransferResponse, TransfersResponse
from dashtam.api.problems import problem
from dashtam.api.session import CallerView
from dashtam.application.ledger.list_transfers import ListTransfers
from dashtam.application.ledger.show_transfer import ShowTransfer
from dashtam.application.ledger.transfers import DecideTransfer, WithdrawTransfer
from domain.ledger.transfer_lists import Place
from domain.shared.ids import TransactionId, TransferId
from domain.shared.result import Failure, Success


class TransfersView(CallerView):
    """Pairs of transactions that are transfers, may be some, or are said not to be."""

    scopes = {"get": READ_TRANSACTIONS, "post": WRITE_TRANSACTIONS}
    list_transfers: ListTransfers
    decide_transfer: DecideTransfer

    async def get(self, request: HttpRequest) -> HttpResponse:
        """List a page of pairs, the latest to go out first."""
        query = read_query(request, TransfersQuery)
        match await self.list_transfers(
            user_id=self.caller.user_id,
            status=query.status,
            period=query.period(),
            after=query.place(Place.parse),
            limit=query.limit,
        ):
            case Success(page):
                return answer(TransfersResponse.of(page))
            case Failure(error):
                return problem(error, request)

    async def post(self, request: HttpRequest) -> HttpResponse:
        """Confirm or refuse a pair."""
        body = await read(request, DecideTransferRequest)
        match await self.decide_transfer(
            outgoing_id=TransactionId(body.outgoing_id),
            incoming_id=TransactionId(body.incoming_id),
            decision=body.decision,
            user_id=self.caller.user_id,
        ):
            case Success(transfer):
                return created(TransferResponse.of(transfer), f"transfers/{transfer.id}")
            case Failure(error):
                return problem(error, request)


class TransferView(CallerView):
    """One pair that was decided about."""

    scopes = {"get": READ_TRANSACTIONS, "delete": WRITE_TRANSACTIONS}
    show_transfer: ShowTransfer
    withdraw_transfer: WithdrawTransfer

    async def get(self, request: HttpRequest, transfer_id: UUID) -> HttpResponse:
        """Show the pair, and what was decided."""
        refuse_query(request)
        match await self.show_transfer(
            transfer_id=TransferId(transfer_id), user_id=self.caller.user_id
        ):
            case Success(transfer):
                return answer(TransferResponse.of(transfer))
            case Failure(error):
                return problem(error, request)

    async def delete(self, request: HttpRequest, transfer_id: UUID) -> HttpResponse:
        """Take the decision back: the pair may be suggested again."""
        match await self.withdraw_transfer(
            transfer_id=TransferId(transfer_id), user_id=self.caller.user_id
        ):
            case Success(_):
                return no_content()
            case Failure(error):
                return problem(error, request)
