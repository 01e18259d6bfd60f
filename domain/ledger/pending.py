"""Pending transactions, and what they are booked as.

A booked row may be what a pending one has become: the bank says so by its id, or it is the only one
of its amount within the days that booking takes. If several could be meant and their texts differ,
nothing is guessed: both stay.

Candidates are sorted once, so a file that books many pending rows costs no more for each of them.
"""

from collections import Counter, OrderedDict, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from datetime import timedelta
from itertools import islice
from typing import TypeAlias

from domain.ledger.matches import ExistingTransaction, Match
from domain.ledger.values import MatchResult, StatementRow, normalised, words_of
from domain.shared.ids import TransactionId

#: How long after a transaction was pending it may be booked.
BOOKING_TAKES = timedelta(days=10)
#: Of more different texts of one amount and day, the others are not compared.
MOST_TEXTS = 20


#: Candidates of one day and text, the earliest first.
_Alike: TypeAlias = OrderedDict[TransactionId, ExistingTransaction]


class PendingMatcher:
    """Finds the pending transaction of a booked row, or the reverse; returns each at most once."""

    def __init__(
        self, unknown: Iterable[StatementRow], candidates: Iterable[ExistingTransaction]
    ) -> None:
        self._of_amount: defaultdict[Hashable, _Bucket] = defaultdict(_Bucket)
        self._of_id: defaultdict[Hashable, _Bucket] = defaultdict(_Bucket)
        some = sorted(candidates, key=lambda each: each.id)
        self._claims = Counter((row.amount, row.pending) for row in unknown) if some else Counter()
        for existing in some:
            self._of_amount[existing.amount, existing.pending].add(existing, existing.text)
            if existing.provider_id:
                self._of_id[existing.provider_id, existing.pending].add(existing, "")

    def match(self, row: StatementRow) -> ExistingTransaction | None:
        """Return the row's transaction in its other state, and do not return it again."""
        # Most statements have many rows, and nothing waits.
        found = (self._by_id(row) or self._by_amount(row)) if self._of_amount else None
        if found:
            self._claims[row.amount, row.pending] -= 1
            self._of_amount[found.amount, found.pending].remove(found, found.text)
            if found.provider_id:
                self._of_id[found.provider_id, found.pending].remove(found, "")
        return found

    def _by_id(self, row: StatementRow) -> ExistingTransaction | None:
        bucket = self._of_id.get((row.provider_id, not row.pending))
        near = bucket.near(row) if bucket else []
        return next((_first(alike[""]) for alike in near), None)

    def _by_amount(self, row: StatementRow) -> ExistingTransaction | None:
        bucket = self._of_amount.get((row.amount, not row.pending))
        near = bucket.near(row) if bucket else []
        if not near:
            return None
        text = normalised(row.description)
        same = next((_first(alike[text]) for alike in near if text in alike), None)
        if same or row.pending:
            return same
        if not _all_alike(near):
            return _of_one_text(near, row)
        near_alike = [each for alike in near for each in alike.values()]
        enough = self._claims[row.amount, row.pending] <= sum(map(len, near_alike))
        return _first(near_alike[0]) if enough else None


class _Bucket:
    """Candidates that have an amount or an id in common, by day and text."""

    def __init__(self) -> None:
        self._days: defaultdict[int, defaultdict[str, _Alike]]
        self._days = defaultdict(lambda: defaultdict(OrderedDict))

    def add(self, existing: ExistingTransaction, text: str) -> None:
        self._days[existing.booking_date.toordinal()][text][existing.id] = existing

    def remove(self, existing: ExistingTransaction, text: str) -> None:
        alike = self._days[existing.booking_date.toordinal()]
        del alike[text][existing.id]
        if not alike[text]:
            del alike[text]

    def near(self, row: StatementRow) -> Sequence[dict[str, _Alike]]:
        """Return candidates by the days on which the row's other state may be, earliest first."""
        return [self._days[day] for day in _other_days(row) if self._days.get(day)]


def _other_days(row: StatementRow) -> range:
    """Return the days on which a booked row may have been pending, or the reverse."""
    day = row.booking_date.toordinal()
    first = day if row.pending else day - BOOKING_TAKES.days
    return range(first, first + BOOKING_TAKES.days + 1)


def _all_alike(near: Sequence[dict[str, _Alike]]) -> bool:
    """Return whether there are candidates, and all have the same text."""
    return len({text for alike in near for text in islice(alike, 2)}) == 1


def _of_one_text(
    near: Sequence[dict[str, _Alike]], row: StatementRow
) -> ExistingTransaction | None:
    """Return the first candidate whose text the row goes on with, or else shares a word with.

    There is none if several texts are like that.
    """
    whole, words = normalised(row.description), words_of(row.description)
    some = [(text, alike) for texts in near for text, alike in islice(texts.items(), MOST_TEXTS)]
    begun = [(text, alike) for text, alike in some if text and f"{whole} ".startswith(f"{text} ")]
    found = begun or [each for each in some if not words.isdisjoint(words_of(each[0]))]
    return _first(found[0][1]) if len({text for text, _ in found}) == 1 else None


def _first(alike: _Alike) -> ExistingTransaction:
    return next(iter(alike.values()))


def booked_here(rows: Sequence[StatementRow], matches: Sequence[Match]) -> list[Match]:
    """Make pending rows the other state of what the same statement lists as booked.

    Some services list an authorisation beside the payment that came of it. Which one it is, day,
    amount and text say. It is not so where a statement lists all that is pending now.
    """
    waiting = [
        place
        for place, each in enumerate(matches)
        if rows[place].pending and (each.is_unknown or _is_waiting(each))
    ]
    if not waiting:
        return list(matches)
    unknown = [place for place, each in enumerate(matches) if each.is_unknown]
    booked = [_as_existing(rows[place], matches[place]) for place in unknown]
    matcher = PendingMatcher(
        [rows[place] for place in waiting], [each for each in booked if not each.pending]
    )
    place_of = {matches[place].id: place for place in unknown}
    resolved = list(matches)
    for place in waiting:
        match = matches[place]
        found = matcher.match(rows[place])
        if found and match.existing and not match.existing.is_gone:
            booking = matches[place_of[found.id]]
            resolved[place_of[found.id]] = Match(
                MatchResult.UPDATES, match.id, booking.key, match.existing, other_state=True
            )
        elif found:
            resolved[place] = Match(
                MatchResult.SAME, found.id, match.key, match.existing, other_state=True
            )
    return resolved


def ended_by(
    withdrawn: Sequence[StatementRow],
    rows: Sequence[StatementRow],
    matches: Sequence[Match],
    candidates: Iterable[ExistingTransaction],
) -> list[TransactionId]:
    """Return the pending transactions that a statement withdraws: by the id, or by their key.

    None of them is a transaction that it books, nor one that was booked.
    """
    booked = {match.id for row, match in zip(rows, matches, strict=True) if not row.pending}
    listed = [_as_existing(*each) for each in zip(rows, matches, strict=True) if each[0].pending]
    waiting = {each.id: each for each in (*candidates, *listed) if each.pending}
    ended = list[TransactionId]()
    for row in withdrawn:
        free = [each for each in waiting.values() if each.id not in booked]
        found = next((each for each in free if _is_withdrawn(each, row)), None)
        if found:
            del waiting[found.id]
            ended.append(found.id)
    return ended


def _is_withdrawn(existing: ExistingTransaction, row: StatementRow) -> bool:
    if row.provider_id and existing.provider_id:
        near = abs(existing.booking_date - row.booking_date) <= BOOKING_TAKES
        return existing.provider_id == row.provider_id and near
    return (existing.booking_date, existing.amount, existing.text) == (
        *(row.booking_date, row.amount, normalised(row.description)),
    )


def _is_waiting(match: Match) -> bool:
    """Return whether a pending row is a transaction that is still pending."""
    known = match.existing
    return match.result is MatchResult.SAME and known is not None and known.pending


def _as_existing(row: StatementRow, match: Match) -> ExistingTransaction:
    return ExistingTransaction(
        id=match.id,
        booking_date=row.booking_date,
        amount=row.amount,
        provider_id=row.provider_id,
        description=row.description,
        pending=row.pending,
    )
