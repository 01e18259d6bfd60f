"""Accounts, balances and transactions over HTTP."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from dashtam.api.answers import answer, no_content
from dashtam.api.http import read, read_query
from dashtam.api.ledger.as_of import AsOfQuery
from dashtam.api.ledger.schemas import (
    AccountResponse,
    AccountsResponse,
    BalanceResponse,
    BalancesQuery,
    BalancesResponse,
    EditTransactionRequest,
    TransactionDetailResponse,
    TransactionsQuery,
    TransactionsResponse,
)
from dashtam.api.ledger.scopes import READ_ACCOUNTS, READ_TRANSACTIONS, WRITE_TRANSACTIONS
from dashtam.api.problems import problem
from dashtam.api.session import CallerView
from dashtam.application.ledger.list_accounts import ListAccounts
from dashtam.application.ledger.list_balances import ListBalances
from dashtam.application.ledger.list_transactions import ListTransactions
from dashtam.application.ledger.show_account import ShowAccount
from dashtam.application.ledger.show_transaction import ShowTransaction
from dashtam.application.ledger.transactions import DeleteTransaction, EditTransaction
from domain.shared.ids import AccountId, TransactionId
from domain.shared.pages import Cursor
from domain.shared.result import Failure, Success


class AccountsView(CallerView):
    """The collection of a user's accounts."""

    scopes = {"get": READ_ACCOUNTS}
    list_accounts: ListAccounts

    async def get(self, request: HttpRequest) -> HttpResponse:
        """List accounts with their balances."""
        as_of = read_query(request, AsOfQuery).look_back(self.list_accounts.clock)
        match await self.list_accounts(user_id=self.caller.user_id, as_of=as_of):
            case Success(accounts):
                items = [AccountResponse.of(account) for account in accounts]
                return answer(AccountsResponse(items=items))
            case Failure(error):
                return problem(error, request)


class AccountView(CallerView):
    """One account."""

    scopes = {"get": READ_ACCOUNTS}
    show_account: ShowAccount

    async def get(self, request: HttpRequest, account_id: UUID) -> HttpResponse:
        """Show one account with its balance."""
        as_of = read_query(request, AsOfQuery).look_back(self.show_account.clock)
        match await self.show_account(
            account_id=AccountId(account_id), user_id=self.caller.user_id, as_of=as_of
        ):
            case Success(overview):
                return answer(AccountResponse.of(overview))
            case Failure(error):
                return problem(error, request)


class BalancesView(CallerView):
    """What an account held."""

    scopes = {"get": READ_ACCOUNTS}
    list_balances: ListBalances

    async def get(self, request: HttpRequest, account_id: UUID) -> HttpResponse:
        """List the balances of an account, latest day first."""
        query = read_query(request, BalancesQuery)
        match await self.list_balances(
            account_id=AccountId(account_id),
            user_id=self.caller.user_id,
            limit=query.limit,
            as_of=query.look_back(self.list_balances.clock),
        ):
            case Success(balances):
                items = [BalanceResponse.of(balance) for balance in balances]
                return answer(BalancesResponse(items=items))
            case Failure(error):
                return problem(error, request)


class TransactionsView(CallerView):
    """The transactions of an account."""

    scopes = {"get": READ_TRANSACTIONS}
    list_transactions: ListTransactions

    async def get(self, request: HttpRequest, account_id: UUID) -> HttpResponse:
        """List a page of an account's transactions, newest booking date first."""
        query = read_query(request, TransactionsQuery)
        match await self.list_transactions(
            account_id=AccountId(account_id),
            user_id=self.caller.user_id,
            where=query.filter(),
            after=query.place(Cursor.parse),
            limit=query.limit,
            as_of=query.look_back(self.list_transactions.clock),
        ):
            case Success(page):
                return answer(TransactionsResponse.of(page))
            case Failure(error):
                return problem(error, request)


class TransactionView(CallerView):
    """One transaction."""

    scopes = {"get": READ_TRANSACTIONS, "patch": WRITE_TRANSACTIONS, "delete": WRITE_TRANSACTIONS}
    show_transaction: ShowTransaction
    edit_transaction: EditTransaction
    delete_transaction: DeleteTransaction

    async def get(self, request: HttpRequest, transaction_id: UUID) -> HttpResponse:
        """Show one transaction, with all that the statement said of it."""
        as_of = read_query(request, AsOfQuery).look_back(self.show_transaction.clock)
        match await self.show_transaction(
            transaction_id=TransactionId(transaction_id),
            user_id=self.caller.user_id,
            as_of=as_of,
        ):
            case Success(transaction):
                return answer(TransactionDetailResponse.of(transaction))
            case Failure(error):
                return problem(error, request)

    async def patch(self, request: HttpRequest, transaction_id: UUID) -> HttpResponse:
        """Change note and category."""
        body = await read(request, EditTransactionRequest)
        match await self.edit_transaction(
            transaction_id=TransactionId(transaction_id),
            user_id=self.caller.user_id,
            note=body.note,
            category=body.category,
        ):
            case Success(transaction):
                return answer(TransactionDetailResponse.of(transaction))
            case Failure(error):
                return problem(error, request)

    async def delete(self, request: HttpRequest, transaction_id: UUID) -> HttpResponse:
        """Take the transaction out of the ledger for good: no import brings it back."""
        match await self.delete_transaction(
            transaction_id=TransactionId(transaction_id), user_id=self.caller.user_id
        ):
            case Success(_):
                return no_content()
            case Failure(error):
                return problem(error, request)
