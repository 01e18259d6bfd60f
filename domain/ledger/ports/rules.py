"""The ports for rules and their applications. All rows are of one owner."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.ledger.errors import RuleApplicationNotFound, RuleNotFound
from domain.ledger.rule_effects import (
    AppliedEffect,
    ExaminedTransaction,
    RuleApplication,
    RuleEffect,
    Undoing,
)
from domain.ledger.rules import Paths, Rule
from domain.shared.errors import Unavailable
from domain.shared.ids import RuleApplicationId, RuleId, TransactionId, UserId
from domain.shared.pages import IdPage
from domain.shared.result import Result


class RuleRepository(Protocol):
    """The rules of users."""

    async def all(self, *, owner: UserId) -> Result[Sequence[Rule], Unavailable]:
        """List a user's rules in their order."""

    async def get(
        self, rule_id: RuleId, *, owner: UserId
    ) -> Result[Rule, RuleNotFound | Unavailable]: ...

    async def add(self, rule: Rule) -> Result[None, Unavailable]: ...

    async def change(self, rule: Rule) -> Result[None, RuleNotFound | Unavailable]:
        """Store everything about a rule but its position."""

    async def arrange(self, rules: Sequence[Rule], *, owner: UserId) -> Result[None, Unavailable]:
        """Store the positions of rules."""

    async def delete(self, rule: Rule) -> Result[None, RuleNotFound | Unavailable]: ...


class RuleApplicationRepository(Protocol):
    """Applications of rules, and the transactions that they look at and change."""

    async def examined(
        self, *, owner: UserId, after: TransactionId | None, limit: int
    ) -> Result[Sequence[ExaminedTransaction], Unavailable]:
        """List a user's transactions as rules see them, by id."""

    async def write(
        self,
        application_id: RuleApplicationId,
        effects: Sequence[RuleEffect],
        paths: Paths,
        *,
        owner: UserId,
    ) -> Result[int, Unavailable]:
        """Change transactions and record what was set; return how many.

        Those that somebody else has changed since they were examined are left as they are.
        """

    async def record_effects(
        self, application_id: RuleApplicationId, effects: Sequence[RuleEffect], *, owner: UserId
    ) -> Result[None, Unavailable]:
        """Record what was set of transactions that were inserted with it."""

    async def add(self, application: RuleApplication) -> Result[None, Unavailable]: ...

    async def add_of_import(self, application: RuleApplication) -> Result[None, Unavailable]:
        """Store an application with the number of effects recorded, unless there are none."""

    async def page(
        self, *, owner: UserId, after: RuleApplicationId | None, limit: int
    ) -> Result[IdPage[RuleApplication], Unavailable]:
        """List up to `limit` applications, latest first."""

    async def get(
        self, application_id: RuleApplicationId, *, owner: UserId
    ) -> Result[RuleApplication, RuleApplicationNotFound | Unavailable]: ...

    async def lock(
        self, application_id: RuleApplicationId, *, owner: UserId
    ) -> Result[RuleApplication, RuleApplicationNotFound | Unavailable]: ...

    async def effects(
        self,
        application_id: RuleApplicationId,
        *,
        owner: UserId,
        after: TransactionId | None,
        limit: int,
    ) -> Result[IdPage[AppliedEffect], Unavailable]:
        """List up to `limit` of what an application has set, by the transactions' ids."""

    async def undo(
        self, application: RuleApplication, *, at: datetime
    ) -> Result[Undoing, Unavailable]:
        """Undo an application.

        A category or a name of a payee that it set, and that is still there, becomes what the other
        applications say, or else the imports, or none. Tags that it added are removed.
        """
