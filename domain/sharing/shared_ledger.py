"""What a connected app reads: accounts with their balances and transactions."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple, Protocol, TypeAlias, TypeVar

from domain.ledger.balances import DailyBalance
from domain.ledger.entities import Account, Holding
from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId, TransactionId, UserId
from domain.shared.result import Result

T = TypeVar("T")

#: An account and a currency.
SharedKey: TypeAlias = tuple[AccountId, str]

#: The most transactions of one answer: of more, the latest days are sent, each one complete.
MOST_TRANSACTIONS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedScope:
    """Which transactions of which accounts and currencies; both days are included."""

    keys: Collection[SharedKey]
    first_day: date
    last_day: date
    pending: bool = False


class SharedTransaction(NamedTuple):
    """A transaction as an app reads it. The payee is the one that a rule names, if any."""

    account_id: AccountId
    currency: str
    id: TransactionId
    booking_date: date
    amount: Decimal
    is_pending: bool
    description: str
    payee: str
    memo: str


class SharedTotal(NamedTuple):
    """What an account has in one currency: the sum and the newest day of what is booked."""

    account_id: AccountId
    currency: str
    booked: Decimal
    newest: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedAccount:
    """What an account has in one currency, which the other side takes for an account.

    Without a stated balance, the balance is not known, and what is booked is all there is.
    """

    account: Account
    currency: str
    balance: DailyBalance | None = None
    total: SharedTotal | None = None
    holdings: Sequence[Holding] = field(default=(), repr=False)

    @property
    def key(self) -> SharedKey:
        return self.account.id, self.currency

    @property
    def id(self) -> str:
        """The id of the account; in another currency than its own, with that currency."""
        return str(self.account.id) if self.is_own else f"{self.account.id}-{self.currency}"

    @property
    def name(self) -> str:
        return self.account.name if self.is_own else f"{self.account.name} ({self.currency})"

    @property
    def is_own(self) -> bool:
        """Whether this is the currency of the account."""
        return self.currency == self.account.currency

    @property
    def is_known(self) -> bool:
        return self.balance is not None and self.balance.amount is not None

    @property
    def amount(self) -> Decimal:
        """The balance, or what is booked if that is not known."""
        if self.balance and self.balance.amount is not None:
            return self.balance.amount
        return self.total.booked if self.total else Decimal(0)

    @property
    def day(self) -> date:
        """The newest day that the balance rests on."""
        stated_on = self.balance.stated_on if self.balance else None
        newest = self.total.newest if self.total else None
        days = [day for day in (stated_on, newest) if day]
        return max(days, default=self.account.added_at.date())


class SharedRows(NamedTuple):
    """Transactions by account, currency and day, and the first day that is complete if some days
    were left out."""

    complete_since: date | None
    transactions: Iterable[SharedTransaction]


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedLedger:
    """Accounts in the order of their keys, and their transactions in the same order.

    The transactions can be iterated once. `root` is the URL under which they are read.
    """

    root: str
    accounts: Sequence[SharedAccount]
    rows: SharedRows


class SharedTransactions(Protocol):
    """The transactions of the chosen accounts, without those that were removed."""

    async def totals(
        self, account_ids: Collection[AccountId], last_day: date, *, owner: UserId
    ) -> Result[Sequence[SharedTotal], Unavailable]:
        """Return a total for each account and currency with a transaction until this day."""

    async def read(
        self, use: Callable[[SharedRows], T], *, owner: UserId, scope: SharedScope
    ) -> Result[T, Unavailable]:
        """Call `use` with the transactions of a scope, and return its result.

        `use` runs in a thread, and the rows are fetched in batches until it returns.
        """


class SharedLedgerWriter(Protocol):
    """Writes what an app reads, in the form in which the app reads it."""

    @property
    def media_type(self) -> str: ...

    def write(self, ledger: SharedLedger) -> Iterator[bytes]:
        """Yield the answer in pieces."""
