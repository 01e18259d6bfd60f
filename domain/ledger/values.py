"""What statements of banks and brokers say, in the terms of the ledger."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

from domain.ledger.allocations import StatedSplit
from domain.ledger.hints import CsvProfile
from domain.ledger.kinds import AccountKind, BalanceKind, TransactionKind
from domain.shared.folding import comparable
from domain.shared.ids import ImportId
from domain.shared.money import Money

#: The format, and the type of the report, of what users write by hand.
BY_HAND = "by_hand"


class Reconciliation(StrEnum):
    """Whether opening balance plus all rows is the closing balance; unknown if one is missing."""

    BALANCED = "balanced"
    UNBALANCED = "unbalanced"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerReconciliation:
    """Whether the booked transactions between two stated balances make their difference.

    `difference` is what they are short of it. The days are those after the one balance, up to the
    other.
    """

    state: Reconciliation = Reconciliation.UNKNOWN
    difference: Money | None = None
    first_day: date | None = None
    last_day: date | None = None

    @property
    def is_unbalanced(self) -> bool:
        return self.state is Reconciliation.UNBALANCED


#: Nothing is known of what the ledger has up to a balance.
UNRECONCILED = LedgerReconciliation()


def masked(number: str) -> str:
    """Mask a number: show its last four characters, or half of a short one."""
    shown = min(4, len(number) // 2)
    return "•" * 4 + number[len(number) - shown :]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountReference:
    """How a statement refers to an account.

    The number is unique within the institution. It is empty if a file names no account; then the
    user must say which one it is. Many banks have an account “Savings”, or one that ends in 1234:
    `layout` is that of the file that calls the account so, and empty if the user does. The
    `routing_number` is the bank's code where the institution is its name; it identifies the bank.
    The `name` is only what the account is called at first, if a file says so beside the number.
    """

    kind: AccountKind
    number: str = field(repr=False)
    institution: str = ""
    currency: str
    layout: str = ""
    routing_number: str = ""
    name: str = field(default="", repr=False, compare=False)


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
    """The securities of a transaction: units that were traded, negative when they leave.

    `unit_price` is in the currency of the row.
    """

    security: Security
    quantity: Decimal
    unit_price: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedHolding:
    """A position as a statement gives it: units held on a day, and their value.

    `cost_basis` is what was paid for all of them, if the statement says so.
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
    """One row of a statement: a transaction, with the dates as the bank wrote them.

    `line` is where it is in the file. `balance` is what the account has after this row, if the
    statement says so. `time` is the time of day as the bank wrote it, to tell equal rows apart.
    `original_currency` and `exchange_rate` belong to an amount that was
    converted: units of the account's currency for one of the original.

    `description` is the row's text in one. Where the file has fields for them, `payee` is the name
    of the other party, `counterparty_account` its account, `reference` the end-to-end id or the
    number of the cheque, and `memo` what the payment was for. `category`, `splits` and `tags` are
    what the program that wrote the file says that it is for; the splits sum to the amount.
    """

    line: int
    provider_id: str | None
    booking_date: date
    time: str = ""
    value_date: date | None = None
    amount: Money
    kind: TransactionKind
    description: str = field(repr=False)
    pending: bool = False
    balance: Decimal | None = None
    original_currency: str | None = None
    exchange_rate: Decimal | None = None
    payee: str = field(default="", repr=False)
    counterparty_account: str = field(default="", repr=False)
    reference: str = field(default="", repr=False)
    memo: str = field(default="", repr=False)
    category: str = field(default="", repr=False)
    splits: Sequence[StatedSplit] = field(default=(), repr=False)
    tags: Sequence[str] = field(default=(), repr=False)
    trade: Trade | None = None
    raw: Mapping[str, str] = field(repr=False, default_factory=dict)


@dataclass(frozen=True, slots=True)
class QuarantinedRow:
    """A row that could not be read: the line it begins on, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """The statement of one account, as a file gives it.

    `number` is the number of the statement, if it has one. `first_day` and `last_day` are those
    that it says it covers. It is complete if no row of it is quarantined. `report_type` is the kind
    of report that the bank makes it as, such as camt.053; reports of another type state the same
    rows in other words. `pending_day` is the day on which its pending rows are all that the account
    has, of the days of its rows at least; None if it does not list all of them. `holdings_day` is
    the same for `holdings`.
    `withdrawn` rows were pending, and the bank says that they did not come about. With
    `pending_apart`, no row that is listed as pending is one that is listed as booked beside it.
    """

    account: AccountReference
    rows: Sequence[StatementRow]
    balances: Sequence[StatedBalance] = ()
    holdings: Sequence[StatedHolding] = ()
    number: str = ""
    report_type: str = ""
    first_day: date | None = None
    last_day: date | None = None
    pending_day: date | None = None
    pending_apart: bool = False
    holdings_day: date | None = None
    withdrawn: Sequence[StatementRow] = ()
    corrected_ids: Sequence[str] = ()
    complete: bool = True

    def balance(self, kind: BalanceKind) -> StatedBalance | None:
        """Return the stated balance of this kind: the latest one, if there are several."""
        stated = [balance for balance in self.balances if balance.kind is kind]
        return max(stated, key=lambda balance: balance.day, default=None)

    @property
    def lists_all_pending(self) -> bool:
        """Whether its pending rows are all that the account has, of whatever days."""
        return self.pending_day is not None and self.first_day is not None

    @property
    def is_past_answer(self) -> bool:
        """Whether it is what a bank answers now of days that are over: all that was booked then."""
        is_whole = self.complete and self.first_day is not None
        return is_whole and self.pending_apart and self.pending_day is None

    @property
    def reconciliation(self) -> Reconciliation:
        """Whether opening balance plus booked rows is the closing balance."""
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


class StatementRef(NamedTuple):
    """A statement, by its import and its place in the file, counted from 1."""

    import_id: ImportId
    place: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementFile:
    """The content of a file: its statements, and the rows that could not be read.

    No row is dropped: rows of the statements and quarantined rows are all rows of the file. A row
    that is imported without its splits is listed with the quarantined ones, too.
    Positions are not rows, so those that could not be read are separate. `csv_profile` is the
    profile by which a CSV file was read.
    """

    format: str
    statements: Sequence[Statement]
    quarantined: Sequence[QuarantinedRow] = ()
    unread_holdings: Sequence[QuarantinedRow] = ()
    csv_profile: CsvProfile | None = field(default=None, repr=False)

    @property
    def is_empty(self) -> bool:
        """Whether the file contains nothing, readable or not."""
        return not (self.statements or self.quarantined or self.unread_holdings)


class MatchResult(StrEnum):
    """What becomes of a row.

    It is new, or the same as a transaction; it books a pending one; it is new and has an id that
    another transaction has; or it is one that the user deleted, which stays deleted.
    """

    NEW = "new"
    SAME = "same"
    UPDATES = "updates"
    CONFLICT = "conflict"
    DELETED = "deleted"


class Removal(StrEnum):
    """Why a transaction is no longer in the ledger: for good, or until it is imported again.

    A pending one expires when a list of all pending transactions no longer has it, or the bank
    withdraws it, and a booked one when the bank replaces or deletes it. One that was merged is
    another transaction, which has its states.
    """

    DELETED = "deleted"
    UNDONE = "undone"
    EXPIRED = "expired"
    MERGED = "merged"


# A row is a transaction exactly once, in any order, however often it is imported. Keys count within
# one account. A row with a provider id is that id on that day with that amount: banks reuse ids. A
# row without is its day, amount, currency and normalised text. Pending and booked are two states of
# a transaction, each with a key of its own. Equal rows of one statement differ by their occurrence,
# so that two genuine purchases of the same kind stay two.

_SEPARATOR = "\x1f"
#: Another way to make fingerprints gets another version; the old one stays readable.
VERSION = "1"


@dataclass(frozen=True, slots=True)
class TransactionKey:
    """The key of a transaction within its account: a SHA-256, and its place among equal rows."""

    fingerprint: bytes
    occurrence: int


def fingerprint_of(row: StatementRow) -> bytes:
    """Return the fingerprint of a row, which begins with its version."""
    rung: tuple[str, ...]
    rung = ("id", row.provider_id) if row.provider_id else ("text", normalised(row.description))
    amount = f"{row.amount.amount.normalize():f}"
    if row.pending:
        rung = ("pending", *rung)
    when = row.booking_date.isoformat()
    if row.time and not row.provider_id:
        when = f"{when} {row.time}"
    parts = (VERSION, *rung, when, amount, row.amount.currency)
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
    """Normalize a text for a key: case and blanks do not matter."""
    return " ".join(comparable(text).casefold().split())


_WORD = re.compile(r"[^\W\d_]{3,}")


def words_of(text: str) -> frozenset[str]:
    """Return the words of a text by which it is compared: no numbers, and no short ones."""
    return frozenset(_WORD.findall(normalised(text)))


class TransactionStatus(StrEnum):
    """Whether the bank has booked a transaction."""

    PENDING = "pending"
    POSTED = "posted"

    @classmethod
    def of(cls, row: StatementRow) -> "TransactionStatus":
        return cls.PENDING if row.pending else cls.POSTED
