"""What balances and numbers prove about statements: which of them follows which.

Statements that follow one another list different rows, however alike these are. All others may list
the same rows.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Self

from domain.ledger.statement_numbers import Number
from domain.ledger.values import BalanceKind, StatedBalance, Statement, StatementRef

# Reports and notifications during the day (ISO 20022 and SWIFT): each may list what is new alone.
_PARTIAL = frozenset({"camt.052", "camt.054", "mt942"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """What a statement says of itself, without its rows.

    Its days are those that it says it covers, or else those of its rows.
    """

    ref: StatementRef
    currency: str
    report_type: str = ""
    number: Number | None = None
    first_day: date | None = None
    last_day: date | None = None
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
            opening=statement.balance(BalanceKind.OPENING),
            closing=statement.balance(BalanceKind.BOOKED),
            rows=len(statement.rows),
        )

    @property
    def is_partial(self) -> bool:
        """Whether reports of this type need not list all that was booked on their days."""
        return self.report_type in _PARTIAL

    @property
    def bounds(self) -> tuple[StatedBalance, StatedBalance] | None:
        """The opening and the closing balance, if the statement has both."""
        return (self.opening, self.closing) if self.opening and self.closing else None

    def covers(self, day: date) -> bool:
        """Return whether the statement lists what was booked on a day."""
        return bool(self.first_day and self.last_day and self.first_day <= day <= self.last_day)

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
        zero_sum = self.opening.money == self.closing.money
        return not (zero_sum and self._is_numbered_apart(other))

    def follows(self, before: "Outline") -> bool:
        """Return whether this statement begins where the other one ends."""
        if self._is_page_of(before):
            return bool(before.number and self.number and before.number < self.number)
        if not self.bounds or not before.bounds or self.is_same_as(before):
            return False
        (opening, closing), (other_opening, other_closing) = self.bounds, before.bounds
        # Two that begin or end with the same balance cover the same rows. So may one that ends with
        # the balance it begins with, and one that begins on its last day.
        zero_sum = other_opening.money == other_closing.money
        alike = opening == other_opening or closing == other_closing
        alike = alike or (zero_sum and other_closing.day == opening.day)
        if alike and not self._is_numbered_apart(before):
            return False
        return (
            other_closing.money == opening.money
            and other_closing.day <= opening.day
            and other_opening.day <= opening.day
            and other_closing.day <= closing.day
        )

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

    def _is_numbered_apart(self, other: "Outline") -> bool:
        return bool(
            self.number
            and other.number
            and self._is_comparable(other)
            and self.number != other.number
        )

    def _is_comparable(self, other: "Outline") -> bool:
        """Return whether numbers of both are of one series."""
        return self.report_type == other.report_type and self.currency == other.currency


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """What lies between the closing balances of two statements: the rows of the second.

    It is `linked` if the second begins where the first ends; else days may be missing between them,
    or both cover some. Without a statement before, it begins with the opening balance, if any.
    """

    statement: Outline
    copies: Sequence[Outline] = ()
    previous: Outline | None = None
    linked: bool = False

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

    def counts(self, day: date) -> bool:
        """Return whether a row of the second statement that was booked on a day lies in between.

        Where one begins where the other ends, all of its rows do, whatever their days. Else days
        decide; both may have rows of the day on which the first one closes.
        """
        closing = self.statement.closing
        if self.linked or self.previous is None or closing is None:
            return self.statement.opening is not None or bool(closing and day <= closing.day)
        assert self.begins
        return self.begins.day <= day <= closing.day


#: At most so many statements are compared with one another.
COMPARED = 100


def stretches(outlines: Iterable[Outline]) -> list[Stretch]:
    """Return the stretches of one account and currency, in order; equal statements are one."""
    found: list[Stretch] = []
    for each in _in_order(outlines):
        near = found[-COMPARED:]
        same = next((one for one in near if one.statement.is_same_as(each)), None)
        if same:
            found[found.index(same)] = replace(same, copies=[*same.copies, each])
            continue
        linked = next((one for one in reversed(near) if each.follows(one.statement)), None)
        previous = linked or (near[-1] if near else None)
        found.append(
            Stretch(
                statement=each,
                previous=previous.statement if previous else None,
                linked=linked is not None,
            )
        )
    return found


def _in_order(outlines: Iterable[Outline]) -> Iterator[Outline]:
    """Yield statements by the day they close on, and those of a day as they follow one another."""
    closed = [(each.closing.day, each) for each in outlines if each.closing]
    closed.sort(key=lambda pair: (pair[0], pair[1].number or Number(0), pair[1].ref))
    for _, group in groupby(closed, key=itemgetter(0)):
        waiting = [each for _, each in group]
        while waiting:
            some = waiting[:COMPARED]
            first = next(
                (each for each in some if not any(each.follows(other) for other in some)), some[0]
            )
            waiting.remove(first)
            yield first


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbourhood:
    """What other statements of the account prove about the rows of one.

    `disjoint` ones list other rows, and `copies` the same. `earlier` ones close before it, or where
    its stretch begins.
    """

    statement: Outline
    others: Mapping[StatementRef, Outline]
    disjoint: frozenset[StatementRef]
    copies: frozenset[StatementRef]
    earlier: frozenset[StatementRef]
    stretch: Stretch | None

    @property
    def balanced(self) -> set[StatementRef]:
        """Statements with a closing balance."""
        return {ref for ref, each in self.others.items() if each.closing}

    @classmethod
    def of(cls, statement: Outline, others: Sequence[Outline]) -> Self:
        mine = [each for each in others if each.currency == statement.currency]
        along = stretches([statement, *mine])
        place, stretch = next(
            ((at, each) for at, each in enumerate(along) if statement.ref in each.refs), (0, None)
        )
        before = (each for each in along[:place] if stretch and _is_earlier(each, stretch))
        return cls(
            statement=statement,
            others={each.ref: each for each in mine},
            disjoint=frozenset(disjoint_from(statement, mine)),
            copies=frozenset(each.ref for each in mine if each.is_same_as(statement)),
            earlier=frozenset(ref for each in before for ref in each.refs),
            stretch=stretch,
        )


def _is_earlier(other: Stretch, stretch: Stretch) -> bool:
    """Return whether a statement that is sorted before a stretch lists none of its rows.

    Of those that close on the day on which a linked stretch begins, only those that lead to it are
    earlier for certain. One that closes with the same balance may list the same rows.
    """
    closing, begins = other.statement.closing, stretch.begins
    if stretch.linked and closing and begins:
        return closing.day < begins.day or other.statement == stretch.previous
    return closing != stretch.statement.closing


def disjoint_from(statement: Outline, others: Sequence[Outline]) -> set[StatementRef]:
    """Return the statements that a chain of balances or pages leads to, or that lead to this one.

    None of them lists a row of this statement.
    """
    outlines = [statement, *(each for each in others if each.currency == statement.currency)]
    after = _followers(outlines)
    before = defaultdict[StatementRef, list[StatementRef]](list)
    for each, followers in after.items():
        for follower in followers:
            before[follower].append(each)
    same = {each.ref for each in outlines if each.is_same_as(statement)} | {statement.ref}
    return (_reachable(same, after) | _reachable(same, before)) - same


def _followers(outlines: Iterable[Outline]) -> dict[StatementRef, list[StatementRef]]:
    """Return which statements follow each one."""
    opening = defaultdict[object, list[Outline]](list)
    pages = defaultdict[object, list[Outline]](list)
    outlines = list(outlines)
    for each in outlines:
        if each.opening:
            opening[each.opening.money].append(each)
        if each.number and each.number.page:
            pages[each.report_type, each.number.number].append(each)
    followers = dict[StatementRef, list[StatementRef]]()
    for each in outlines:
        closing = opening[each.closing.money] if each.closing else []
        numbered = pages[each.report_type, each.number.number] if each.number else []
        followers[each.ref] = [other.ref for other in (*closing, *numbered) if other.follows(each)]
    return followers


def _reachable(
    start: Collection[StatementRef], steps: Mapping[StatementRef, Sequence[StatementRef]]
) -> set[StatementRef]:
    found, waiting = set[StatementRef](), list(start)
    while waiting:
        for each in steps.get(waiting.pop(), ()):
            if each not in found and each not in start:
                found.add(each)
                waiting.append(each)
    return found
