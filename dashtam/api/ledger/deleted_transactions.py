"""Transactions that a user deleted."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from dashtam.api.http import read_query
from dashtam.api.ledger.parameters import READ_TRANSACTIONS, WRITE_TRANSACTIONS, PageQuery
from dashtam.api.ledger.transactions import TransactionDetailResponse, TransactionResponse
from dashtam.api.problems import unwrap
from dashtam.api.responses import respond, respond_with_page
from dashtam.api.session import CallerView
from dashtam.application.ledger.deleted_transactions import (
    ListDeletedTransactions,
    RestoreTransaction,
)
from domain.shared.ids import TransactionId
from domain.shared.pages import Cursor


class DeletedTransactionsView(CallerView):
    """The transactions that a user deleted."""

    scopes = {"get": READ_TRANSACTIONS}
    list_deleted_transactions: ListDeletedTransactions

    async def get(self, request: HttpRequest) -> HttpResponse:
        """List a page of them from all accounts, latest booking date first."""
        query = read_query(request, PageQuery)
        page = unwrap(
            await self.list_deleted_transactions(
                user_id=self.caller.user_id, after=query.after(Cursor), limit=query.limit
            )
        )
        return await respond_with_page(page, TransactionResponse.values_of)


class TransactionRestorationView(CallerView):
    """The restoration of a transaction that a user deleted."""

    scopes = {"post": WRITE_TRANSACTIONS}
    restore_transaction: RestoreTransaction

    async def post(self, request: HttpRequest, transaction_id: UUID) -> HttpResponse:
        """Restore it as imports state it by now."""
        transaction = unwrap(
            await self.restore_transaction(
                transaction_id=TransactionId(transaction_id), user_id=self.caller.user_id
            )
        )
        return respond(TransactionDetailResponse.of(transaction))
