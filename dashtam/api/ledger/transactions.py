"""Transactions."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Self
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from pydantic import BeforeValidator, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from dashtam.api.http import Body, read, read_query
from dashtam.api.ledger.parameters import (
    READ_TRANSACTIONS,
    WRITE_TRANSACTIONS,
    AsOfQuery,
    PageQuery,
    PeriodQuery,
)
from dashtam.api.ledger.values import Imported, TradeResponse, exact
from dashtam.api.problems import unwrap
from dashtam.api.responses import Response, no_content, respond, respond_with_page
from dashtam.api.session import CallerView
from dashtam.application.ledger.transactions import (
    DeleteTransaction,
    EditTransaction,
    ListTransactions,
    ShowTransaction,
)
from domain.ledger.allocations import CategoryChoice, CategorySource, Split, add_up
from domain.ledger.categories import MAX_SPLITS, MAX_TAGS
from domain.ledger.entities import Transaction, TransactionStatus
from domain.ledger.ports import ListedTransaction, TransactionFilter
from domain.ledger.values import TransactionKind
from domain.shared.ids import AccountId, CategoryId, TransactionId
from domain.shared.money import MAX_DECIMALS, MAX_WHOLE_DIGITS, Money
from domain.shared.pages import Cursor

Amount = Annotated[
    Decimal, Field(max_digits=MAX_WHOLE_DIGITS + MAX_DECIMALS, decimal_places=MAX_DECIMALS)
]


_AMOUNT = re.compile(r"-?\d{1,30}(\.\d{1,20})?", re.ASCII)


def _exact_amount(value: Any) -> Any:
    """Refuse numbers of JSON, which may have lost digits on their way."""
    if not isinstance(value, str) or not _AMOUNT.fullmatch(value):
        raise PydanticCustomError("amount", "Send the amount as a string, such as -4.50")
    return Decimal(value)


class SplitRequest(Body):
    """A part of a transaction."""

    amount: Annotated[Amount, BeforeValidator(_exact_amount)]
    category_id: UUID | None = None
    memo: Annotated[str, Field(max_length=1_000)] = ""

    def split(self) -> Split:
        category_id = CategoryId(self.category_id) if self.category_id else None
        return Split(amount=self.amount, category_id=category_id, memo=self.memo)


class SplitResponse(Response):
    """A part of a transaction, in the currency of the whole."""

    amount: str
    category_id: UUID | None
    category: str
    memo: str

    @classmethod
    def of(cls, split: Split, currency: str) -> Self:
        return cls.copy_from(split, amount=Money(split.amount, currency).digits)


class TransactionBody(Response):
    """What a transaction says; dates are as the bank wrote them."""

    provider_id: str | None
    booking_date: date
    value_date: date | None
    amount: str
    currency: str
    kind: TransactionKind
    status: TransactionStatus
    description: str
    payee: str
    counterparty_account: str
    reference: str
    memo: str
    note: str
    category: str
    category_id: UUID | None
    category_source: CategorySource | None
    tags: list[str]
    splits: list[SplitResponse]
    splits_broken: bool
    original_currency: str | None
    exchange_rate: str | None
    trade: TradeResponse | None

    @classmethod
    def of(cls, transaction: ListedTransaction) -> Self:
        return cls(**cls.values_of(transaction))

    @classmethod
    def values_of(cls, transaction: ListedTransaction) -> dict[str, Any]:
        return cls.values_from(
            transaction,
            amount=transaction.amount.digits,
            currency=transaction.amount.currency,
            exchange_rate=exact(transaction.exchange_rate),
            trade=TradeResponse.of(transaction.trade) if transaction.trade else None,
            tags=list(transaction.tags),
            splits=[SplitResponse.of(e, transaction.amount.currency) for e in transaction.splits],
            splits_broken=not add_up(transaction.splits, transaction.amount.amount)
            if transaction.splits
            else False,
        )


class TransactionResponse(TransactionBody, Imported):
    """A transaction on an account."""


class TransactionDetailResponse(Response):
    """A transaction, and everything the statement said about it."""

    transaction: TransactionResponse
    line: int
    raw: dict[str, str]

    @classmethod
    def of(cls, transaction: Transaction) -> Self:
        return cls.copy_from(transaction, transaction=TransactionResponse.of(transaction))


class TransactionsQuery(PageQuery, AsOfQuery, PeriodQuery):
    """Which transactions to return; dates are booking dates, and all bounds are inclusive."""

    amount_from: Amount | None = None
    amount_to: Amount | None = None
    status: TransactionStatus | None = None
    kind: TransactionKind | None = None

    def filter(self) -> TransactionFilter:
        return TransactionFilter(
            booked_from=self.date_from,
            booked_to=self.date_to,
            amount_from=self.amount_from,
            amount_to=self.amount_to,
            status=self.status,
            kind=self.kind,
        )


class EditTransactionRequest(Body):
    """A user's note, category and tags; a field that is left out stays as it is."""

    note: Annotated[str, Field(max_length=10_000)] | None = None
    category_id: UUID | None = None
    tags: Annotated[list[str], Field(max_length=MAX_TAGS)] | None = None
    splits: Annotated[list[SplitRequest], Field(max_length=MAX_SPLITS)] | None = None

    @field_validator("note", "tags", "splits", mode="before")
    @classmethod
    def _is_not_null(cls, value: Any) -> Any:
        if value is None:
            raise PydanticCustomError("null", "Send something empty to clear this, not null")
        return value

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_fields_set:
            raise PydanticCustomError("nothing", "There is nothing to change")
        if self.splits is not None and "category_id" in self.model_fields_set:
            raise PydanticCustomError("splits", "The parts have categories, or the whole has one")
        return self

    @property
    def choice(self) -> CategoryChoice | None:
        """The category that was chosen; null chooses none."""
        if "category_id" not in self.model_fields_set:
            return None
        return CategoryChoice(CategoryId(self.category_id) if self.category_id else None)


class TransactionsView(CallerView):
    """The transactions of an account."""

    scopes = {"get": READ_TRANSACTIONS}
    list_transactions: ListTransactions

    async def get(self, request: HttpRequest, account_id: UUID) -> HttpResponse:
        """List a page of an account's transactions, latest booking date first."""
        query = read_query(request, TransactionsQuery)
        page = unwrap(
            await self.list_transactions(
                account_id=AccountId(account_id),
                user_id=self.caller.user_id,
                where=query.filter(),
                after=query.after(Cursor),
                limit=query.limit,
                as_of=query.look_back(self.list_transactions.clock),
            )
        )
        return await respond_with_page(page, TransactionResponse.values_of)


class TransactionView(CallerView):
    """One transaction."""

    scopes = {"get": READ_TRANSACTIONS, "patch": WRITE_TRANSACTIONS, "delete": WRITE_TRANSACTIONS}
    show_transaction: ShowTransaction
    edit_transaction: EditTransaction
    delete_transaction: DeleteTransaction

    async def get(self, request: HttpRequest, transaction_id: UUID) -> HttpResponse:
        """Show a transaction, with everything the statement said about it."""
        transaction = unwrap(
            await self.show_transaction(
                transaction_id=TransactionId(transaction_id),
                user_id=self.caller.user_id,
                as_of=read_query(request, AsOfQuery).look_back(self.show_transaction.clock),
            )
        )
        return respond(TransactionDetailResponse.of(transaction))

    async def patch(self, request: HttpRequest, transaction_id: UUID) -> HttpResponse:
        """Change its note, tags, and category or splits."""
        body = await read(request, EditTransactionRequest)
        transaction = unwrap(
            await self.edit_transaction(
                transaction_id=TransactionId(transaction_id),
                user_id=self.caller.user_id,
                note=body.note,
                category=body.choice,
                tags=body.tags,
                splits=None if body.splits is None else [each.split() for each in body.splits],
            )
        )
        return respond(TransactionDetailResponse.of(transaction))

    async def delete(self, request: HttpRequest, transaction_id: UUID) -> HttpResponse:
        """Delete the transaction for good: no import restores it."""
        unwrap(
            await self.delete_transaction(
                transaction_id=TransactionId(transaction_id), user_id=self.caller.user_id
            )
        )
        return no_content()
