"""Lists of transactions: which ones, in which order, and where a page continues."""

import re
import string
import struct
from dataclasses import astuple, dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from domain.ledger.allocations import Annotation, CategorySource
from domain.ledger.as_of import AsOf
from domain.ledger.events import TransactionsEdited
from domain.ledger.kinds import TransactionKind
from domain.ledger.values import TransactionStatus
from domain.shared.events import Actor
from domain.shared.ids import AccountId, ImportId, TransactionId, UserId
from domain.shared.pages import Cursor, digest_of_list

_DAY_AND_ID = struct.Struct(">I16s")
_AMOUNT = re.compile(r"-?\d{1,18}(\.\d{1,10})?", re.ASCII)


class TransactionSort(StrEnum):
    """The order of a list. Amounts are signed, so that by `amount` the largest expense is first."""

    NEWEST = "newest"
    OLDEST = "oldest"
    AMOUNT = "amount"
    AMOUNT_DESCENDING = "-amount"

    @property
    def by_amount(self) -> bool:
        return self in (TransactionSort.AMOUNT, TransactionSort.AMOUNT_DESCENDING)

    @property
    def descends(self) -> bool:
        return self in (TransactionSort.NEWEST, TransactionSort.AMOUNT_DESCENDING)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionFilter:
    """Which transactions to list; bounds are inclusive.

    Without account ids, those of all accounts. An empty category is that of transactions without
    one. What is unreconciled is pending, or within no balances that its account adds up to. All of
    `words` are among the words of payee, description, memo and note; the last one may be the
    beginning of one.
    """

    account_ids: frozenset[AccountId] = frozenset()
    booked_from: date | None = None
    booked_to: date | None = None
    amount_from: Decimal | None = None
    amount_to: Decimal | None = None
    status: TransactionStatus | None = None
    kind: TransactionKind | None = None
    import_id: ImportId | None = None
    category: str | None = None
    tag: str | None = None
    unreconciled: bool = False
    words: tuple[str, ...] = ()

    @property
    def is_of_the_past(self) -> bool:
        """Whether it can be asked of a moment: what was reconciled then is not known."""
        return not self.unreconciled and not self.words

    def until(self, day: date | None) -> "TransactionFilter":
        """Leave out what was booked after a day."""
        days = [each for each in (self.booked_to, day) if each]
        return replace(self, booked_to=min(days, default=None))


_SEPARATORS = str.maketrans(dict.fromkeys(string.punctuation, " "))


def words_of(text: str) -> tuple[str, ...]:
    """Return the words that somebody searches for; punctuation separates words."""
    words = text.translate(_SEPARATORS).lower().split()
    return tuple(word for word in words if any(map(str.isalnum, word)))


@dataclass(frozen=True, slots=True)
class AmountCursor(Cursor):
    """A position in a list that is ordered by amounts, and by ids among equal ones."""

    amount: Decimal

    def pack(self) -> bytes:
        return super(AmountCursor, self).pack() + f"{self.amount:f}".encode()

    @classmethod
    def unpack(cls, packed: bytes) -> Self:
        ordinal, id_bytes = _DAY_AND_ID.unpack(packed[: _DAY_AND_ID.size])
        text = packed[_DAY_AND_ID.size :].decode()
        if not _AMOUNT.fullmatch(text):
            raise ValueError("not an amount")
        return cls(date.fromordinal(ordinal), UUID(bytes=id_bytes), Decimal(text))


def digest_of(where: TransactionFilter, sort: TransactionSort, as_of: AsOf) -> bytes:
    """Return what tells a list from lists with other filters, or in another order."""
    return digest_of_list(*map(_plain, (*astuple(where), sort, *astuple(as_of))))


def _plain(value: Any) -> str:
    if isinstance(value, Decimal):
        return str(value.normalize())
    return str(sorted(map(str, value)) if isinstance(value, frozenset) else value)


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencyTotal:
    """How many transactions of a list are in one currency, and what came in and went out."""

    currency: str
    count: int
    incoming: Decimal
    outgoing: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkEdit:
    """The same annotation for several transactions: without splits, which fit one amount."""

    transaction_ids: frozenset[TransactionId]
    annotation: Annotation

    @property
    def columns(self) -> dict[str, Any]:
        """What changes, by the names of the fields."""
        said = self.annotation.said
        source = CategorySource.OWNER
        columns = {name: said[name] for name in ("note", "tags") if said[name] is not None}
        if "tags" in columns:
            columns["tags_source"] = source
        chosen = self.annotation.category
        if chosen is None:
            return columns
        return columns | {
            "category": chosen.path,
            "category_id": chosen.id,
            "category_source": source,
            "splits": (),
        }

    def event(self, *, owner: UserId, at: datetime) -> TransactionsEdited:
        """Return the event of the edit."""
        return TransactionsEdited(
            subject_id=None,
            actor=Actor.user(owner),
            occurred_at=at,
            transaction_ids=tuple(sorted(self.transaction_ids)),
            fields=tuple(name for name, value in self.annotation.said.items() if value is not None),
        )
