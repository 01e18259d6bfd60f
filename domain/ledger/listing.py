"""Lists of transactions: which ones, in which order, and where a page continues."""

import hashlib
import re
import struct
from dataclasses import astuple, dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from domain.ledger.as_of import AsOf
from domain.ledger.entities import TransactionStatus
from domain.ledger.values import TransactionKind
from domain.shared.ids import AccountId, ImportId
from domain.shared.pages import Cursor

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
    one. What is unreconciled is pending, or within no balances that its account adds up to.
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
    unreconciled: bool = False

    @property
    def is_of_the_past(self) -> bool:
        """Whether the past is known well enough: what was reconciled at a moment is not."""
        return not self.unreconciled

    def until(self, day: date | None) -> "TransactionFilter":
        """Leave out what was booked after a day."""
        days = [each for each in (self.booked_to, day) if each]
        return replace(self, booked_to=min(days, default=None))


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
    said = [_plain(each) for each in (*astuple(where), sort, *astuple(as_of))]
    return hashlib.blake2b(repr(said).encode(), digest_size=8).digest()


def _plain(value: Any) -> str:
    if isinstance(value, Decimal):
        return str(value.normalize())
    return str(sorted(map(str, value)) if isinstance(value, frozenset) else value)
