"""Bodies of requests and responses about the ledger. Amounts are strings: exact decimals."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from dashtam.api.http import Body
from dashtam.api.ledger.as_of import AsOfQuery
from dashtam.api.ledger.days import Day
from dashtam.api.ledger.pages import LimitQuery, PageQuery
from dashtam.api.ledger.security_schemas import TradeResponse, exact
from dashtam.application.ledger.list_accounts import AccountOverview
from domain.ledger.entities import (
    BalanceSnapshot,
    Transaction,
    TransactionStatus,
)
from domain.ledger.ports import TransactionFilter
from domain.ledger.values import AccountKind, BalanceKind, TransactionKind
from domain.shared.money import MAX_DECIMALS, MAX_WHOLE_DIGITS
from domain.shared.pages import Page

Amount = Annotated[
    Decimal, Field(max_digits=MAX_WHOLE_DIGITS + MAX_DECIMALS, decimal_places=MAX_DECIMALS)
]


class BalanceResponse(BaseModel):
    """What an account held on a day."""

    kind: BalanceKind
    amount: str
    currency: str
    day: date

    @classmethod
    def of(cls, balance: BalanceSnapshot) -> "BalanceResponse":
        money = balance.money
        return cls(kind=balance.kind, amount=money.digits, currency=money.currency, day=balance.day)


class AccountResponse(BaseModel):
    """An account; of its number only the end is shown."""

    id: UUID
    kind: AccountKind
    currency: str
    institution: str
    number: str
    balance: BalanceResponse | None

    @classmethod
    def of(cls, overview: AccountOverview) -> "AccountResponse":
        account, balance = overview.account, overview.balance
        return cls(
            id=account.id,
            kind=account.kind,
            currency=account.currency,
            institution=account.institution,
            number=account.masked_number,
            balance=BalanceResponse.of(balance) if balance else None,
        )


class AccountsResponse(BaseModel):
    """All accounts of a user."""

    items: list[AccountResponse]


class BalancesQuery(LimitQuery, AsOfQuery):
    """How many balances are wanted, and as of when."""


class BalancesResponse(BaseModel):
    """What an account held, latest day first."""

    items: list[BalanceResponse]


class TransactionsQuery(PageQuery, AsOfQuery):
    """Which transactions are wanted: bounds are inclusive, dates are booking dates."""

    date_from: Day | None = None
    date_to: Day | None = None
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


class TransactionResponse(BaseModel):
    """A movement on an account; dates are as the bank wrote them."""

    id: UUID
    account_id: UUID
    import_id: UUID
    provider_id: str | None
    booking_date: date
    value_date: date | None
    amount: str
    currency: str
    kind: TransactionKind
    status: TransactionStatus
    description: str
    note: str
    category: str
    original_currency: str | None
    exchange_rate: str | None
    trade: TradeResponse | None

    @classmethod
    def of(cls, transaction: Transaction) -> "TransactionResponse":
        return cls(
            id=transaction.id,
            account_id=transaction.account_id,
            import_id=transaction.import_id,
            provider_id=transaction.provider_id,
            booking_date=transaction.booking_date,
            value_date=transaction.value_date,
            amount=transaction.amount.digits,
            currency=transaction.amount.currency,
            kind=transaction.kind,
            status=transaction.status,
            description=transaction.description,
            note=transaction.note,
            category=transaction.category,
            original_currency=transaction.original_currency,
            exchange_rate=exact(transaction.exchange_rate),
            trade=TradeResponse.of(transaction.trade) if transaction.trade else None,
        )


class EditTransactionRequest(Body):
    """What a person writes on a transaction; what is not given stays as it is."""

    note: Annotated[str, Field(max_length=10_000)] | None = None
    category: Annotated[str, Field(max_length=255)] | None = None

    @field_validator("*", mode="before")
    @classmethod
    def _is_said(cls, value: Any) -> Any:
        if value is None:
            raise PydanticCustomError("null", "This is cleared by an empty text, not by null")
        return value

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_fields_set:
            raise PydanticCustomError("nothing", "There is nothing to change")
        return self


class TransactionDetailResponse(BaseModel):
    """One movement, and all that the statement said of it."""

    transaction: TransactionResponse
    line: int
    raw: dict[str, str]

    @classmethod
    def of(cls, transaction: Transaction) -> "TransactionDetailResponse":
        return cls(
            transaction=TransactionResponse.of(transaction),
            line=transaction.line,
            raw=dict(transaction.raw),
        )


class TransactionsResponse(BaseModel):
    """A page of transactions; without `next_cursor` it is the last."""

    items: list[TransactionResponse]
    next_cursor: str | None

    @classmethod
    def of(cls, page: Page[Transaction]) -> "TransactionsResponse":
        return cls(
            items=[TransactionResponse.of(transaction) for transaction in page.items],
            next_cursor=str(page.next) if page.next else None,
        )
