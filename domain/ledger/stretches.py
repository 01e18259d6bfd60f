"""Stretches: what lies between the closing balances of statements, in the order these prove."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import itemgetter

from domain.ledger.evidence import ONE_DAY, Days, Outline, copies_of
from domain.ledger.statement_numbers import Number
from domain.ledger.values import StatedBalance, StatementRef

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
        covered = _with(each.full_days, covered)
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


def _with(days: Days | None, covered: Sequence[Days]) -> list[Days]:
    """Add days to ranges of days; those that follow one another are one range."""
    if days is None or days.last < days.first:
        return list(covered)
    reach = Days(days.first - ONE_DAY, days.last + ONE_DAY)
    apart = [each for each in covered if not each.meets(reach)]
    for each in covered:
        days = days.joined(each) if each.meets(reach) else days
    return [*apart, days]


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
