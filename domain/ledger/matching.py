"""Which transaction each row of a statement is, given what the account holds already.

A row whose key is known is that transaction. A booked row may be what a pending one has become: the
bank says so by its id, or it is the only one of its amount within the days that booking takes.
Where several could be meant and differ in their text, nothing is guessed: both stay.

Candidates are put in order once, so that many pending rows that are booked in one file cost no more
for each than few.
"""

from collections import Counter, OrderedDict, defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from typing import TypeAlias

from domain.ledger.values import MatchResult, Removal, StatementRow, TransactionKey, normalised
from domain.shared.ids import TransactionId
from domain.shared.money import Money

#: How long after a pending movement it may be booked.
BOOKING_TAKES = timedelta(days=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExistingTransaction:
    """A transaction that the account holds, or has held, as far as rows are compared with it."""

    id: TransactionId
    booking_date: date
    amount: Money
    provider_id: str | None
    description: str = field(repr=False)
    pending: bool
    removal: Removal | None = None

    @property
    def text(self) -> str:
        return normalised(self.description)


#: Candidates of one day and text, the earliest first.
_Alike: TypeAlias = OrderedDict[TransactionId, ExistingTransaction]


class PendingMatcher:
    """Finds the pending transaction of a booked row, or the reverse; returns each at most once."""

    def __init__(
        self, unknown: Iterable[StatementRow], candidates: Iterable[ExistingTransaction]
    ) -> None:
        self._of_amount: defaultdict[Hashable, _Bucket] = defaultdict(_Bucket)
        self._of_id: defaultdict[Hashable, _Bucket] = defaultdict(_Bucket)
        self._claims = Counter((row.amount, row.pending) for row in unknown)
        for existing in sorted(candidates, key=lambda each: each.id):
            self._of_amount[existing.amount, existing.pending].put(existing, existing.text)
            if existing.provider_id:
                self._of_id[existing.provider_id, existing.pending].put(existing, "")

    def take(self, row: StatementRow) -> ExistingTransaction | None:
        """Return the same movement at its other state, and do not return it again."""
        found = self._by_id(row) or self._by_amount(row)
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
        text = normalised(row.description)
        same = next((_first(alike[text]) for alike in near if text in alike), None)
        if same or row.pending or not _all_alike(near):
            return same
        near_alike = [each for alike in near for each in alike.values()]
        enough = self._claims[row.amount, row.pending] <= sum(map(len, near_alike))
        return _first(near_alike[0]) if enough else None


class _Bucket:
    """Candidates that have something in common, by day and text."""

    def __init__(self) -> None:
        self._days: defaultdict[int, defaultdict[str, _Alike]]
        self._days = defaultdict(lambda: defaultdict(OrderedDict))

    def put(self, existing: ExistingTransaction, text: str) -> None:
        self._days[existing.booking_date.toordinal()][text][existing.id] = existing

    def remove(self, existing: ExistingTransaction, text: str) -> None:
        alike = self._days[existing.booking_date.toordinal()]
        del alike[text][existing.id]
        if not alike[text]:
            del alike[text]

    def near(self, row: StatementRow) -> Sequence[dict[str, _Alike]]:
        """Return those of the days on which the row's other state may be, earliest first."""
        return [self._days[day] for day in _other_days(row) if self._days.get(day)]


def _other_days(row: StatementRow) -> range:
    """Return on which days a movement may be pending that is booked by a row, or the reverse."""
    day = row.booking_date.toordinal()
    first = day if row.pending else day - BOOKING_TAKES.days
    return range(first, first + BOOKING_TAKES.days + 1)


def _all_alike(near: Sequence[dict[str, _Alike]]) -> bool:
    """Tell whether there are some, and all have one text."""
    return len({text for alike in near for text in islice(alike, 2)}) == 1


def _first(alike: _Alike) -> ExistingTransaction:
    return next(iter(alike.values()))


@dataclass(frozen=True, slots=True)
class Match:
    """What becomes of a row, and which transaction it is; none where it becomes one of its own.

    In the `other_state` (pending, or booked), it was not known by the row's key before.
    """

    result: MatchResult
    existing: ExistingTransaction | None = None
    other_state: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchContext:
    """What the account holds that bears on the rows of one statement.

    `candidates` are transactions that an unknown row may be another state of: pending ones, and
    booked ones where the statement has pending rows.
    """

    known: Mapping[TransactionKey, ExistingTransaction]
    provider_ids: Collection[str]
    candidates: Sequence[ExistingTransaction] = ()


def match_rows(
    rows: Sequence[StatementRow], keys: Sequence[TransactionKey], context: MatchContext
) -> list[Match]:
    """Match each row."""
    matcher = _matcher(rows, keys, context)
    taken = set(context.provider_ids)
    matches = []
    for row, key in zip(rows, keys, strict=True):
        matches.append(_match(row, context.known.get(key), matcher, taken))
        if row.provider_id:
            taken.add(row.provider_id)
    return matches


def _match(
    row: StatementRow,
    known: ExistingTransaction | None,
    matcher: PendingMatcher,
    taken: Collection[str],
) -> Match:
    if known and known.removal is Removal.DELETED:
        return Match(MatchResult.DELETED, known)
    if known and known.removal is None:
        booked = known.pending and not row.pending
        return Match(MatchResult.UPDATES if booked else MatchResult.SAME, known)
    other = matcher.take(row)
    if other:
        return Match(_result_of_other(row, other), other, other_state=True)
    result = MatchResult.CONFLICT if row.provider_id in taken else MatchResult.NEW
    # What was undone comes back as itself.
    return Match(result, known)


def _result_of_other(row: StatementRow, other: ExistingTransaction) -> MatchResult:
    if other.removal is Removal.DELETED:
        return MatchResult.DELETED
    return MatchResult.SAME if row.pending else MatchResult.UPDATES


def _matcher(
    rows: Sequence[StatementRow], keys: Sequence[TransactionKey], context: MatchContext
) -> PendingMatcher:
    """Return what unknown rows of the statement may be another state of."""
    # What the statement tells in the state it is known in has not come to another.
    present = {context.known[each].id for each in keys if each in context.known}
    unknown = (row for row, key in zip(rows, keys, strict=True) if is_open(context.known.get(key)))
    return PendingMatcher(unknown, (each for each in context.candidates if each.id not in present))


def is_open(known: ExistingTransaction | None) -> bool:
    """Tell whether a row of this key has no transaction that counts yet."""
    return known is None or known.removal is Removal.UNDONE
