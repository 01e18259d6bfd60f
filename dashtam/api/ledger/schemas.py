"""Bodies of requests and responses about the ledger. Amounts are strings: exact decimals."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from dashtam.api.http import Body, Query
from dashtam.api.ledger.as_of import AsOfQuery
from dashtam.application.ledger.list_accounts import AccountOverview
from domain.ledger.entities import (
    BalanceSnapshot,
    Transaction,
    TransactionStatus,
)
from domain.ledger.ports import TransactionFilter
from domain.ledger.values import AccountKind, BalanceKind, Security, Trade, TransactionKind
from domain.shared.money import MAX_DECIMALS, MAX_WHOLE_DIGITS
from domain.shared.pages import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, Page

Amount = Annotated[
    Decimal, Field(max_digits=MAX_WHOLE_DIGITS + MAX_DECIMALS, decimal_places=MAX_DECIMALS)
]
PageSize = Annotated[int, Field(ge=1, le=MAX_PAGE_SIZE)]


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


class BalancesQuery(AsOfQuery):
    """How many balances are wanted."""

    limit: PageSize = DEFAULT_PAGE_SIZE


class BalancesResponse(BaseModel):
    """What an account held, latest day first."""

    items: list[BalanceResponse]


class TransactionsQuery(Query):
    """Which transactions are wanted: bounds are inclusive, dates are booking dates."""

    date_from: date | None = None
    date_to: date | None = None
    amount_from: Amount | None = None
    amount_to: Amount | None = None
    status: TransactionStatus | None = None
    kind: TransactionKind | None = None
    cursor: str | None = None
    limit: PageSize = DEFAULT_PAGE_SIZE
    as_of: str | None = None

    def filter(self) -> TransactionFilter:
        return TransactionFilter(
            booked_from=self.date_from,
            booked_to=self.date_to,
            amount_from=self.amount_from,
            amount_to=self.amount_to,
            status=self.status,
            kind=self.kind,
        )


class SecurityResponse(BaseModel):
    """A security as a statement names it."""

    scheme: str
    number: str
    name: str
    ticker: str

    @classmethod
    def of(cls, security: Security) -> "SecurityResponse":
        return cls(
            scheme=security.scheme,
            number=security.number,
            name=security.name,
            ticker=security.ticker,
        )


class TradeResponse(BaseModel):
    """What moved beside cash; the quantity is negative when it left the account."""

    security: SecurityResponse
    quantity: str
    unit_price: str | None

    @classmethod
    def of(cls, trade: Trade) -> "TradeResponse":
        return cls(
            security=SecurityResponse.of(trade.security),
            quantity=plain(trade.quantity),
            unit_price=exact(trade.unit_price),
        )


def plain(number: Decimal) -> str:
    """Write a number exactly, with no more digits than it has."""
    return f"{number.normalize() + 0:f}"


def exact(number: Decimal | None) -> str | None:
    """Write a number, if there is one."""
    return None if number is None else plain(number)


class TransactionQuery(Query):
    """As of which day or moment a transaction is wanted."""

    as_of: str | None = None


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
