"""Accounts and their balances."""

from typing import Self
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from dashtam.api.http import read_query
from dashtam.api.ledger.parameters import READ_ACCOUNTS, AsOfQuery
from dashtam.api.ledger.values import DailyBalanceResponse
from dashtam.api.problems import unwrap
from dashtam.api.responses import ListResponse, Response, respond
from dashtam.api.session import CallerView
from dashtam.application.ledger.accounts import (
    AccountOverview,
    ListAccounts,
    ShowAccount,
)
from domain.ledger.entities import Account
from domain.ledger.reconciling import AccountReconciliation
from domain.ledger.values import AccountKind, Reconciliation
from domain.shared.ids import AccountId


class AccountBody(Response):
    """An account without its id; of its number only the end is shown."""

    kind: AccountKind
    currency: str
    institution: str
    number: str

    @classmethod
    def of(cls, account: Account) -> Self:
        return cls.copy_from(account, number=account.masked_number)


class AccountReconciliationResponse(Response):
    """Whether the ledger agrees with all balances of an account, and how often it does not."""

    state: Reconciliation
    balanced: int
    unbalanced: int

    @classmethod
    def of(cls, reconciliation: AccountReconciliation) -> Self:
        return cls.copy_from(reconciliation)


class AccountResponse(AccountBody):
    """An account and its balance of a day; when looking back, without its reconciliation."""

    id: UUID
    balance: DailyBalanceResponse | None
    other_balances: list[DailyBalanceResponse]
    reconciliation: AccountReconciliationResponse | None

    @classmethod
    def with_balance(cls, overview: AccountOverview) -> Self:
        account, balance, found = overview.account, overview.balance, overview.reconciliation
        return cls.copy_from(
            account,
            number=account.masked_number,
            balance=DailyBalanceResponse.of(balance) if balance else None,
            other_balances=[DailyBalanceResponse.of(each) for each in overview.other_balances],
            reconciliation=AccountReconciliationResponse.of(found) if found else None,
        )


class AccountsView(CallerView):
    """The accounts of a user."""

    scopes = {"get": READ_ACCOUNTS}
    list_accounts: ListAccounts

    async def get(self, request: HttpRequest) -> HttpResponse:
        """List accounts with their balances."""
        as_of = read_query(request, AsOfQuery).look_back(self.list_accounts.clock)
        accounts = unwrap(await self.list_accounts(user_id=self.caller.user_id, as_of=as_of))
        return respond(ListResponse[AccountResponse].of(accounts, AccountResponse.with_balance))


class AccountView(CallerView):
    """One account."""

    scopes = {"get": READ_ACCOUNTS}
    show_account: ShowAccount

    async def get(self, request: HttpRequest, account_id: UUID) -> HttpResponse:
        """Show an account with its balance."""
        as_of = read_query(request, AsOfQuery).look_back(self.show_account.clock)
        overview = unwrap(
            await self.show_account(
                account_id=AccountId(account_id), user_id=self.caller.user_id, as_of=as_of
            )
        )
        return respond(AccountResponse.with_balance(overview))
