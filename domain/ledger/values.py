"""What banks and brokers say, in their statements and in the ledger's terms."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256

from domain.ledger.hints import CsvProfile
from domain.shared.money import Money
from domain.shared.text import comparable


class AccountKind(StrEnum):
    """What sort of account it is."""

    CHECKING = "checking"
    SAVINGS = "savings"
    MONEY_MARKET = "money_market"
    CREDIT_LINE = "credit_line"
    CERTIFICATE_OF_DEPOSIT = "certificate_of_deposit"
    CREDIT_CARD = "credit_card"
    INVESTMENT = "investment"
    OTHER = "other"


class TransactionKind(StrEnum):
    """What sort of movement it is: OFX 2.2, sections 11.4.3.1 (bank, card), 13.9.2 (investment)."""

    CREDIT = "credit"
    DEBIT = "debit"
    INTEREST = "interest"
    DIVIDEND = "dividend"
    FEE = "fee"
    SERVICE_CHARGE = "service_charge"
    DEPOSIT = "deposit"
    ATM = "atm"
    POINT_OF_SALE = "point_of_sale"
    TRANSFER = "transfer"
    CHECK = "check"
    PAYMENT = "payment"
    CASH = "cash"
    DIRECT_DEPOSIT = "direct_deposit"
    DIRECT_DEBIT = "direct_debit"
    REPEATING_PAYMENT = "repeating_payment"
    HOLD = "hold"
    BUY = "buy"
    SELL = "sell"
    INCOME = "income"
    REINVESTMENT = "reinvestment"
    RETURN_OF_CAPITAL = "return_of_capital"
    SPLIT = "split"
    OTHER = "other"


class Reconciliation(StrEnum):
    """Whether opening balance plus all rows is the closing balance; unknown when one is missing."""

    BALANCED = "balanced"
    UNBALANCED = "unbalanced"
    UNKNOWN = "unknown"


class BalanceKind(StrEnum):
    """Which balance: as booked, as free to spend, or as it stood when the statement began."""

    BOOKED = "booked"
    AVAILABLE = "available"
    OPENING = "opening"


def masked(number: str) -> str:
    """Return a number as it may be shown: its last four characters, half of a short one."""
    shown = min(4, len(number) // 2)
    return "•" * 4 + number[len(number) - shown :]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountReference:
    """How a statement names an account. The number counts within the institution.

    It is empty where a file names no account: then a person must say which one it is.
    """

    kind: AccountKind
    number: str = field(repr=False)
    institution: str = ""
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedBalance:
    """A balance as a statement gives it; `day` is the date as the bank wrote it."""

    kind: BalanceKind
    money: Money
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Security:
    """A security as a statement names it, such as scheme ISIN or CUSIP and the number in it."""

    scheme: str
    number: str
    name: str = ""
    ticker: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """What moved beside cash: units of a security, negative when they leave the account.

    `unit_price` is in the currency of the row.
    """

    security: Security
    quantity: Decimal
    unit_price: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedHolding:
    """A position as a statement gives it: units held on a day, and what they are worth.

    `cost_basis` is what was paid for all of them, where the statement tells.
    """

    line: int
    security: Security
    quantity: Decimal
    price: Money | None = None
    value: Money | None = None
    cost_basis: Money | None = None
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRow:
    """One transaction of a statement, with the dates as the bank wrote them and the line it is on.

    `original_currency` and `exchange_rate` tell of an amount that was converted: units of the
    account's currency for one of the original.
    """

    line: int
    provider_id: str | None
    booking_date: date
    value_date: date | None = None
    amount: Money
    kind: TransactionKind
    description: str = field(repr=False)
    pending: bool = False
    original_currency: str | None = None
    exchange_rate: Decimal | None = None
    trade: Trade | None = None
    raw: Mapping[str, str] = field(repr=False, default_factory=dict)


@dataclass(frozen=True, slots=True)
class QuarantinedRow:
    """A row that cannot be taken as it is: the line it begins on, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What one account did over some time, as one file tells it.

    `number` is the statement's own, where it has one. The days are those that it says it covers.
    It is complete when no row of it is quarantined. `holdings_day` is the day on which `holdings`
    are all that the account held; none where the statement tells of no positions, or not of all.
    """

    account: AccountReference
    rows: Sequence[StatementRow]
    balances: Sequence[StatedBalance] = ()
    holdings: Sequence[StatedHolding] = ()
    number: str = ""
    first_day: date | None = None
    last_day: date | None = None
    holdings_day: date | None = None
    complete: bool = True

    def balance(self, kind: BalanceKind) -> StatedBalance | None:
        """Return the stated balance of this kind; the latest one, if there are several."""
        stated = [balance for balance in self.balances if balance.kind is kind]
        return max(stated, key=lambda balance: balance.day, default=None)

    @property
    def reconciliation(self) -> Reconciliation:
        """Whether the booked rows lead from the opening to the closing balance."""
        opening, closing = self.balance(BalanceKind.OPENING), self.balance(BalanceKind.BOOKED)
        booked = [row.amount for row in self.rows if not row.pending]
        currencies = {money.currency for money in booked}
        if opening is None or closing is None or not self.complete:
            return Reconciliation.UNKNOWN
        if (
            currencies - {opening.money.currency}
            or opening.money.currency != closing.money.currency
        ):
            return Reconciliation.UNKNOWN
        total = sum((money.amount for money in booked), opening.money.amount)
        return (
            Reconciliation.BALANCED if total == closing.money.amount else Reconciliation.UNBALANCED
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementFile:
    """All that one file says: its statements, and the rows that could not be taken.

    No row is dropped: rows of the statements and quarantined rows are all rows of the file.
    Positions are no rows, so those that cannot be read stand apart. `csv_profile` is how a CSV
    file was read.
    """

    format: str
    statements: Sequence[Statement]
    quarantined: Sequence[QuarantinedRow] = ()
    unread_holdings: Sequence[QuarantinedRow] = ()
    csv_profile: CsvProfile | None = field(default=None, repr=False)

    @property
    def is_empty(self) -> bool:
        """Whether it tells of nothing, readable or not."""
        return not (self.statements or self.quarantined or self.unread_holdings)


class MatchResult(StrEnum):
    """What becomes of a row.

    New; already there; the booking of one that was pending; new under an id that is taken; or one
    that its owner has deleted, and which stays so.
    """

    NEW = "new"
    SAME = "same"
    UPDATES = "updates"
    CONFLICT = "conflict"
    DELETED = "deleted"


class Removal(StrEnum):
    """Why a transaction is not in the ledger any more: for good, or until its file comes again."""

    DELETED = "deleted"
    UNDONE = "undone"


# A row is a transaction exactly once, in any order, however often it is imported. Keys count within
# one account. A row with a provider id is that id on that day with that amount: banks reuse ids. A
# row without is its day, amount, currency and normalised text. Pending and booked are two states of
# a transaction, each with a key of its own. Equal rows of one statement differ by their occurrence,
# so that two genuine purchases of the same kind stay two.

_SEPARATOR = "\x1f"
#: Another way to make fingerprints gets another version, and the old one stays readable.
VERSION = "1"


@dataclass(frozen=True, slots=True)
class TransactionKey:
    """The key of a transaction within its account: a SHA-256, and its place among equal rows."""

    fingerprint: bytes
    occurrence: int


def fingerprint_of(row: StatementRow) -> bytes:
    """Return the fingerprint of a row, which begins with the version of how it is made."""
    rung: tuple[str, ...]
    rung = ("id", row.provider_id) if row.provider_id else ("text", normalised(row.description))
    amount = f"{row.amount.amount.normalize():f}"
    if row.pending:
        rung = ("pending", *rung)
    parts = (VERSION, *rung, row.booking_date.isoformat(), amount, row.amount.currency)
    return sha256(_SEPARATOR.join(parts).encode()).digest()


def transaction_keys(rows: Iterable[StatementRow]) -> list[TransactionKey]:
    """Return the key of each row of one statement."""
    seen: Counter[bytes] = Counter()
    keys = []
    for row in rows:
        fingerprint = fingerprint_of(row)
        seen[fingerprint] += 1
        keys.append(TransactionKey(fingerprint, seen[fingerprint]))
    return keys


def normalised(text: str) -> str:
    """Return a text as it counts for a key: case and blanks do not."""
    return " ".join(comparable(text).casefold().split())
