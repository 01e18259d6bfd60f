"""Whether the statements of an account follow on from one another.

A statement opens with the balance that the previous one closed with. Days only locate a gap,
because banks date an opening balance on the first day of the statement or on the day before.
"""

from bisect import bisect_right, insort
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from itertools import groupby, islice
from typing import NamedTuple, Self

from domain.ledger.imports import StatementOutcome
from domain.ledger.statement_numbers import Number, skipped
from domain.ledger.values import Reconciliation, StatedBalance
from domain.shared.ids import ImportId
from domain.shared.money import Money


@dataclass(frozen=True, slots=True)
class ImportedStatement:
    """A statement and the import that it came with."""

    import_id: ImportId
    outcome: StatementOutcome

    @property
    def day(self) -> date:
        """The day to list the statement under: the last one that is known."""
        outcome, closing, opening = self.outcome, self.outcome.closing, self.outcome.opening
        days = (
            closing and closing.day,
            outcome.last_day,
            opening and opening.day,
            outcome.first_day,
        )
        return next((day for day in days if day), date.min)


class DiscrepancyKind(StrEnum):
    """How two statements do not follow: days between them are missing, or both cover some."""

    GAP = "gap"
    OVERLAP = "overlap"


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrepancy:
    """Two statements of which the second does not begin where the first ends.

    A gap has the days that are missing, the difference of the balances and the numbers of the
    statements that were skipped. An overlap has the days that both cover.
    """

    kind: DiscrepancyKind
    before: ImportedStatement
    after: ImportedStatement
    first_day: date
    last_day: date
    difference: Money | None = None
    missing: Sequence[str] = ()


#: At most so many statements of one day are compared with one another.
COMPARED = 100


class ComparableStatement(NamedTuple):
    """A statement in the form in which it is compared, with both balances or none."""

    source: ImportedStatement
    begins: date
    ends: date
    opening: StatedBalance | None
    closing: StatedBalance | None
    number: Number | None

    @classmethod
    def of(cls, source: ImportedStatement) -> Self | None:
        """Use the days of the balances, or else the period; return None if there is neither."""
        outcome = source.outcome
        number = Number.parse(outcome.number)
        if outcome.opening and outcome.closing:
            begins, ends = outcome.opening.day, max(outcome.opening.day, outcome.closing.day)
            return cls(source, begins, ends, outcome.opening, outcome.closing, number)
        if outcome.first_day and outcome.last_day:
            return cls(source, outcome.first_day, outcome.last_day, None, None, number)
        return None


def deduplicated(statements: Iterable[ImportedStatement]) -> list[ImportedStatement]:
    """Return each statement once, by currency; of equal ones, the one that was imported last."""
    newest = sorted(statements, key=lambda each: (each.import_id, each.outcome.id))
    latest = {_content(each.outcome): each for each in newest}
    return sorted(latest.values(), key=lambda each: each.outcome.currency)


def _content(outcome: StatementOutcome) -> tuple[object, ...]:
    says = (
        outcome.opening,
        outcome.closing,
        outcome.first_day,
        outcome.last_day,
        outcome.number or None,
    )
    # A statement without any of these is equal to no other.
    return (outcome.currency, *says) if any(says) else (outcome.id,)


def in_order(statements: Sequence[ImportedStatement]) -> Iterator[ComparableStatement]:
    """Yield statements ordered by their days, and those of the same days by their balances."""
    comparable = [each for each in map(ComparableStatement.of, statements) if each]
    comparable.sort(
        key=lambda each: (each.begins, each.ends, each.number or Number(0), each.source.day)
    )
    last: ComparableStatement | None = None
    for _, group in groupby(comparable, key=lambda each: (each.begins, each.ends)):
        waiting = deque(group)
        while waiting:
            last = _next(waiting, last)
            waiting.remove(last)
            yield last


def _next(
    waiting: deque[ComparableStatement], last: ComparableStatement | None
) -> ComparableStatement:
    if last is None or last.closing is None or len(waiting) == 1:
        return waiting[0]
    some = islice(waiting, COMPARED)
    linked = (each for each in some if each.opening and continues(each, last))
    return next(linked, waiting[0])


def continues(after: ComparableStatement, before: ComparableStatement) -> bool:
    assert before.closing
    assert after.opening
    return before.closing.money == after.opening.money


ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Continuity:
    """How far the statements of an account follow on from one another, each counted once.

    `linked` statements open with the balance that another one closed with. The rows of `unbalanced`
    ones are not the difference of their balances; up to the closing balance of `ledger_unbalanced`
    ones, the transactions in the ledger are not.
    """

    statements: int
    linked: int
    discrepancies: Sequence[Discrepancy]
    unbalanced: Sequence[ImportedStatement]
    ledger_unbalanced: Sequence[ImportedStatement]
    unknown: int

    @property
    def gaps(self) -> int:
        return sum(each.kind is DiscrepancyKind.GAP for each in self.discrepancies)

    @property
    def is_intact(self) -> bool:
        """Whether nothing is known to be missing or wrong."""
        return not (self.gaps or self.unbalanced or self.ledger_unbalanced)

    @classmethod
    def of(cls, statements: Iterable[ImportedStatement]) -> Self:
        """Compare all statements of one account that have active imports."""
        distinct = deduplicated(statements)
        linked, discrepancies = 0, list[Discrepancy]()
        for _, group in groupby(distinct, key=lambda each: each.outcome.currency):
            chain = _Chain.of(list(group))
            linked += len(chain.links)
            discrepancies += chain.discrepancies()
        by_outcome = {each: list[ImportedStatement]() for each in Reconciliation}
        for statement in distinct:
            by_outcome[statement.outcome.reconciliation].append(statement)
        unbalanced = by_outcome[Reconciliation.UNBALANCED]
        unknown = len(by_outcome[Reconciliation.UNKNOWN])
        stretches = {
            (each.outcome.account_id, each.outcome.closing, each.outcome.ledger): each
            for each in distinct
            if each.outcome.ledger.is_unbalanced
        }
        return cls(
            len(distinct), linked, discrepancies, unbalanced, list(stretches.values()), unknown
        )


class _Link(NamedTuple):
    """A statement and the one before it, and whether it opens with that one's closing balance."""

    before: ComparableStatement
    after: ComparableStatement
    is_linked: bool


@dataclass
class _Chain:
    """The statements in order, their links, and the statements that cover the same days."""

    links: list[_Link] = field(default_factory=list)
    loose: list[_Link] = field(default_factory=list)
    overlaps: list[Discrepancy] = field(default_factory=list)

    @classmethod
    def of(cls, statements: Sequence[ImportedStatement]) -> Self:
        chain, ends, furthest = cls(), _Ends(), None
        openings = set[StatedBalance]()
        for each in in_order(statements):
            covers = furthest is not None and each.begins < furthest.ends
            if furthest and covers and each.ends > furthest.begins:
                chain.overlaps.append(_overlap(furthest, each))
            # A statement that opens where another one opens follows the same statement as that one.
            if each.opening and each.opening not in openings:
                chain._add(ends.before(each), covered=covers)
                openings.add(each.opening)
            ends.add(each)
            furthest = each if furthest is None or each.ends > furthest.ends else furthest
        return chain

    def _add(self, link: _Link | None, *, covered: bool) -> None:
        if link and link.is_linked:
            self.links.append(link)
        elif link and not covered:
            self.loose.append(link)

    def discrepancies(self) -> list[Discrepancy]:
        """Return all discrepancies, in the order of the days they begin on."""
        gaps = [self._gap(link) for link in self.loose]
        if self._counts_by_one():
            gaps += [self._gap(link) for link in self.links if _skipped(link)]
        return sorted([*gaps, *self.overlaps], key=lambda each: (each.first_day, each.last_day))

    def _counts_by_one(self) -> bool:
        """Return whether skipped numbers mean anything: most numbers follow one another."""
        numbered = [link for link in self.links if link.before.number and link.after.number]
        following = [link for link in numbered if _follows(link)]
        return len(following) > sum(bool(_skipped(link)) for link in numbered)

    def _gap(self, link: _Link) -> Discrepancy:
        before, after = link.before, link.after
        assert before.closing
        assert after.opening
        first, last = _between(before.ends, after.begins)
        if self._opens_on_the_day_before():
            last = after.begins
        return Discrepancy(
            kind=DiscrepancyKind.GAP,
            before=before.source,
            after=after.source,
            # If the balances differ within a day, or between adjacent days, the days of the second
            # count.
            first_day=first if first <= last else after.begins,
            last_day=last if first <= last else after.begins,
            difference=after.opening.money - before.closing.money,
            missing=_skipped(link),
        )

    def _opens_on_the_day_before(self) -> bool:
        """Return whether this bank dates an opening balance on the day of the previous closing."""
        days = [link for link in self.links if link.after.begins < link.after.ends]
        return sum(link.after.begins == link.before.ends for link in days) * 2 > len(days)


class _Ends:
    """Statements with balances, ordered by the day they close on."""

    def __init__(self) -> None:
        self._days: list[date] = []
        self._by_day: dict[date, list[ComparableStatement]] = {}

    def add(self, statement: ComparableStatement) -> None:
        if statement.closing is None:
            return
        if statement.ends not in self._by_day:
            insort(self._days, statement.ends)
        self._by_day.setdefault(statement.ends, []).append(statement)

    def before(self, statement: ComparableStatement) -> _Link | None:
        """Return the link to the statement before: of the last ones, the one whose balance fits.

        Several may close on one day: pages, reports during the day, a month and its last day. One
        that closes on the day of the opening may be the day before, or the same day.
        """
        place = bisect_right(self._days, statement.begins)
        if not place:
            return None
        days = self._days[max(place - 2, 0) : place]
        if days[-1] < statement.begins:
            days = days[-1:]
        latest = [each for day in days for each in self._by_day[day][-COMPARED:]]
        links = [_Link(each, statement, continues(statement, each)) for each in reversed(latest)]
        holding = [link for link in links if link.is_linked]
        return next((link for link in holding if not _skipped(link)), (holding or links)[0])


def _between(before: date, after: date) -> tuple[date, date]:
    """Return the first and last day between two; if there is none, the first is later."""
    if after - before <= ONE_DAY:
        return after, before
    return before + ONE_DAY, after - ONE_DAY


def _follows(link: _Link) -> bool:
    before, after = link.before.number, link.after.number
    return bool(before and after and after.follows(before))


def _skipped(link: _Link) -> Sequence[str]:
    """Return the numbers between two statements, if their numbers are of one series."""
    before, after = link.before, link.after
    if before.number is None or after.number is None:
        return ()
    if before.number.is_day_of_year(before.ends) and after.number.is_day_of_year(after.ends):
        return ()
    return skipped(before.number, after.number)


def _overlap(before: ComparableStatement, after: ComparableStatement) -> Discrepancy:
    return Discrepancy(
        kind=DiscrepancyKind.OVERLAP,
        before=before.source,
        after=after.source,
        first_day=after.begins,
        last_day=min(before.ends, after.ends),
    )
