"""The ledger as it is written into a file: what stands, in one order, and nothing of the hour."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from domain.ledger.entities import Account, TransactionStatus
from domain.ledger.values import StatedBalance, Trade, TransactionKind
from domain.shared.ids import AccountId, TransactionId
from domain.shared.money import Money


@dataclass(frozen=True, slots=True)
class ExportedTransaction:
    """A transaction as a file tells of it: what the bank says, and its owner's words."""

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

    @property
    def is_pending(self) -> bool:
        return self.status is TransactionStatus.PENDING


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLedger:
    """What happened on one account in one currency, oldest first, by id within a day.

    `balances` are booked ones, oldest first, one for a day. The days are those of the first and the
    last movement or balance. `shared_ids` are ids of the bank that do not tell one booked movement
    of the account from all others; `transfers` are movements that are ends of confirmed transfers,
    whose other end may be on no account_ledger. What can be iterated may be asked for again.
    """

    account: Account
    currency: str
    first_day: date
    last_day: date
    balances: Sequence[StatedBalance] = field(default=(), repr=False)
    transactions: Iterable[ExportedTransaction] = field(default=(), repr=False)
    shared_ids: Iterable[str] = field(default=(), repr=False)
    transfers: Iterable[TransactionId] = ()

    @property
    def sort_key(self) -> tuple[str, ...]:
        """Where it stands among others: nothing of it tells when anything was imported."""
        account = self.account
        return account.institution, account.number, self.currency, account.currency


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """All sheets that hold anything, each in its place."""

    accounts: Sequence[AccountLedger]

    @property
    def first_day(self) -> date | None:
        return min((account_ledger.first_day for account_ledger in self.accounts), default=None)

    @property
    def last_day(self) -> date | None:
        return max((account_ledger.last_day for account_ledger in self.accounts), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportScope:
    """What is wanted of a ledger: of all accounts or one; bounds are inclusive."""

    account_id: AccountId | None = None
    first_day: date | None = None
    last_day: date | None = None
