"""Imports, accounts, balances and transactions over HTTP."""

from http import HTTPStatus
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from dashtam.api.http import answer, read_fields, read_query
from dashtam.api.ledger.schemas import (
    AccountResponse,
    AccountsResponse,
    BalanceResponse,
    BalancesQuery,
    BalancesResponse,
    ImportForm,
    ImportResponse,
    TransactionDetailResponse,
    TransactionsQuery,
    TransactionsResponse,
)
from dashtam.api.problems import problem
from dashtam.api.session import SessionView
from dashtam.api.uploads import read_upload
from dashtam.application.ledger.import_statement import ImportStatement
from dashtam.application.ledger.queries import (
    ListAccounts,
    ListBalances,
    ListTransactions,
    ShowAccount,
    ShowTransaction,
)
from domain.shared.ids import AccountId, TransactionId
from domain.shared.pages import Cursor
from domain.shared.result import Failure, Success


class ImportsView(SessionView):
    """The collection of imported files."""

    import_statement: ImportStatement

    async def post(self, request: HttpRequest) -> HttpResponse:
        """Import a statement file, sent as the part `file` of a multipart form."""
        upload = await read_upload(request, "file", settings.IMPORT_MAX_BYTES)
        form = read_fields(upload.fields, ImportForm)
        match await self.import_statement(
            user_id=self.session.user_id,
            file_name=upload.name,
            content=upload.content,
            hints=form.hints(),
            account_id=AccountId(form.account_id) if form.account_id else None,
        ):
            case Success(done):
                return answer(ImportResponse.of(done), HTTPStatus.CREATED)
            case Failure(error):
                return problem(error, request)


class AccountsView(SessionView):
    """The collection of a user's accounts."""

    list_accounts: ListAccounts

    async def get(self, request: HttpRequest) -> HttpResponse:
        """List accounts with their balances."""
        match await self.list_accounts(user_id=self.session.user_id):
            case Success(accounts):
                items = [AccountResponse.of(account) for account in accounts]
                return answer(AccountsResponse(items=items))
            case Failure(error):
                return problem(error, request)


class AccountView(SessionView):
    """One account."""

    show_account: ShowAccount

    async def get(self, request: HttpRequest, account_id: UUID) -> HttpResponse:
        """Show one account with its balance."""
        match await self.show_account(
            account_id=AccountId(account_id), user_id=self.session.user_id
        ):
            case Success(overview):
                return answer(AccountResponse.of(overview))
            case Failure(error):
                return problem(error, request)


class BalancesView(SessionView):
    """What an account held."""

    list_balances: ListBalances

    async def get(self, request: HttpRequest, account_id: UUID) -> HttpResponse:
        """List the balances of an account, latest day first."""
        query = read_query(request, BalancesQuery)
        match await self.list_balances(
            account_id=AccountId(account_id), user_id=self.session.user_id, limit=query.limit
        ):
            case Success(balances):
                items = [BalanceResponse.of(balance) for balance in balances]
                return answer(BalancesResponse(items=items))
            case Failure(error):
                return problem(error, request)


class TransactionsView(SessionView):
    """The transactions of an account."""

    list_transactions: ListTransactions

    async def get(self, request: HttpRequest, account_id: UUID) -> HttpResponse:
        """List a page of an account's transactions, newest booking date first."""
        query = read_query(request, TransactionsQuery)
        after = Success(None) if query.cursor is None else Cursor.parse(query.cursor)
        if isinstance(after, Failure):
            return problem(after.error, request)
        match await self.list_transactions(
            account_id=AccountId(account_id),
            user_id=self.session.user_id,
            where=query.filter(),
            after=after.value,
            limit=query.limit,
        ):
            case Success(page):
                return answer(TransactionsResponse.of(page))
            case Failure(error):
                return problem(error, request)


class TransactionView(SessionView):
    """One transaction."""

    show_transaction: ShowTransaction

    async def get(self, request: HttpRequest, transaction_id: UUID) -> HttpResponse:
        """Show one transaction, with all that the statement said of it."""
        match await self.show_transaction(
            transaction_id=TransactionId(transaction_id), user_id=self.session.user_id
        ):
            case Success(transaction):
                return answer(TransactionDetailResponse.of(transaction))
            case Failure(error):
                return problem(error, request)
