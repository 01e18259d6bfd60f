"""Whether the ledger agrees with the balances that statements state.

From one stated balance to the next, the booked transactions make the difference. Those of a stretch
are the ones that its statement states and no statement up to the one before; the ones that only
other statements state on days that it lists in full; and the ones that come without balances.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from typing import NamedTuple

from domain.ledger.days import ONE_DAY, Days
from domain.ledger.evidence import Outline, Stretch, stretches
from domain.ledger.imports import StatementOutcome
from domain.ledger.statement_numbers import Number
from domain.ledger.sums import sums_of_some
from domain.ledger.values import LedgerReconciliation, Reconciliation, StatementRef
from domain.shared.money import Money


class Stating(StrEnum):
    """Which statements state a transaction: that of the stretch, others, or none with a balance.

    Others are those before it in the order of all, or any.
    """

    OWN = "own"
    OTHERS = "others"
    ANY = "any"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Addend:
    """Transactions that belong to a stretch, by who states them and by their days.

    `place` is that of the statement in the order of all. What a statement up to the place `after`
    states, or one of those at the places `leading`, is no part of the stretch. What is not
    `certain` may have been booked before or after a balance of the same day.
    """

    stretch: int
    stating: Stating
    place: int
    after: int
    leading: Sequence[int] = ()
    days: Days
    certain: bool = True


class StretchSum(NamedTuple):
    """The sum of the transactions of a stretch, and the amounts of those that may belong to it."""

    certain: Decimal = Decimal(0)
    uncertain: Sequence[Decimal] = ()
    is_foreign: bool = False


NOTHING = StretchSum()


@dataclass(frozen=True, slots=True)
class ReconciledStatement:
    """A statement of an active import, and how the ledger was found to agree with it."""

    outline: Outline
    ledger: LedgerReconciliation


@dataclass(frozen=True, slots=True)
class StretchPlan:
    """The stretches of an account and currency, and which of them are to be summed."""

    currency: str
    along: Sequence[Stretch]
    chosen: Sequence[int]

    @property
    def days(self) -> Days | None:
        """All days of the chosen stretches and their statements."""
        days: Days | None = None
        for each in self.chosen:
            reach = _reach(self.along[each])
            days = days.joined(reach) if days else reach
        return days

    @property
    def places(self) -> dict[StatementRef, int]:
        return {ref: place for place, each in enumerate(self.along) for ref in each.refs}

    @property
    def addends(self) -> list[Addend]:
        places = self.places
        closings = [each.statement.closing.day for each in self.along if each.statement.closing]
        return [
            addend
            for each in self.chosen
            if self.along[each].difference is not None
            for addend in _addends(self.along[each], each, places, closings)
        ]

    def reconcile(
        self, sums: Mapping[int, StretchSum]
    ) -> Iterator[tuple[Set[StatementRef], LedgerReconciliation]]:
        """Yield how the ledger agrees with each of the chosen stretches: with equal statements."""
        for each in self.chosen:
            yield self.along[each].refs, reconcile(self.along[each], sums.get(each, NOTHING))


def outline_of(outcome: StatementOutcome, ref: StatementRef, rows: Days | None) -> Outline:
    """Outline a statement whose rows are of some days."""
    return Outline(
        ref=ref,
        currency=outcome.currency,
        report_type=outcome.report_type,
        number=Number.parse(outcome.number),
        first_day=outcome.first_day or (rows and rows.first),
        last_day=outcome.last_day or (rows and rows.last),
        has_period=outcome.first_day is not None and outcome.last_day is not None,
        opening=outcome.opening,
        closing=outcome.closing,
        rows=outcome.rows,
    )


def plans(
    outlines: Iterable[Outline], touched: Days, gone: Sequence[Outline] = ()
) -> list[StretchPlan]:
    """Choose the stretches of some days, and the next one after each of them, by currency.

    What followed a statement that is `gone` has another one before it now.
    """
    by_currency = sorted(outlines, key=lambda each: (each.currency, each.ref))
    found = []
    for currency, each in groupby(by_currency, key=lambda each: each.currency):
        its = list(each)
        along = stretches(its)
        chosen = set(_chosen(along, touched))
        before = stretches([*its, *(e for e in gone if e.currency == currency)]) if gone else []
        refs = {before[place].statement.ref for place in _chosen(before, touched)}
        chosen |= {place for place, each in enumerate(along) if not refs.isdisjoint(each.refs)}
        if chosen:
            found.append(StretchPlan(currency, along, sorted(chosen)))
    return found


def _chosen(along: Sequence[Stretch], touched: Days) -> Iterator[int]:
    of_touched = set[StatementRef]()
    for place, each in enumerate(along):
        is_next = each.previous is not None and each.previous.ref in of_touched
        if _reach(each).meets(touched):
            of_touched |= each.refs
            yield place
        elif is_next:
            yield place


def _reach(stretch: Stretch) -> Days:
    """Return all days on which a stretch may have transactions."""
    reach = stretch.statement.reach
    assert reach
    return reach.joined(Days(stretch.begins.day, reach.last)) if stretch.begins else reach


class _Part(NamedTuple):
    """Transactions that belong to a stretch, before it has a place among others."""

    stating: Stating
    first: date
    last: date
    certain: bool = True


def _addends(
    stretch: Stretch, number: int, places: Mapping[StatementRef, int], closings: Sequence[date]
) -> Iterator[Addend]:
    """Yield what belongs to a stretch; `closings` are the days on which the statements close."""
    begins = stretch.begins if stretch.previous else None
    for part in (*_own(stretch), *_of_others(stretch), *_of_none(stretch)):
        if part.first <= part.last:
            yield Addend(
                stretch=number,
                stating=part.stating,
                place=places[stretch.statement.ref],
                after=bisect_left(closings, begins.day) - 1 if begins else -1,
                leading=sorted({places[each.ref] for each in stretch.leading}),
                days=Days(part.first, part.last),
                certain=part.certain,
            )


def _own(stretch: Stretch) -> Iterator[_Part]:
    doubtful = stretch.doubtful
    for first, last in stretch.ranges:
        if doubtful and first <= doubtful <= last:
            yield _Part(Stating.OWN, first, doubtful - ONE_DAY)
            yield _Part(Stating.OWN, doubtful, doubtful, certain=False)
            first = doubtful + ONE_DAY
        yield _Part(Stating.OWN, first, last)


def _of_others(stretch: Stretch) -> Iterator[_Part]:
    """Yield what the statement should list and does not, and what is in a gap before it.

    Without a period, it may begin and end within a day, and so may the one before.
    """
    statement, (first, last) = stretch.statement, _between(stretch)
    if statement.days:
        listed = Days(max(first, statement.days.first), min(last, statement.days.last))
        edges = set() if statement.has_period else set(listed)
        inner = listed if statement.has_period else _within(listed)
        yield _Part(Stating.OTHERS, *inner)
        yield from (_Part(Stating.OTHERS, day, day, certain=False) for day in edges)
        if stretch.previous and not stretch.linked and first <= listed.first:
            edges = {first - ONE_DAY} if statement.has_period else {first - ONE_DAY, listed.first}
            yield _Part(Stating.ANY, first, listed.first - ONE_DAY)
            yield from (_Part(Stating.ANY, day, day, certain=False) for day in edges)
    if not statement.is_final:
        yield _Part(Stating.OTHERS, last, last, certain=False)


def _of_none(stretch: Stretch) -> Iterator[_Part]:
    statement, previous, (first, last) = stretch.statement, stretch.previous, _between(stretch)
    yield _Part(Stating.NONE, first, last if statement.is_final else last - ONE_DAY)
    if not statement.is_final:
        yield _Part(Stating.NONE, last, last, certain=False)
    if previous and not previous.is_final:
        yield _Part(Stating.NONE, first - ONE_DAY, first - ONE_DAY, certain=False)


def _within(days: Days) -> Days:
    """Return the days without the first and the last one."""
    return Days(days.first + ONE_DAY, days.last - ONE_DAY)


def _between(stretch: Stretch) -> Days:
    """Return the days after the balance that a stretch begins with, up to the one it ends with."""
    statement = stretch.statement
    assert stretch.begins
    assert statement.closing
    if stretch.previous:
        first = stretch.begins.day + ONE_DAY
    else:
        first = statement.first_day or stretch.begins.day
    return Days(first, statement.closing.day)


def reconcile(stretch: Stretch, found: StretchSum) -> LedgerReconciliation:
    """Return whether what was found in a stretch makes the difference of its balances."""
    if stretch.difference is None:
        return LedgerReconciliation()
    days = _between(stretch)
    first = min(days)
    if stretch.linked and stretch.statement.first_day:
        # Both may have rows of the day on which one ends and the other begins.
        first = min(first, stretch.statement.first_day)
    if found.is_foreign:
        return LedgerReconciliation(first_day=first, last_day=days.last)
    short = stretch.difference - found.certain
    if short in sums_of_some(found.uncertain):
        state, difference = Reconciliation.BALANCED, None
    else:
        state = Reconciliation.UNBALANCED
        difference = Money(short, stretch.statement.currency)
    return LedgerReconciliation(
        state=state, difference=difference, first_day=first, last_day=days.last
    )


class AccountReconciliation(NamedTuple):
    """How the ledger agrees with all balances of an account: unbalanced if it once does not."""

    balanced: int = 0
    unbalanced: int = 0

    @property
    def state(self) -> Reconciliation:
        if self.unbalanced:
            return Reconciliation.UNBALANCED
        return Reconciliation.BALANCED if self.balanced else Reconciliation.UNKNOWN
