"""What becomes of each row of a statement, given what the account holds already.

A row whose identity is known is that transaction. A booked row may be what a pending one has
become: the bank says so by its id, or it is the only one of its amount within the days that
booking takes.
Where several could be meant and differ in their text, nothing is guessed: both stay.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from domain.ledger.identity import Identity, normalised
from domain.ledger.values import StatementRow
from domain.shared.ids import TransactionId
from domain.shared.money import Money

#: How long after a pending movement it may be booked.
BOOKING_TAKES = timedelta(days=10)


class Removal(StrEnum):
    """Why a transaction is not in the ledger any more: for good, or until its file comes again."""

    DELETED = "deleted"
    UNDONE = "undone"


class Verdict(StrEnum):
    """What becomes of a row.

    New; already there; the booking of one that was pending; new under an id that is taken; or one
    that its owner has deleted, and which stays so.
    """

    NEW = "new"
    SAME = "same"
    UPDATES = "updates"
    CONFLICT = "conflict"
    DELETED = "deleted"


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


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict, and which transaction the row is; none where it becomes one of its own.

    It is another stage where the transaction was not known by the row's identity before.
    """

    verdict: Verdict
    held: Held | None = None
    other_stage: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the account holds that bears on the rows of one statement.

    `candidates` are transactions that an unknown row may be another stage of: pending ones, and
    booked ones where the statement has pending rows.
    """

    known: Mapping[Identity, Held]
    provider_ids: Collection[str]
    candidates: Sequence[Held] = ()


def decide(
    rows: Sequence[StatementRow], identities: Sequence[Identity], evidence: Evidence
) -> list[Decision]:
    """Judge each row."""
    stages = _Stages(rows, identities, evidence)
    taken = set(evidence.provider_ids)
    decisions = []
    for row, identity in zip(rows, identities, strict=True):
        decisions.append(_judge(row, evidence.known.get(identity), stages, taken))
        if row.provider_id:
            taken.add(row.provider_id)
    return decisions


def _judge(
    row: StatementRow, known: Held | None, stages: "_Stages", taken: Collection[str]
) -> Decision:
    if known and known.removal is Removal.DELETED:
        return Decision(Verdict.DELETED, known)
    if known and known.removal is None:
        booked = known.pending and not row.pending
        return Decision(Verdict.UPDATES if booked else Verdict.SAME, known)
    other = stages.other(row)
    if other:
        return Decision(_verdict_of_stage(row, other), other, other_stage=True)
    verdict = Verdict.CONFLICT if row.provider_id in taken else Verdict.NEW
    # What was undone comes back as itself.
    return Decision(verdict, known)


def _verdict_of_stage(row: StatementRow, other: Held) -> Verdict:
    if other.removal is Removal.DELETED:
        return Verdict.DELETED
    return Verdict.SAME if row.pending else Verdict.UPDATES


class _Stages:
    """Pairs unknown rows with what is held of them at the other stage, each at most once."""

    def __init__(
        self, rows: Sequence[StatementRow], identities: Sequence[Identity], evidence: Evidence
    ) -> None:
        # What the statement tells at the stage it is held at has not come to another.
        present = {evidence.known[each].id for each in identities if each in evidence.known}
        self._free = [held for held in evidence.candidates if held.id not in present]
        unknown = [
            row
            for row, identity in zip(rows, identities, strict=True)
            if is_open(evidence.known.get(identity))
        ]
        self._claims = Counter((row.amount, row.pending) for row in unknown)

    def other(self, row: StatementRow) -> Held | None:
        """Return the same movement at its other stage, and do not give it away again."""
        found = self._by_id(row) or self._by_amount(row)
        if found:
            self._free.remove(found)
            self._claims[row.amount, row.pending] -= 1
        return found

    def _by_id(self, row: StatementRow) -> Held | None:
        if not row.provider_id:
            return None
        near = (held for held in self._free if _is_other_stage(row, held))
        return _earliest(held for held in near if held.provider_id == row.provider_id)

    def _by_amount(self, row: StatementRow) -> Held | None:
        near = [held for held in self._free if _is_other_stage(row, held)]
        near = [held for held in near if held.amount == row.amount]
        texts = {held.text for held in near}
        alike = [held for held in near if held.text == normalised(row.description)]
        if alike:
            return _earliest(alike)
        if row.pending or len(texts) != 1 or self._claims[row.amount, row.pending] > len(near):
            return None
        return _earliest(near)


def is_open(known: Held | None) -> bool:
    """Tell whether a row of this identity has no transaction that counts yet."""
    return known is None or known.removal is Removal.UNDONE


def _is_other_stage(row: StatementRow, held: Held) -> bool:
    """Tell whether the two may be one movement by their days: once pending and once booked."""
    if held.pending == row.pending:
        return False
    first, last = row.booking_date, held.booking_date
    if held.pending:
        first, last = last, first
    return timedelta(0) <= last - first <= BOOKING_TAKES


def _earliest(candidates: Iterable[Held]) -> Held | None:
    return min(candidates, key=lambda held: (held.booking_date, held.id), default=None)
