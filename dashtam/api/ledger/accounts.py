"""Accounts and their balances."""

from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Any, Self, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from dashtam.api.http import Body, Changes, read, read_query
from dashtam.api.ledger.csv_profiles import Currency
from dashtam.api.ledger.parameters import READ_ACCOUNTS, WRITE_TRANSACTIONS, AsOfQuery, Day
from dashtam.api.ledger.values import DailyBalanceResponse
from dashtam.api.problems import unwrap
from dashtam.api.responses import ListResponse, Response, no_content, respond
from dashtam.api.session import CallerView
from dashtam.application.connections.account_sources import AccountSource
from dashtam.application.ledger.accounts import (
    AccountOverview,
    ListAccounts,
    ShowAccount,
)
from dashtam.application.ledger.manage_accounts import AddAccount, DeleteAccount, EditAccount
from domain.connections.values import ConnectionStatus, DueReason, Need
from domain.ledger.account_names import MAX_LENGTH
from domain.ledger.accounts import Freshness
from domain.ledger.entities import Account, AccountChanges
from domain.ledger.kinds import AccountKind
from domain.ledger.reconciling import AccountReconciliation
from domain.ledger.values import AccountReference, Reconciliation
from domain.shared.ids import AccountId

Text = Annotated[str, Field(max_length=MAX_LENGTH)]
#: In JSON a day is a text too.
GivenDay = Annotated[Day, Field(strict=False)]
Name = Annotated[str, Field(min_length=1, max_length=MAX_LENGTH)]


class AccountBody(Response):
    """What there is to an account without what is in it. The number is that of its statements."""

    name: str
    kind: AccountKind
    currency: str
    institution: str
    routing_number: str
    number: str
    opened_on: date | None
    closed_on: date | None
    hidden: bool
    created_at: datetime

    @classmethod
    def of(cls, account: Account) -> Self:
        return cls.copy_from(account, created_at=account.added_at)


class AccountReconciliationResponse(Response):
    """Whether the ledger agrees with all balances of an account, and how often it does not."""

    state: Reconciliation
    balanced: int
    unbalanced: int

    @classmethod
    def of(cls, reconciliation: AccountReconciliation) -> Self:
        return cls.copy_from(reconciliation)


class FreshnessResponse(Response):
    """The latest day that a statement covers or states, and when the latest one was imported."""

    latest_day: date | None
    imported_at: datetime | None

    @classmethod
    def of(cls, freshness: Freshness) -> Self:
        return cls.copy_from(freshness)


class AccountSyncResponse(Response):
    """The connection that fills the account, what it needs of a person, and when it asks next.

    The days from `covered_from` to `covered_to` were answered, the last ones at `complete_at`.
    """

    connection_id: UUID
    provider: str
    status: ConnectionStatus
    need: Need | None
    detail: str
    problem_since: datetime | None
    complete_at: datetime | None
    covered_from: date | None
    covered_to: date | None
    next_attempt_at: datetime | None
    next_attempt_reason: DueReason | None
    requests_left: int | None

    @classmethod
    def of(cls, source: AccountSource) -> Self:
        connection, link, timing = source.connection, source.link, source.timing
        due = timing.due
        return cls.copy_from(
            source,
            connection_id=connection.id,
            provider=connection.provider,
            need=connection.need,
            problem_since=link.problem_since,
            covered_from=link.covered_from,
            covered_to=link.covered_to,
            next_attempt_at=due and due.at,
            next_attempt_reason=due and due.reason,
            requests_left=timing.requests_left,
        )


class AccountResponse(AccountBody):
    """An account and its balance of a day; without its reconciliation when looking back."""

    id: UUID
    version: int
    balance: DailyBalanceResponse | None
    other_balances: list[DailyBalanceResponse]
    reconciliation: AccountReconciliationResponse | None
    freshness: FreshnessResponse | None
    sync: AccountSyncResponse | None

    @classmethod
    def with_balance(cls, overview: AccountOverview) -> Self:
        account, balance, found = overview.account, overview.balance, overview.reconciliation
        fresh = overview.freshness
        return cls.copy_from(
            account,
            created_at=account.added_at,
            freshness=FreshnessResponse.of(fresh) if fresh else None,
            sync=AccountSyncResponse.of(overview.source) if overview.source else None,
            balance=DailyBalanceResponse.of(balance) if balance else None,
            other_balances=[DailyBalanceResponse.of(each) for each in overview.other_balances],
            reconciliation=AccountReconciliationResponse.of(found) if found else None,
        )


class AddAccountRequest(Body):
    """An account that no statement has named yet."""

    name: Name
    kind: AccountKind
    currency: Currency
    institution: Text = ""
    number: Text = ""
    opened_on: GivenDay | None = None

    def reference(self) -> AccountReference:
        return AccountReference(
            kind=self.kind,
            number=self.number,
            institution=self.institution,
            currency=self.currency,
        )


class EditAccountRequest(Changes):
    """What changes of an account; a field that is left out stays as it is.

    The days are cleared by null: an account without `closed_on` is open.
    """

    name: Name | None = None
    kind: AccountKind | None = None
    hidden: bool | None = None
    opened_on: GivenDay | None = None
    closed_on: GivenDay | None = None

    @field_validator("name", "kind", "hidden", mode="before")
    @classmethod
    def _is_not_null(cls, value: Any) -> Any:
        if value is None:
            raise PydanticCustomError("null", "This cannot be cleared")
        return value

    def changes(self) -> AccountChanges:
        said = {name: getattr(self, name) for name in self.model_fields_set}
        return cast(AccountChanges, said)


class AccountsView(CallerView):
    """The accounts of a user."""

    scopes = {"get": READ_ACCOUNTS, "post": WRITE_TRANSACTIONS}
    list_accounts: ListAccounts
    add_account: AddAccount

    async def get(self, request: HttpRequest) -> HttpResponse:
        """List accounts with their balances."""
        as_of = read_query(request, AsOfQuery).look_back(self.list_accounts.clock)
        accounts = unwrap(await self.list_accounts(user_id=self.caller.user_id, as_of=as_of))
        return respond(ListResponse[AccountResponse].of(accounts, AccountResponse.with_balance))

    async def post(self, request: HttpRequest) -> HttpResponse:
        """Add an account by hand."""
        body = await read(request, AddAccountRequest)
        overview = unwrap(
            await self.add_account(
                body.reference(),
                user_id=self.caller.user_id,
                name=body.name,
                opened_on=body.opened_on,
            )
        )
        return respond(
            AccountResponse.with_balance(overview),
            HTTPStatus.CREATED,
            location=f"accounts/{overview.account.id}",
        )


class AccountView(CallerView):
    """One account."""

    scopes = {
        "get": READ_ACCOUNTS,
        "patch": WRITE_TRANSACTIONS,
        "delete": WRITE_TRANSACTIONS,
    }
    show_account: ShowAccount
    edit_account: EditAccount
    delete_account: DeleteAccount

    async def get(self, request: HttpRequest, account_id: UUID) -> HttpResponse:
        """Show an account with its balance."""
        as_of = read_query(request, AsOfQuery).look_back(self.show_account.clock)
        overview = unwrap(
            await self.show_account(
                account_id=AccountId(account_id), user_id=self.caller.user_id, as_of=as_of
            )
        )
        return respond(AccountResponse.with_balance(overview))

    async def patch(self, request: HttpRequest, account_id: UUID) -> HttpResponse:
        """Rename, hide, close or reopen the account, or correct its kind and days."""
        body = await read(request, EditAccountRequest)
        overview = unwrap(
            await self.edit_account(
                account_id=AccountId(account_id),
                user_id=self.caller.user_id,
                changes=body.changes(),
            )
        )
        return respond(AccountResponse.with_balance(overview))

    async def delete(self, request: HttpRequest, account_id: UUID) -> HttpResponse:
        """Delete the account, if it is empty."""
        unwrap(
            await self.delete_account(account_id=AccountId(account_id), user_id=self.caller.user_id)
        )
        return no_content()
