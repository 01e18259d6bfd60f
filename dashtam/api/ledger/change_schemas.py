"""Bodies of responses about changes. Amounts are strings: exact decimals."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel

from dashtam.api.ledger.schemas import BalanceResponse
from dashtam.api.ledger.security_schemas import SecurityResponse, TradeResponse, exact, plain
from domain.ledger.changes import Change, ChangedResource, ChangeKind, ChangesPage
from domain.ledger.entities import Account, BalanceSnapshot, Transaction, TransactionStatus
from domain.ledger.holdings import Holding
from domain.ledger.values import AccountKind, TransactionKind


class ChangedAccountResponse(BaseModel):
    """An account; of its number only the end is shown."""

    kind: AccountKind
    currency: str
    institution: str
    number: str

    @classmethod
    def of(cls, account: Account) -> "ChangedAccountResponse":
        return cls(
            kind=account.kind,
            currency=account.currency,
            institution=account.institution,
            number=account.masked_number,
        )


class ChangedTransactionResponse(BaseModel):
    """What a version of a transaction says. Which import says so is no part of it."""

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
    raw: dict[str, str]

    @classmethod
    def of(cls, transaction: Transaction) -> "ChangedTransactionResponse":
        return cls(
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
            raw=dict(transaction.raw),
        )


class ChangedHoldingResponse(BaseModel):
    """A position in a security. Which import says so is no part of it."""

    day: date
    security: SecurityResponse
    quantity: str
    currency: str
    price: str | None
    value: str | None
    cost_basis: str | None

    @classmethod
    def of(cls, holding: Holding) -> "ChangedHoldingResponse":
        return cls(
            day=holding.day,
            security=SecurityResponse.of(holding.security),
            quantity=plain(holding.quantity),
            currency=holding.currency,
            price=exact(holding.price),
            value=exact(holding.value),
            cost_basis=exact(holding.cost_basis),
        )


class ChangeResponse(BaseModel):
    """One change: what it says is under the name of its resource, and nothing when removed."""

    resource: ChangedResource
    change: ChangeKind
    id: UUID
    account_id: UUID
    version: int
    recorded_at: datetime
    account: ChangedAccountResponse | None
    transaction: ChangedTransactionResponse | None
    balance: BalanceResponse | None
    holding: ChangedHoldingResponse | None

    @classmethod
    def of(cls, change: Change) -> "ChangeResponse":
        told = change.content
        return cls(
            resource=change.place.resource,
            change=change.kind,
            id=change.place.id,
            account_id=change.account_id,
            version=change.place.version,
            recorded_at=change.recorded_at,
            account=ChangedAccountResponse.of(told) if isinstance(told, Account) else None,
            transaction=(
                ChangedTransactionResponse.of(told) if isinstance(told, Transaction) else None
            ),
            balance=BalanceResponse.of(told) if isinstance(told, BalanceSnapshot) else None,
            holding=ChangedHoldingResponse.of(told) if isinstance(told, Holding) else None,
        )


class ChangesResponse(BaseModel):
    """Some changes in order; `next_cursor` is always there, for now or for later."""

    items: list[ChangeResponse]
    next_cursor: str
    has_more: bool

    @classmethod
    def of(cls, page: ChangesPage) -> "ChangesResponse":
        return cls(
            items=[ChangeResponse.of(change) for change in page.items],
            next_cursor=str(page.next),
            has_more=page.has_more,
        )
