"""Suggested matches: two transactions of one account that may be the same, in other words."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self

from domain.ledger.entities import Leg
from domain.ledger.errors import MatchIsDecided, NotAMatch
from domain.ledger.events import MatchDecided
from domain.ledger.values import StatementRef
from domain.shared.events import Actor
from domain.shared.ids import MatchId, TransactionId, UserId
from domain.shared.result import Failure, Result, Success


class MatchDecision(StrEnum):
    """A user's decision about two transactions: they are the same, or they are not."""

    CONFIRMED = "confirmed"
    REFUSED = "refused"


class MatchStatus(StrEnum):
    """The status of a match: the user's decision, or a suggestion."""

    SUGGESTED = "suggested"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSuggestion:
    """A transaction that an import has added, and the one that it may be."""

    id: MatchId
    user_id: UserId
    added_id: TransactionId
    existing_id: TransactionId


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestedMatch:
    """A transaction that an import added, the one that it may be, and the user's decision.

    A decision is final: once two transactions are one, nothing tells them apart again.
    """

    id: MatchId
    user_id: UserId
    added: Leg
    existing: Leg
    status: MatchStatus = MatchStatus.SUGGESTED
    decided_at: datetime | None = None

    def decide(
        self,
        decision: MatchDecision,
        *,
        at: datetime,
        listed_together: Collection[StatementRef] = (),
    ) -> Result[tuple[Self, MatchDecided], MatchIsDecided | NotAMatch]:
        """Decide about a suggestion; `listed_together` are the statements that state both."""
        if self.status is not MatchStatus.SUGGESTED:
            return Failure(MatchIsDecided(f"You have already {self.status} this match for good."))
        if decision is MatchDecision.CONFIRMED:
            allowed = self._may_be_one(listed_together)
            if isinstance(allowed, Failure):
                return allowed
        decided = replace(self, status=MatchStatus(decision), decided_at=at)
        event = MatchDecided(
            subject_id=self.id,
            actor=Actor.user(self.user_id),
            occurred_at=at,
            decision=decision.value,
            added_id=self.added.transaction_id,
            existing_id=self.existing.transaction_id,
        )
        return Success((decided, event))

    def _may_be_one(self, listed_together: Collection[StatementRef]) -> Result[None, NotAMatch]:
        """Return why the two are certainly not the same, if so; either may have changed since."""
        if self.added.amount != self.existing.amount:
            return Failure(NotAMatch("The two amounts do not match."))
        if self.added.pending or self.existing.pending:
            return Failure(NotAMatch("Both transactions of a match must be booked."))
        if listed_together:
            return Failure(NotAMatch("One statement lists both transactions."))
        return Success(None)
