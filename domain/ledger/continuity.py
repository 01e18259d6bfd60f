"""Whether the statements of an account follow one another, or something between them is missing.

Balances tell: a statement opens with what the one before it closed with. Days only name a gap,
since banks date an opening on the statement's first day or on the day before.
"""

from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple, Self

from domain.ledger.breaks import Break, BreakKind, ImportedStatement
from domain.ledger.numbers import skipped
from domain.ledger.statement_order import COMPARED, Told, in_order, once, opens_with
from domain.ledger.values import Reconciliation, StatedBalance

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Continuity:
    """How far the statements of an account follow on from one another, each counted once.

    `linked` statements open with the balance that another one closed with; breaks are in order.
    """

    statements: int
    linked: int
    breaks: Sequence[Break]
    unbalanced: Sequence[ImportedStatement]
    unknown: int

    @property
    def gaps(self) -> int:
        return sum(each.kind is BreakKind.GAP for each in self.breaks)

    @property
    def holds(self) -> bool:
        """Whether nothing is known to be missing or wrong; what is unknown does not count."""
        return not self.gaps and not self.unbalanced

    @classmethod
    def of(cls, statements: Iterable[ImportedStatement]) -> Self:
        """Judge all that the imports that stand tell of one account."""
        told = once(statements)
        linked, breaks = 0, list[Break]()
        for _, group in groupby(told, key=lambda each: each.outcome.currency):
            chain = _Chain.of(list(group))
            linked += len(chain.links)
            breaks += chain.breaks()
        by_outcome = {each: list[ImportedStatement]() for each in Reconciliation}
        for statement in told:
            by_outcome[statement.outcome.reconciliation].append(statement)
        unbalanced = by_outcome[Reconciliation.UNBALANCED]
        unknown = len(by_outcome[Reconciliation.UNKNOWN])
        return cls(len(told), linked, breaks, unbalanced, unknown)


class _Link(NamedTuple):
    """A statement with balances, and what comes before it; whether it opens with that closing."""

    before: Told
    after: Told
    holds: bool


@dataclass
class _Chain:
    """Statements in order, those that follow one another, and those that cover the same days."""

    links: list[_Link] = field(default_factory=list)
    loose: list[_Link] = field(default_factory=list)
    overlaps: list[Break] = field(default_factory=list)

    @classmethod
    def of(cls, statements: Sequence[ImportedStatement]) -> Self:
        chain, ends, furthest = cls(), _Ends(), None
        openings = set[StatedBalance]()
        for each in in_order(statements):
            covers = furthest is not None and each.begins < furthest.ends
            if furthest and covers and each.ends > furthest.begins:
                chain.overlaps.append(_overlap(furthest, each))
            # What opens where another one opens begins anew, and follows what that one follows.
            if each.opening and each.opening not in openings:
                chain._add(ends.before(each), covered=covers)
                openings.add(each.opening)
            ends.add(each)
            furthest = each if furthest is None or each.ends > furthest.ends else furthest
        return chain

    def _add(self, link: _Link | None, *, covered: bool) -> None:
        if link and link.holds:
            self.links.append(link)
        elif link and not covered:
            self.loose.append(link)

    def breaks(self) -> list[Break]:
        """Return all, in the order of the days they begin on."""
        gaps = [self._gap(link) for link in self.loose]
        if self._counts_by_one():
            gaps += [self._gap(link) for link in self.links if _skipped(link)]
        return sorted([*gaps, *self.overlaps], key=lambda each: (each.first_day, each.last_day))

    def _counts_by_one(self) -> bool:
        """Tell whether a number that is skipped means anything: most statements follow theirs."""
        numbered = [link for link in self.links if link.before.number and link.after.number]
        following = [link for link in numbered if _follows(link)]
        return len(following) > sum(bool(_skipped(link)) for link in numbered)

    def _gap(self, link: _Link) -> Break:
        before, after = link.before, link.after
        assert before.closing
        assert after.opening
        first, last = _between(before.ends, after.begins)
        if self._opens_on_the_day_before():
            last = after.begins
        return Break(
            kind=BreakKind.GAP,
            before=before.source,
            after=after.source,
            # Where balances differ within a day, or from one to the next, it is the second's own.
            first_day=first if first <= last else after.begins,
            last_day=last if first <= last else after.begins,
            difference=after.opening.money - before.closing.money,
            missing=_skipped(link),
        )

    def _opens_on_the_day_before(self) -> bool:
        """Tell whether this bank dates an opening on the day of the closing before it."""
        days = [link for link in self.links if link.after.begins < link.after.ends]
        return sum(link.after.begins == link.before.ends for link in days) * 2 > len(days)


class _Ends:
    """Statements with balances by the day they close on."""

    def __init__(self) -> None:
        self._days: list[date] = []
        self._by_day: dict[date, list[Told]] = {}

    def add(self, told: Told) -> None:
        if told.closing is None:
            return
        if told.ends not in self._by_day:
            insort(self._days, told.ends)
        self._by_day.setdefault(told.ends, []).append(told)

    def before(self, told: Told) -> _Link | None:
        """Return what this follows: of those that close last, the one that closes at its opening.

        Several may close on one day: pages, reports during the day, a month and its last day.
        What closes on the day of the opening may be of the day before, or of the same.
        """
        place = bisect_right(self._days, told.begins)
        if not place:
            return None
        days = self._days[max(place - 2, 0) : place]
        if days[-1] < told.begins:
            days = days[-1:]
        latest = [each for day in days for each in self._by_day[day][-COMPARED:]]
        links = [_Link(each, told, opens_with(told, each)) for each in reversed(latest)]
        holding = [link for link in links if link.holds]
        return next((link for link in holding if not _skipped(link)), (holding or links)[0])


def _between(before: date, after: date) -> tuple[date, date]:
    """Return the first and the last day between two; where there is none, the first is later."""
    if after - before <= ONE_DAY:
        return after, before
    return before + ONE_DAY, after - ONE_DAY


def _follows(link: _Link) -> bool:
    before, after = link.before.number, link.after.number
    return bool(before and after and after.follows(before))


def _skipped(link: _Link) -> Sequence[str]:
    """Return the numbers between those of two statements, where they are numbers of one series."""
    before, after = link.before, link.after
    if before.number is None or after.number is None:
        return ()
    if before.number.is_day_of_year(before.ends) and after.number.is_day_of_year(after.ends):
        return ()
    return skipped(before.number, after.number)


def _overlap(before: Told, after: Told) -> Break:
    return Break(
        kind=BreakKind.OVERLAP,
        before=before.source,
        after=after.source,
        first_day=after.begins,
        last_day=min(before.ends, after.ends),
    )
