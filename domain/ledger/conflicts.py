"""Conflicts: a row with the bank's id of a transaction that it contradicts. Both were entered."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.ledger.entities import Leg
from domain.ledger.events import ConflictDecided
from domain.shared.events import Actor
from domain.shared.ids import TransactionId, UserId


class ConflictDecision(StrEnum):
    """Which of two transactions stays: the one that was added, the existing one, or both."""

    ADDED = "added"
    EXISTING = "existing"
    BOTH = "both"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A transaction that was added, and the existing one whose id it has."""

    user_id: UserId
    added: Leg
    existing: Leg

    @property
    def id(self) -> TransactionId:
        """The id of a conflict is that of the transaction that was added."""
        return self.added.transaction_id

    def loser(self, decision: ConflictDecision) -> TransactionId | None:
        """Return the transaction that does not stay, if there is one."""
        if decision is ConflictDecision.BOTH:
            return None
        leg = self.existing if decision is ConflictDecision.ADDED else self.added
        return leg.transaction_id

    def decided(self, decision: ConflictDecision, *, at: datetime) -> ConflictDecided:
        """Return the event that its user decided about it."""
        return ConflictDecided(
            subject_id=self.id,
            actor=Actor.user(self.user_id),
            occurred_at=at,
            decision=decision.value,
            existing_id=self.existing.transaction_id,
        )
