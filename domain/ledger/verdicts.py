"""What becomes of each row of a statement, given what the account holds already.

A row whose identity is known is that transaction. A booked row may be what a pending one has
become: the bank says so by its id, or it is the only one of its amount within the days that
booking takes.
Where several could be meant and differ in their text, nothing is guessed: both stay.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.ledger.identity import Identity
from domain.ledger.stages import BOOKING_TAKES, Held, OtherStages, Removal
from domain.ledger.values import StatementRow

__all__ = [
    "BOOKING_TAKES",
    "Decision",
    "Evidence",
    "Held",
    "Removal",
    "Verdict",
    "decide",
    "is_open",
]


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
    stages = _stages(rows, identities, evidence)
    taken = set(evidence.provider_ids)
    decisions = []
    for row, identity in zip(rows, identities, strict=True):
        decisions.append(_judge(row, evidence.known.get(identity), stages, taken))
        if row.provider_id:
            taken.add(row.provider_id)
    return decisions


def _judge(
    row: StatementRow, known: Held | None, stages: OtherStages, taken: Collection[str]
) -> Decision:
    if known and known.removal is Removal.DELETED:
        return Decision(Verdict.DELETED, known)
    if known and known.removal is None:
        booked = known.pending and not row.pending
        return Decision(Verdict.UPDATES if booked else Verdict.SAME, known)
    other = stages.take(row)
    if other:
        return Decision(_verdict_of_stage(row, other), other, other_stage=True)
    verdict = Verdict.CONFLICT if row.provider_id in taken else Verdict.NEW
    # What was undone comes back as itself.
    return Decision(verdict, known)


def _verdict_of_stage(row: StatementRow, other: Held) -> Verdict:
    if other.removal is Removal.DELETED:
        return Verdict.DELETED
    return Verdict.SAME if row.pending else Verdict.UPDATES


def _stages(
    rows: Sequence[StatementRow], identities: Sequence[Identity], evidence: Evidence
) -> OtherStages:
    """Return what unknown rows of the statement may be another stage of."""
    # What the statement tells at the stage it is held at has not come to another.
    present = {evidence.known[each].id for each in identities if each in evidence.known}
    unknown = (
        row
        for row, identity in zip(rows, identities, strict=True)
        if is_open(evidence.known.get(identity))
    )
    return OtherStages(unknown, (held for held in evidence.candidates if held.id not in present))


def is_open(known: Held | None) -> bool:
    """Tell whether a row of this identity has no transaction that counts yet."""
    return known is None or known.removal is Removal.UNDONE
