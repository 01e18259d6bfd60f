"""The ledger: accounts, transactions and balances, as institutions state them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from itertools import repeat
from operator import attrgetter
from typing import Self, TypedDict

from domain.ledger.account_names import clean_name, default_name
from domain.ledger.allocations import (
    NO_CATEGORIES,
    CategoryChoice,
    CategorySource,
    Split,
    allocations_of,
)
from domain.ledger.errors import InvalidAccount
from domain.ledger.events import (
    AccountAdded,
    TransactionDeleted,
    TransactionEdited,
    TransactionRestored,
)
from domain.ledger.kinds import AccountKind, TransactionKind
from domain.ledger.values import (
    AccountReference,
    Removal,
    Security,
    StatedHolding,
    StatementRow,
    Trade,
    TransactionKey,
    TransactionStatus,
    masked,
)
from domain.shared.events import Actor
from domain.shared.ids import (
    AccountId,
    CategoryId,
    ConnectionId,
    HoldingId,
    ImportId,
    SecurityId,
    StatementId,
    TransactionId,
    UserId,
)
from domain.shared.money import MAX_DECIMALS, Money, add_up
from domain.shared.records import records
from domain.shared.result import Failure, Result, Success


class AccountChanges(TypedDict, total=False):
    """What a user changes of an account; what is left out stays as it is."""

    name: str
    kind: AccountKind
    hidden: bool
    opened_on: date | None
    closed_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A user's account. `number` is the one it was first imported with, `name` the user's choice.

    The `routing_number` is the bank's code. A hidden account counts like any other. `version`
    counts the changes of the account itself, not of what is in it.
    """

    id: AccountId
    user_id: UserId
    connection_id: ConnectionId
    kind: AccountKind
    currency: str
    institution: str
    number: str = field(repr=False)
    added_at: datetime
    name: str = field(repr=False)
    routing_number: str = ""
    opened_on: date | None = None
    closed_on: date | None = None
    hidden: bool = False
    version: int = 1

    @classmethod
    def add(
        cls,
        reference: AccountReference,
        *,
        name: str = "",
        opened_on: date | None = None,
        id: AccountId,
        user_id: UserId,
        connection_id: ConnectionId,
        at: datetime,
    ) -> tuple[Self, AccountAdded]:
        """Add an account that a statement refers to, or that a user describes."""
        account = cls(
            id=id,
            user_id=user_id,
            connection_id=connection_id,
            kind=reference.kind,
            currency=reference.currency,
            institution=reference.institution,
            number=reference.number,
            added_at=at,
            name=name
            or reference.name
            or default_name(reference.institution, reference.kind, reference.number),
            routing_number=reference.routing_number,
            opened_on=opened_on,
        )
        event = AccountAdded(
            subject_id=id, actor=Actor.user(user_id), occurred_at=at, connection_id=connection_id
        )
        return account, event

    def edit(self, changes: AccountChanges) -> Result[Self, InvalidAccount]:
        """Change what the user says of it; the next version, unless nothing is different."""
        edited = replace(self, **changes)
        edited = replace(edited, name=clean_name(edited.name))
        if edited == self:
            return Success(self)
        if not edited.name:
            return Failure(InvalidAccount("An account needs a name."))
        if edited.opened_on and edited.closed_on and edited.closed_on < edited.opened_on:
            return Failure(InvalidAccount("The account was closed before it was opened."))
        return Success(replace(edited, version=self.version + 1))

    @property
    def masked_number(self) -> str:
        return masked(self.number)

    @property
    def reference(self) -> AccountReference:
        """The reference that it was first imported with."""
        return AccountReference(
            kind=self.kind,
            number=self.number,
            institution=self.institution,
            currency=self.currency,
            routing_number=self.routing_number,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountAlias:
    """A reference by which statements name an account."""

    account: Account
    reference: AccountReference


#: What a transaction has of the row that states it.
_OF_ROW = (
    *("provider_id", "booking_date", "value_date", "amount", "kind", "description", "balance"),
    *("original_currency", "exchange_rate", "line", "raw", "trade"),
    *("payee", "counterparty_account", "reference", "memo"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """A transaction on an account; `booking_date` is the date as the bank wrote it.

    Payee, counterparty account, reference and memo are empty where the bank has no fields for them.
    `key` is the one of its present state, and `import_id` the import that states it. The note, and
    what the owner says of category, splits and tags, are the user's: no import changes them.
    `category` is the path of the category with this id, and `payee_name` what a rule calls the
    payee.
    """

    id: TransactionId
    user_id: UserId
    account_id: AccountId
    import_id: ImportId
    key: TransactionKey
    provider_id: str | None
    booking_date: date
    value_date: date | None
    amount: Money
    kind: TransactionKind
    status: TransactionStatus
    description: str = field(repr=False)
    payee: str = field(default="", repr=False)
    counterparty_account: str = field(default="", repr=False)
    reference: str = field(default="", repr=False)
    memo: str = field(default="", repr=False)
    balance: Decimal | None = None
    original_currency: str | None
    exchange_rate: Decimal | None
    line: int
    raw: Mapping[str, str] = field(repr=False)
    trade: Trade | None = None
    note: str = field(default="", repr=False)
    category: str = field(default="", repr=False)
    category_id: CategoryId | None = None
    category_source: CategorySource | None = None
    tags: tuple[str, ...] = field(default=(), repr=False)
    tags_source: CategorySource | None = None
    splits: tuple[Split, ...] = field(default=(), repr=False)
    payee_name: str = field(default="", repr=False)
    removal: Removal | None = None

    @classmethod
    def from_rows(
        cls,
        rows: Sequence[StatementRow],
        keys: Iterable[TransactionKey],
        ids: Iterable[TransactionId],
        *,
        account: Account,
        import_id: ImportId,
        categories: Mapping[str, CategoryChoice] = NO_CATEGORIES,
    ) -> list[Self]:
        """Make a transaction from each row of a statement.

        `categories` are those of the user by what the rows call them.
        """
        stated = {name: map(attrgetter(name), rows) for name in _OF_ROW}
        return records(
            cls,
            len(rows),
            {
                **stated,
                "id": ids,
                "user_id": repeat(account.user_id),
                "account_id": repeat(account.id),
                "import_id": repeat(import_id),
                "key": keys,
                "status": [TransactionStatus.of(row) for row in rows],
                "note": repeat(""),
                **allocations_of(rows, categories),
                "payee_name": repeat(""),
                "removal": repeat(None),
            },
        )

    @property
    def is_pending(self) -> bool:
        return self.status is TransactionStatus.PENDING

    @property
    def splits_broken(self) -> bool:
        """Whether an import has changed the amount, so that the parts do not sum to it."""
        parts = (each.amount for each in self.splits)
        return bool(self.splits) and not add_up(parts, self.amount.amount)

    def edit(
        self,
        *,
        note: str | None = None,
        category: CategoryChoice | None = None,
        tags: tuple[str, ...] | None = None,
        splits: tuple[Split, ...] | None = None,
        at: datetime,
    ) -> tuple[Self, TransactionEdited]:
        """Set note, tags, and category or splits; what is None stays as it is."""
        changes = {"note": note, "category": category, "tags": tags, "splits": splits}
        edited = replace(
            self,
            note=self.note if note is None else note,
            tags=self.tags if tags is None else tags,
            tags_source=self.tags_source if tags is None else CategorySource.OWNER,
        )
        if category is not None or splits is not None:
            chosen = category or CategoryChoice(None)
            edited = replace(
                edited,
                category=chosen.path,
                category_id=chosen.id,
                category_source=CategorySource.OWNER,
                splits=splits or (),
            )
        event = TransactionEdited(
            subject_id=self.id,
            actor=Actor.user(self.user_id),
            occurred_at=at,
            fields=tuple(name for name, value in changes.items() if value is not None),
        )
        return edited, event

    def delete(self, *, at: datetime) -> tuple[Self, TransactionDeleted]:
        """Delete the transaction: no import restores it, only its user does."""
        event = TransactionDeleted(
            subject_id=self.id, actor=Actor.user(self.user_id), occurred_at=at
        )
        return replace(self, removal=Removal.DELETED), event

    def restored(self, *, at: datetime) -> TransactionRestored:
        """Return the event that its user restored it."""
        return TransactionRestored(
            subject_id=self.id, actor=Actor.user(self.user_id), occurred_at=at
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One of two transactions that a user decides about, with what matters to that."""

    transaction_id: TransactionId
    account_id: AccountId
    booking_date: date
    amount: Money
    pending: bool
    description: str = field(repr=False)

    @classmethod
    def of(cls, transaction: Transaction) -> Self:
        return cls(
            transaction_id=transaction.id,
            account_id=transaction.account_id,
            booking_date=transaction.booking_date,
            amount=transaction.amount,
            pending=transaction.is_pending,
            description=transaction.description,
        )


_LAST_DECIMAL = Decimal(1).scaleb(-MAX_DECIMALS)
# Enough for the product of the two longest numbers that can be stored.
_EXACT = Context(prec=80, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A position in a security that an account held on a day. It is never changed.

    Price, value and cost basis are in `currency`; what a statement gives in another currency is not
    stored.
    """

    id: HoldingId
    user_id: UserId
    account_id: AccountId
    import_id: ImportId
    statement_id: StatementId
    security_id: SecurityId
    security: Security
    day: date
    quantity: Decimal
    currency: str
    price: Decimal | None = None
    value: Decimal | None = None
    cost_basis: Decimal | None = None
    line: int

    @classmethod
    def of(
        cls,
        stated: StatedHolding,
        *,
        id: HoldingId,
        account: Account,
        import_id: ImportId,
        statement_id: StatementId,
        security_id: SecurityId,
    ) -> Self:
        """Make a holding from a stated position; its currency is first of all that of its value."""
        amounts = (stated.value, stated.price, stated.cost_basis)
        currency = next((money.currency for money in amounts if money), account.currency)
        return cls(
            id=id,
            user_id=account.user_id,
            account_id=account.id,
            import_id=import_id,
            statement_id=statement_id,
            security_id=security_id,
            security=stated.security,
            day=stated.day,
            quantity=stated.quantity,
            currency=currency,
            price=_in(currency, stated.price),
            value=_in(currency, stated.value),
            cost_basis=_in(currency, stated.cost_basis),
            line=stated.line,
        )

    @property
    def worth(self) -> Decimal | None:
        """The stated value, or else price times quantity, rounded to the stored decimals."""
        if self.value is not None or self.price is None:
            return self.value
        return _EXACT.multiply(self.price, self.quantity).quantize(_LAST_DECIMAL, context=_EXACT)


def _in(currency: str, money: Money | None) -> Decimal | None:
    return money.amount if money and money.currency == currency else None
