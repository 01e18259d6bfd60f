"""Rows that state a booked transaction in other words.

Another report of the bank does so (OFX beside CSV), or the same one with new ids, texts or days. A
row and a transaction of one amount within a few days are the same for certain if both sides have
equally many of them, or equally many that share words, and each pair shares the day or a word.
Anything less is a suggestion: a person decides.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice, permutations
from typing import NamedTuple

from domain.ledger.evidence import Outline
from domain.ledger.matches import (
    ExistingTransaction,
    Match,
    MatchContext,
    Pairing,
    in_other_words,
)
from domain.ledger.neighbourhood import Neighbourhood
from domain.ledger.values import BY_HAND, StatementRef, StatementRow, words_of

#: By how many days two reports may differ about a transaction.
NEAR_DAYS = 5
#: Of more transactions of one amount within few days, none is paired: that would take too long.
MOST_ALIKE = 200


def pair_counterparts(
    rows: Sequence[StatementRow],
    matches: Sequence[Match],
    candidates: Sequence[ExistingTransaction],
    context: MatchContext,
    near: Neighbourhood,
) -> Pairing:
    """Pair new booked rows with transactions that other statements state."""
    if not candidates:
        return Pairing(matches, {})
    matched = {match.id for match in matches}
    existing = defaultdict[object, list[_Side]](list)
    # Of equally near ones, the first is meant, in whatever order they were read.
    left = sorted(
        (each for each in candidates if each.id not in matched),
        key=lambda each: (each.booking_date, each.id),
    )
    for number, each in enumerate(left):
        existing[each.amount].append(_Side.of(number, each.booking_date, each.description))
    unknown = defaultdict[object, list[_Side]](list)
    for place, (row, match) in enumerate(zip(rows, matches, strict=True)):
        if not row.pending and match.is_unknown and row.amount in existing:
            unknown[row.amount].append(_Side.of(place, row.booking_date, row.description))
    stating = [context.stating.get(each.id, ()) for each in left]
    rules = _Rules(near, stating, _refused(matches, left, context))
    certain, possible = dict[int, int](), dict[int, int]()
    for amount, sides in unknown.items():
        pairs = _Pairs(sides, existing[amount], rules)
        if near.statement.report_type != BY_HAND:
            # What a person writes is never known for certain: that person decides.
            certain |= pairs.certain()
        possible |= pairs.possible()
    resolved = [
        in_other_words(match, left[certain[place]]) if place in certain else match
        for place, match in enumerate(matches)
    ]
    return Pairing(resolved, {place: left[number] for place, number in possible.items()})


def _refused(
    matches: Sequence[Match], candidates: Sequence[ExistingTransaction], context: MatchContext
) -> set[tuple[int, int]]:
    """Return places and numbers of which the user has said that they are not the same."""
    places = {match.id: place for place, match in enumerate(matches)}
    numbers = {each.id: number for number, each in enumerate(candidates)}
    return {
        (places[one], numbers[other])
        for pair in context.refused
        for one, other in permutations(pair)
        if one in places and other in numbers
    }


class _Side(NamedTuple):
    """A row or a transaction, with its number and what the two are compared by."""

    number: int
    day: date
    words: frozenset[str]

    @classmethod
    def of(cls, number: int, day: date, text: str) -> "_Side":
        return cls(number, day, words_of(text))

    def distance(self, other: "_Side") -> int:
        return abs((self.day - other.day).days)

    def shares_a_word(self, other: "_Side") -> bool:
        return not self.words.isdisjoint(other.words)


@dataclass(frozen=True, slots=True)
class _Rules:
    """Which transaction a row may be at all.

    `statements` state the transactions by number; `refused` are numbers of rows and transactions.
    """

    near: Neighbourhood
    statements: Sequence[Collection[StatementRef]]
    refused: Collection[tuple[int, int]]
    covered: dict[tuple[str, date], bool] = field(default_factory=dict)

    def allow(self, row: _Side, existing: _Side, reach: int) -> bool:
        """Return whether the row may be the transaction.

        If their days differ, `reach` of the two reports have to list all of the other one's day:
        then one of them is what stands for the other there. In reports of one type each would list
        what the other one lists, unless such reports are partial.
        """
        is_refused = (row.number, existing.number) in self.refused
        if is_refused or row.distance(existing) > NEAR_DAYS:
            return False
        statement = self.near.statement
        stating = [self.near.others.get(ref) for ref in self.statements[existing.number]]
        known = [each for each in stating if each]
        if len(known) < len(stating):
            return False
        alike = [each for each in known if each.report_type == statement.report_type]
        if alike and statement.is_partial:
            return False
        if row.day == existing.day and not alike:
            return True
        if not alike:
            reaching = [(existing.day, [statement]), (row.day, known)]
            return sum(self._is_covered(day, reports) for day, reports in reaching) >= reach
        if reach == POSSIBLE:
            return statement.covers(existing.day) and any(each.covers(row.day) for each in alike)
        return any(
            statement.lists_all_of(existing.day, each) and each.lists_all_of(row.day, statement)
            for each in alike
        )

    def _is_covered(self, day: date, reports: Sequence[Outline]) -> bool:
        """Return whether one of these reports lists all of a day, or another of its type does."""
        if any(each.covers(day) and not each.is_partial for each in reports):
            return True
        return any(self._type_covers(each.report_type, day) for each in reports)

    def _type_covers(self, report_type: str, day: date) -> bool:
        asked = report_type, day
        if asked not in self.covered:
            others = (e for e in self.near.others.values() if e.report_type == report_type)
            self.covered[asked] = any(e.covers(day) and not e.is_partial for e in others)
        return self.covered[asked]


# How many of two reports have to list all of the other one's day.
BOTH, ONE, POSSIBLE = 2, 1, 0

_Way = Callable[[_Side, _Side], bool]


def _same_day(row: _Side, existing: _Side) -> bool:
    return row.day == existing.day


def _same_day_and_word(row: _Side, existing: _Side) -> bool:
    return row.day == existing.day and row.shares_a_word(existing)


# The ways in which both can be paired, the safest first.
_WITH_A_WORD: Sequence[_Way] = (_same_day_and_word,)
_BY_WORD: Sequence[_Way] = (_same_day_and_word, _Side.shares_a_word)
_IN_ANY_WAY: Sequence[_Way] = (_same_day_and_word, _same_day, _Side.shares_a_word)


class _Pairs:
    """Rows and transactions of one amount; each is paired at most once."""

    def __init__(self, rows: Sequence[_Side], existing: Sequence[_Side], rules: _Rules) -> None:
        self._rows = list(rows)
        self._existing = list(existing)
        self._rules = rules

    def certain(self) -> dict[int, int]:
        """Return the number of the transaction for each row where nothing else can be meant."""
        pairs = dict[int, int]()
        for rows, existing in self._of_one_day():
            pairs |= self._pair_all(rows, existing, _WITH_A_WORD, BOTH)
        # What is paired by a word on other days may leave as many as there are on one day.
        passes = ((BOTH, _BY_WORD), (BOTH, _IN_ANY_WAY), (ONE, _BY_WORD), (BOTH, _IN_ANY_WAY))
        for reach, ways in passes:
            for rows, existing in list(self._connected(reach, by_word=ways is _BY_WORD)):
                pairs |= self._pair_all(rows, existing, ways, reach)
        for rows, existing in list(self._connected(ONE, by_word=True)):
            if len({each.day for each in (*rows, *existing)}) == 1:
                pairs |= self._pair_all(*_as_many(rows, existing), _WITH_A_WORD, ONE)
        return pairs

    def possible(self) -> dict[int, int]:
        """Return for each row that is left the nearest transaction that it may be."""
        pairs, free = dict[int, int](), {each.number: each for each in self._existing}
        for row in self._rows[:MOST_ALIKE]:
            near = islice(free.values(), MOST_ALIKE)
            allowed = (each for each in near if self._rules.allow(row, each, POSSIBLE))
            nearest = min(allowed, key=row.distance, default=None)
            if nearest:
                del free[nearest.number]
                pairs[row.number] = nearest.number
        return pairs

    def _of_one_day(self) -> Iterator[tuple[list[_Side], list[_Side]]]:
        existing = _by_day(self._existing)
        for day, rows in _by_day(self._rows).items():
            yield rows, existing.get(day, [])

    def _clusters(self) -> Iterator[tuple[list[_Side], list[_Side]]]:
        """Yield rows and transactions of days that follow one another closely."""
        rows, existing = _by_day(self._rows), _by_day(self._existing)
        cluster: tuple[list[_Side], list[_Side]] = [], []
        last = date.min
        for day in sorted({*rows, *existing}):
            if (day - last).days > NEAR_DAYS:
                yield cluster
                cluster = [], []
            cluster[0].extend(rows.get(day, []))
            cluster[1].extend(existing.get(day, []))
            last = day
        yield cluster

    def _connected(self, reach: int, *, by_word: bool) -> Iterator[tuple[list[_Side], list[_Side]]]:
        """Yield rows and transactions that may be one another, directly or through others."""
        for rows, existing in self._clusters():
            if max(len(rows), len(existing)) > MOST_ALIKE:
                continue
            waiting, free = list(rows), list(existing)
            while waiting:
                some, theirs = [waiting.pop(0)], list[_Side]()
                for row in some:
                    found = [
                        each for each in free if self._may_be(row, each, reach, by_word=by_word)
                    ]
                    free = [each for each in free if each not in found]
                    theirs += found
                    more = [
                        each
                        for each in waiting
                        if any(self._may_be(each, one, reach, by_word=by_word) for one in found)
                    ]
                    waiting = [each for each in waiting if each not in more]
                    some += more
                yield some, theirs

    def _may_be(self, row: _Side, existing: _Side, reach: int, *, by_word: bool) -> bool:
        alike = not by_word or row.shares_a_word(existing)
        return alike and self._rules.allow(row, existing, reach)

    def _pair_all(
        self, rows: Sequence[_Side], existing: Sequence[_Side], ways: Sequence[_Way], reach: int
    ) -> dict[int, int]:
        """Pair all of these rows, or none, and take them out of those that are left."""
        if not rows or len(rows) != len(existing) or len(rows) > MOST_ALIKE:
            return {}
        pairs = dict[int, int]()
        free = {each.number: each for each in existing}
        for way in ways:
            for row in (each for each in rows if each.number not in pairs):
                fitting = (
                    each
                    for each in free.values()
                    if way(row, each) and self._rules.allow(row, each, reach)
                )
                found = (
                    None if row.number in pairs else min(fitting, key=row.distance, default=None)
                )
                if found:
                    del free[found.number]
                    pairs[row.number] = found.number
        if free:
            return {}
        self._rows = [each for each in self._rows if each.number not in pairs]
        paired = set(pairs.values())
        self._existing = [each for each in self._existing if each.number not in paired]
        return pairs


def _as_many(rows: list[_Side], existing: list[_Side]) -> tuple[Sequence[_Side], Sequence[_Side]]:
    """Leave out what one side has more, if all of it looks alike: it does not matter which."""
    fewer = min(len(rows), len(existing))
    alike = all(row.words == rows[0].words for row in rows) and all(
        each.words == existing[0].words for each in existing
    )
    return (rows[:fewer], existing[:fewer]) if alike else (rows, existing)


def _by_day(sides: Sequence[_Side]) -> dict[date, list[_Side]]:
    days = defaultdict[date, list[_Side]](list)
    for each in sides:
        days[each.day].append(each)
    return dict(days)
