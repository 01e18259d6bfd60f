"""The ledger in the form in which it is exported. The same ledger always gives the same file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from domain.ledger.allocations import Split
from domain.ledger.entities import Account
from domain.ledger.kinds import TransactionKind
from domain.ledger.values import StatedBalance, Trade, TransactionStatus
from domain.shared.ids import AccountId, CategoryId, TransactionId
from domain.shared.money import Money, add_up


@dataclass(frozen=True, slots=True)
class ExportedTransaction:
    """A transaction as it is exported: what the bank stated, and what the user says of it."""

    id: TransactionId
    booking_date: date
    value_date: date | None
    amount: Money
    kind: TransactionKind
    status: TransactionStatus
    description: str = field(repr=False)
    note: str = field(repr=False)
    category: str = field(repr=False)
    provider_id: str | None
    trade: Trade | None = None
    payee: str = field(default="", repr=False)
    counterparty_account: str = field(default="", repr=False)
    reference: str = field(default="", repr=False)
    memo: str = field(default="", repr=False)
    category_id: CategoryId | None = None
    tags: tuple[str, ...] = field(default=(), repr=False)
    splits: tuple[Split, ...] = field(default=(), repr=False)
    payee_name: str = field(default="", repr=False)

    @property
    def is_pending(self) -> bool:
        return self.status is TransactionStatus.PENDING

    @property
    def parts(self) -> tuple[Split, ...]:
        """The splits if they sum to the amount, and else the whole as one."""
        if self.splits and add_up((each.amount for each in self.splits), self.amount.amount):
            return self.splits
        category_id, category = self.category_id, self.category
        return (Split(amount=self.amount.amount, category_id=category_id, category=category),)


@dataclass(frozen=True, slots=True)
class ExportedLeg:
    """A transaction that is part of a confirmed transfer.

    The `fee` is what left with it and did not arrive. The other leg of an exchange is in another
    currency.
    """

    transaction_id: TransactionId
    fee: Decimal = Decimal(0)
    is_exchange: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLedger:
    """The transactions of one account in one currency, oldest first, by id within a day.

    `balances` are stated booked balances, oldest first, one for each day. `closing` is the balance
    on the last day, as it was stated or follows from what was, also from outside the export, unless
    it is not known. `first_day` and `last_day` are those of the transactions and balances.
    `shared_ids` are ids of the bank that several booked transactions of the account have.
    `transfers` are the legs of confirmed transfers that are not broken; the other leg may not be in
    the export. Each iterable may be iterated more than once.
    """

    account: Account
    currency: str
    first_day: date
    last_day: date
    balances: Sequence[StatedBalance] = field(default=(), repr=False)
    closing: Money | None = field(default=None, repr=False)
    transactions: Iterable[ExportedTransaction] = field(default=(), repr=False)
    shared_ids: Iterable[str] = field(default=(), repr=False)
    transfers: Iterable[ExportedLeg] = ()

    @property
    def sort_key(self) -> tuple[str, ...]:
        """The order of accounts, which does not depend on when anything was imported."""
        account = self.account
        stated = (account.institution, account.number, account.name)
        return *stated, self.currency, account.currency


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """All accounts that have anything to export, in order."""

    accounts: Sequence[AccountLedger]

    @property
    def first_day(self) -> date | None:
        return min((account_ledger.first_day for account_ledger in self.accounts), default=None)

    @property
    def last_day(self) -> date | None:
        return max((account_ledger.last_day for account_ledger in self.accounts), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportScope:
    """What to export: all accounts or one, and from which day to which, inclusive."""

    account_id: AccountId | None = None
    first_day: date | None = None
    last_day: date | None = None
