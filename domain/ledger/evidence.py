"""What balances and numbers prove about statements: which of them follows which.

Statements that follow one another list different rows, however alike these are. All others may list
the same rows.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Self

from domain.ledger.days import ONE_DAY, Days, with_days
from domain.ledger.kinds import BalanceKind
from domain.ledger.statement_numbers import Number
from domain.ledger.values import BY_HAND, StatedBalance, Statement, StatementRef

# Reports and notifications during the day (ISO 20022 and SWIFT) may list what is new alone, and so
# does what users write by hand.
_PARTIAL = frozenset({"camt.052", "camt.054", "mt942", BY_HAND})
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

    def is_same_as(self, other: "Outline") -> bool:
        """Return whether both state the same balances of the same days.

        A statement that opens and closes with one amount may be followed by another one that says
        the same of the same days: their numbers tell them apart.
        """
        if self.closing is None or self.closing != other.closing:
            return False
        if self.opening is None or other.opening is None:
            days, its = ((each.first_day, each.last_day) for each in (self, other))
            return self.opening is other.opening and days == its
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


#: At most so many statements are compared with one another.
COMPARED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """What lies between the closing balances of two statements: the rows of the second.

    It is `linked` if the second begins where the first ends; else days may be missing between them.
    Without a statement before, or if that ends after the second one begins, it begins with the
    opening balance, if any. `covered` are days on which statements before it list all rows.
    `leading` are the statements that close with the balance of that, and lead there on that day.
    """

    statement: Outline
    copies: Sequence[Outline] = ()
    previous: Outline | None = None
    leading: Sequence[Outline] = ()
    linked: bool = False
    covered: Sequence[Days] = ()

    @property
    def refs(self) -> set[StatementRef]:
        """The statement, and those that are equal to it."""
        return {self.statement.ref, *(each.ref for each in self.copies)}

    @property
    def begins(self) -> StatedBalance | None:
        return self.previous.closing if self.previous else self.statement.opening

    @property
    def is_ordered(self) -> bool:
        """Whether balances or days say which statement closes first."""
        closing = self.statement.closing
        if self.linked or self.previous is None or self.begins is None or closing is None:
            return True
        return self.begins.day < closing.day

    @property
    def difference(self) -> Decimal | None:
        """What the rows have to add up to, if it is known."""
        closing = self.statement.closing
        if self.begins is None or closing is None:
            return None
        return closing.money.amount - self.begins.money.amount

    @property
    def ranges(self) -> Sequence[Days]:
        """The days of the rows of the second statement that lie in between.

        Where one begins where the other ends, all of its rows do, whatever their days. Else days
        decide: both may have rows of the day on which the first one closes, and what statements
        before it do not have on days that they cover is new.
        """
        closing = self.statement.closing
        if closing is None:
            return ()
        if self.linked or self.previous is None or self.begins is None:
            return (Days(date.min, date.max if self.statement.opening else closing.day),)
        return (*self.covered, Days(self.begins.day, closing.day))

    @property
    def doubtful(self) -> date | None:
        """The day on which the first statement closes, if it may also begin within that day."""
        if self.previous is None or self.linked or self.begins is None:
            return None
        within = not self.previous.has_period and self.previous.first_day == self.begins.day
        return self.begins.day if within else None

    def counts(self, day: date) -> bool:
        """Return whether a row of the second statement that was booked on a day lies in between."""
        return any(days.has(day) for days in self.ranges)

    def is_after(self, other: Outline) -> bool:
        """Return whether another statement lists nothing but what was booked before the stretch.

        Of those that close on the day on which it begins, only those that lead to it do for
        certain.
        """
        if self.previous is None or self.begins is None or other.closing is None:
            return False
        return other.closing.day < self.begins.day or other in self.leading


def stretches(outlines: Iterable[Outline]) -> list[Stretch]:
    """Return the stretches of one account and currency, in order; equal statements are one."""
    found: list[Stretch] = []
    covered: list[Days] = []
    for each in _in_order(outlines):
        near = found[-COMPARED:]
        copies = copies_of(each, [one.statement for one in near])
        if copies:
            same = next(one for one in near if one.statement is copies[0])
            found[found.index(same)] = replace(same, copies=[*same.copies, each])
            continue
        linked = next((one for one in reversed(near) if each.follows(one.statement)), None)
        previous = linked or _before(each, near)
        found.append(
            Stretch(
                statement=each,
                previous=previous.statement if previous else None,
                leading=list(_leading(previous, near)) if previous else (),
                linked=linked is not None,
                covered=() if linked else tuple(covered),
            )
        )
        covered = with_days(covered, each.full_days)
    return found


def _leading(stretch: Stretch, near: Sequence[Stretch]) -> Iterator[Outline]:
    """Yield statements with the same closing balance, and those of that day that they follow."""
    closing = stretch.statement.closing
    for each in near:
        if each.statement.closing == closing:
            yield each.statement
            its = each.leading[-COMPARED:] if each.linked else ()
            yield from (e for e in its if e.closing and closing and e.closing.day == closing.day)


def _before(statement: Outline, near: Sequence[Stretch]) -> Stretch | None:
    """Return the last stretch, unless it ends after the opening balance of a statement."""
    if not near:
        return None
    last = near[-1].statement.closing
    if statement.opening is None or last is None:
        return near[-1]
    begins_alike = any(each.statement.opening == statement.opening for each in near)
    if statement.opening.day == last.day and not statement.is_numbered_apart(near[-1].statement):
        return None
    return None if begins_alike or statement.opening.day < last.day else near[-1]


def _in_order(outlines: Iterable[Outline]) -> Iterator[Outline]:
    """Yield statements by the day they close on, and those of a day as they follow one another."""
    closed = [(each.balance.day, each) for each in outlines if each.balance]
    closed.sort(key=lambda pair: (pair[0], pair[1].number or Number(0), pair[1].ref))
    for _, group in groupby(closed, key=itemgetter(0)):
        of_day = [each for _, each in group]
        for start in range(0, len(of_day), COMPARED):
            yield from _as_they_follow(of_day[start : start + COMPARED])


def _as_they_follow(statements: Sequence[Outline]) -> Iterator[Outline]:
    """Yield first what follows no other one, nor closes with the balance of one that does."""
    before = {
        each.ref: {other.ref for other in statements if each.follows(other)} for each in statements
    }
    waiting, left = list(statements), {each.ref for each in statements}
    while waiting:
        following = {each.ref for each in waiting if not before[each.ref].isdisjoint(left)}
        later = {each.closing for each in waiting if each.ref in following}
        free = [each for each in waiting if each.ref not in following]
        first = next((each for each in free if each.closing not in later), (free or waiting)[0])
        waiting.remove(first)
        left.discard(first.ref)
        yield first
