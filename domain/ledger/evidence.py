"""What balances and numbers prove about statements: which of them follows which.

Statements that follow one another list different rows, however alike these are. All others may list
the same rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple, Self

from domain.ledger.statement_numbers import Number
from domain.ledger.values import BY_HAND, BalanceKind, StatedBalance, Statement, StatementRef

# Reports and notifications during the day (ISO 20022 and SWIFT) may list what is new alone, and so
# does what users write by hand.
_PARTIAL = frozenset({"camt.052", "camt.054", "mt942", BY_HAND})


class Days(NamedTuple):
    """The days from one to another, both included."""

    first: date
    last: date

    def has(self, day: date) -> bool:
        return self.first <= day <= self.last

    def meets(self, other: "Days") -> bool:
        """Return whether both have a day in common."""
        return self.first <= other.last and other.first <= self.last

    def joined(self, other: "Days") -> "Days":
        return Days(min(self.first, other.first), max(self.last, other.last))


ONE_DAY = timedelta(days=1)
#: Statements that are more days apart say nothing about one another.
NEARBY = 10
#: A closing balance later than this after the last day is another one than that of the rows.
CLOSES_WITHIN = timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """What a statement says of itself, without its rows.

    Its days are those that it says it covers (it `has_period`), or else those of its rows: then it
    may begin and end within a day.
    """

    ref: StatementRef
    currency: str
    report_type: str = ""
    number: Number | None = None
    first_day: date | None = None
    last_day: date | None = None
    has_period: bool = False
    opening: StatedBalance | None = None
    closing: StatedBalance | None = None
    rows: int = 0

    @classmethod
    def of(cls, statement: Statement, ref: StatementRef) -> Self:
        days = [row.booking_date for row in statement.rows]
        return cls(
            ref=ref,
            currency=statement.account.currency,
            report_type=statement.report_type,
            number=Number.parse(statement.number),
            first_day=statement.first_day or min(days, default=None),
            last_day=statement.last_day or max(days, default=None),
            has_period=statement.first_day is not None and statement.last_day is not None,
            opening=statement.balance(BalanceKind.OPENING),
            closing=statement.balance(BalanceKind.BOOKED),
            rows=len(statement.rows),
        )

    @property
    def is_partial(self) -> bool:
        """Whether reports of this type need not list all that was booked on their days."""
        return self.report_type in _PARTIAL

    @property
    def balance(self) -> StatedBalance | None:
        """The closing balance, if it is the one after the last row, and in the same currency.

        Without an opening balance, it may be that of the moment of a download, long after the rows.
        """
        if self.closing is None or self.closing.money.currency != self.currency:
            return None
        if self.opening:
            return self.closing
        return self.closing if self._closes_by(self.closing.day) else None

    def _closes_by(self, day: date) -> bool:
        return self.last_day is not None and day <= self.last_day + CLOSES_WITHIN

    @property
    def is_final(self) -> bool:
        """Whether it lists all rows of the day on which it closes; later ones may else follow."""
        return self.opening is not None and not self.is_partial

    @property
    def days(self) -> Days | None:
        """The days on which it lists all rows."""
        if self.closing is None or self.first_day is None or self.last_day is None:
            return None
        last = self.closing.day if self.is_final else self.closing.day - ONE_DAY
        return Days(self.first_day, min(self.last_day, last))

    @property
    def full_days(self) -> Days | None:
        """The days on which it lists all rows for certain: without a period, not the first."""
        days = self.days
        if days is None or self.has_period:
            return days
        return Days(days.first + ONE_DAY, days.last - ONE_DAY if self.is_final else days.last)

    @property
    def reach(self) -> Days | None:
        """All days that it names: those of its balances too."""
        days = [each.day for each in (self.opening, self.closing) if each]
        days += [day for day in (self.first_day, self.last_day) if day]
        return Days(min(days), max(days)) if days else None

    @property
    def bounds(self) -> tuple[StatedBalance, StatedBalance] | None:
        """The opening and the closing balance, if the statement has both."""
        return (self.opening, self.closing) if self.opening and self.closing else None

    def covers(self, day: date) -> bool:
        """Return whether the statement lists what was booked on a day."""
        return bool(self.first_day and self.last_day and self.first_day <= day <= self.last_day)

    def lists_all_of(self, day: date, other: "Outline") -> bool:
        """Return whether the statement lists all of a day that the other one lists some of.

        Downloads may begin and end within a day, unless both do so on the same one.
        """
        if self.is_same_as(other):
            return True
        if not self.covers(day) or self.first_day == self.last_day:
            return False
        begins = day != self.first_day or self.first_day == other.first_day
        ends = day != self.last_day or self.last_day == other.last_day
        return begins and ends

    def is_near(self, other: "Outline") -> bool:
        """Return whether both have days within a few days of one another."""
        if self.reach is None or other.reach is None:
            return False
        about = timedelta(days=NEARBY)
        wider = Days(self.reach.first - about, self.reach.last + about)
        return wider.meets(other.reach)

    def distance(self, other: "Outline") -> int:
        """Return how many days lie between the ends of both."""
        if self.reach is None or other.reach is None:
            return NEARBY
        return abs((self.reach.last - other.reach.last).days)

    def touches(self, other: "Outline") -> bool:
        """Return whether one of the two begins or ends with a balance of the other one."""
        mine = {each.money for each in (self.opening, self.closing) if each}
        return any(each and each.money in mine for each in (other.opening, other.closing))

    def is_same_as(self, other: "Outline") -> bool:
        """Return whether both state the same balances of the same days.

        A statement that opens and closes with one amount may be followed by another one that says
        the same of the same days: their numbers tell them apart.
        """
        if self.closing is None or self.closing != other.closing:
            return False
        if self.opening is None or other.opening is None:
            return self.opening is other.opening and self._covers_the_days_of(other)
        if self.opening.money != other.opening.money:
            return False
        if self.opening.day != other.opening.day and self.rows != other.rows:
            # What was booked on the days between them may come to nothing.
            return False
        zero_sum = self.opening.money == self.closing.money
        return not (zero_sum and self.is_numbered_apart(other))

    def follows(self, before: "Outline") -> bool:
        """Return whether this statement begins where the other one ends."""
        if self._is_page_of(before) and not (self.bounds and before.bounds):
            return bool(before.number and self.number and before.number < self.number)
        if not self.bounds or not before.bounds:
            return False
        (opening, closing), (other_opening, other_closing) = self.bounds, before.bounds
        leads = (
            other_closing.money == opening.money
            and other_closing.day <= opening.day
            and other_opening.day <= opening.day
            and other_closing.day <= closing.day
        )
        if not leads or self.is_same_as(before):
            return False
        # Two that begin or end with the same balance cover the same rows. So may one that ends with
        # the balance it begins with, and one that begins on its last day.
        zero_sum = other_opening.money == other_closing.money
        alike = opening == other_opening or closing == other_closing
        alike = alike or (zero_sum and other_closing.day == opening.day)
        if alike and not self.is_numbered_apart(before):
            return False
        # Balances alone would let each of two such statements follow the other one.
        returns = closing.money == other_opening.money
        return not (returns and self.is_numbered_before(before))

    def _covers_the_days_of(self, other: "Outline") -> bool:
        return (self.first_day, self.last_day) == (other.first_day, other.last_day)

    def _is_page_of(self, other: "Outline") -> bool:
        """Return whether both are pages of one statement."""
        mine, its = self.number, other.number
        return bool(
            mine
            and its
            and self._is_comparable(other)
            and mine.number == its.number
            and 0 < mine.page != its.page > 0
        )

    def is_numbered_apart(self, other: "Outline") -> bool:
        """Return whether numbers say that these are two statements, or two pages of one."""
        if not self.number or not other.number or not self._is_comparable(other):
            return False
        if self.number.number == other.number.number and 0 in (self.number.page, other.number.page):
            # One of them may be a page of the other one.
            return False
        return self.number != other.number

    def is_numbered_before(self, other: "Outline") -> bool:
        """Return whether the other one closes on the same day, and has a greater number."""
        if not self.number or not other.number or not self.closing or not other.closing:
            return False
        same_day = self.closing.day == other.closing.day
        return same_day and self._is_comparable(other) and self.number < other.number

    def _is_comparable(self, other: "Outline") -> bool:
        """Return whether numbers of both are of one series."""
        return self.report_type == other.report_type and self.currency == other.currency


def copies_of(statement: Outline, others: Iterable[Outline]) -> list[Outline]:
    """Return the statements that state the same balances of the same days, and the same rows.

    If a third one leads from the one to the other, and their numbers are in that order, the account
    has had the same balance once more.
    """
    near = list(others)
    return [
        each
        for each in near
        if each.is_same_as(statement)
        and not any(
            _lies_between(third, *pair)
            for pair in ((each, statement), (statement, each))
            if each.is_numbered_apart(statement)
            for third in near
        )
    ]


def _lies_between(statement: Outline, before: Outline, after: Outline) -> bool:
    in_order = before.is_numbered_before(statement) and statement.is_numbered_before(after)
    return in_order and statement.follows(before) and after.follows(statement)
