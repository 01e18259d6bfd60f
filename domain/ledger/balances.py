"""Balances by day: what a bank stated for the end of a day, or what follows from that."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Self

from domain.ledger.days import Days
from domain.ledger.errors import InvalidPeriod
from domain.ledger.kinds import BalanceKind
from domain.shared.ids import AccountId
from domain.shared.pages import OpaqueCursor
from domain.shared.result import Failure, Result, Success

_DAY_AND_CURRENCY = struct.Struct(">I3s")


class BalanceSource(StrEnum):
    """Whether the balance of a day was stated, follows from a stated one, or is not known."""

    STATED = "stated"
    DERIVED = "derived"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyBalance:
    """The balance of an account at the end of a day, in one currency.

    It rests on the balance that was stated for `stated_on`: the nearest one before with what was
    booked since, or if there is none, the nearest one after, without what was booked until then.
    `kind` is that of the stated balance. Without any stated balance, the amount is not known.
    """

    account_id: AccountId
    day: date
    currency: str
    amount: Decimal | None = None
    kind: BalanceKind | None = None
    stated_on: date | None = None

    @property
    def source(self) -> BalanceSource:
        if self.amount is None:
            return BalanceSource.UNKNOWN
        return BalanceSource.STATED if self.stated_on == self.day else BalanceSource.DERIVED


@dataclass(frozen=True, slots=True)
class BalancesRange:
    """The days of a list of balances, both ends included; it may begin with the first known day."""

    first: date | None
    last: date

    @classmethod
    def parse(
        cls, first: date | None, last: date | None, *, today: date
    ) -> Result[Self, InvalidPeriod]:
        """Parse a range: by default it ends today."""
        last = last or today
        if first and first > last:
            return Failure(InvalidPeriod("The first day is after the last one."))
        return Success(cls(first, last))


def last_days(first: date, last: date, count: int) -> Days:
    """Return the last days of a range, at most `count`."""
    return Days(max(first, date.fromordinal(max(1, last.toordinal() - count + 1))), last)


@dataclass(frozen=True, slots=True)
class BalanceCursor(OpaqueCursor):
    """A position in the balances of an account: latest day first, by currency within a day."""

    day: date
    currency: str

    def pack(self) -> bytes:
        return _DAY_AND_CURRENCY.pack(self.day.toordinal(), self.currency.encode())

    @classmethod
    def unpack(cls, packed: bytes) -> Self:
        day, currency = _DAY_AND_CURRENCY.unpack(packed)
        return cls(date.fromordinal(day), currency.decode())


@dataclass(frozen=True, slots=True)
class BalancesPage:
    """Some balances of an account, and the cursor for the ones before them."""

    items: Sequence[DailyBalance]
    next: BalanceCursor | None
