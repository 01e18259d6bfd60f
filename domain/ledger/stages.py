"""Finding the other stage of a movement: pending, where a row is booked, and the other way round.

Candidates are put in order once, so that many pending rows that are booked in one file cost no more
for each than few.
"""

from collections import Counter, OrderedDict, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from itertools import islice
from typing import TypeAlias

from domain.ledger.identity import normalised
from domain.ledger.values import StatementRow
from domain.shared.ids import TransactionId
from domain.shared.money import Money

#: How long after a pending movement it may be booked.
BOOKING_TAKES = timedelta(days=10)


class Removal(StrEnum):
    """Why a transaction is not in the ledger any more: for good, or until its file comes again."""

    DELETED = "deleted"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
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
_Alike: TypeAlias = OrderedDict[TransactionId, Held]


class OtherStages:
    """What is held of movements at the other stage; each is given away at most once."""

    def __init__(self, unknown: Iterable[StatementRow], candidates: Iterable[Held]) -> None:
        self._of_amount: defaultdict[Hashable, _Shelf] = defaultdict(_Shelf)
        self._of_id: defaultdict[Hashable, _Shelf] = defaultdict(_Shelf)
        self._claims = Counter((row.amount, row.pending) for row in unknown)
        for held in sorted(candidates, key=lambda held: held.id):
            self._of_amount[held.amount, held.pending].put(held, held.text)
            if held.provider_id:
                self._of_id[held.provider_id, held.pending].put(held, "")

    def take(self, row: StatementRow) -> Held | None:
        """Return the same movement at its other stage, and do not give it away again."""
        found = self._by_id(row) or self._by_amount(row)
        if found:
            self._claims[row.amount, row.pending] -= 1
            self._of_amount[found.amount, found.pending].remove(found, found.text)
            if found.provider_id:
                self._of_id[found.provider_id, found.pending].remove(found, "")
        return found

    def _by_id(self, row: StatementRow) -> Held | None:
        shelf = self._of_id.get((row.provider_id, not row.pending))
        near = shelf.near(row) if shelf else []
        return next((_first(alike[""]) for alike in near), None)

    def _by_amount(self, row: StatementRow) -> Held | None:
        shelf = self._of_amount.get((row.amount, not row.pending))
        near = shelf.near(row) if shelf else []
        text = normalised(row.description)
        same = next((_first(alike[text]) for alike in near if text in alike), None)
        if same or row.pending or not _all_alike(near):
            return same
        near_alike = [each for alike in near for each in alike.values()]
        enough = self._claims[row.amount, row.pending] <= sum(map(len, near_alike))
        return _first(near_alike[0]) if enough else None


class _Shelf:
    """Candidates that have something in common, by day and text."""

    def __init__(self) -> None:
        self._days: defaultdict[int, defaultdict[str, _Alike]]
        self._days = defaultdict(lambda: defaultdict(OrderedDict))

    def put(self, held: Held, text: str) -> None:
        self._days[held.booking_date.toordinal()][text][held.id] = held

    def remove(self, held: Held, text: str) -> None:
        alike = self._days[held.booking_date.toordinal()]
        del alike[text][held.id]
        if not alike[text]:
            del alike[text]

    def near(self, row: StatementRow) -> Sequence[dict[str, _Alike]]:
        """Return those of the days on which the row's other stage may be, earliest first."""
        return [self._days[day] for day in _other_days(row) if self._days.get(day)]


def _other_days(row: StatementRow) -> range:
    """Return on which days a movement may be pending that is booked by a row, or the reverse."""
    day = row.booking_date.toordinal()
    first = day if row.pending else day - BOOKING_TAKES.days
    return range(first, first + BOOKING_TAKES.days + 1)


def _all_alike(near: Sequence[dict[str, _Alike]]) -> bool:
    """Tell whether there are some, and all have one text."""
    return len({text for alike in near for text in islice(alike, 2)}) == 1


def _first(alike: _Alike) -> Held:
    return next(iter(alike.values()))
