"""Look at applications of rules, and undo them."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.ledger.locking import lock_accounts
from dashtam.application.query import audited_query, count_items
from dashtam.application.use_case import UseCase
from domain.ledger.actions import (
    RULE_APPLICATION_UNDONE,
    RULE_APPLICATION_VIEWED,
    RULE_APPLICATIONS_VIEWED,
    RULE_EFFECTS_VIEWED,
)
from domain.ledger.errors import RuleApplicationIsUndone, RuleApplicationNotFound
from domain.ledger.ports import (
    AccountRepository,
    CategoryRepository,
    ImportRepository,
    RuleApplicationRepository,
)
from domain.ledger.rule_effects import (
    AppliedEffect,
    RuleApplication,
    Undoing,
)
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, ResourceType
from domain.shared.ids import RuleApplicationId, TransactionId, UserId
from domain.shared.pages import IdPage
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRuleApplications(UseCase):
    """List a page of a user's applications of rules, latest first."""

    rule_applications: RuleApplicationRepository

    @audited_query("rule_applications.view", RULE_APPLICATIONS_VIEWED, count_items)
    async def __call__(
        self, *, user_id: UserId, after: RuleApplicationId | None, limit: int
    ) -> Result[IdPage[RuleApplication], Unavailable]:
        return await self.rule_applications.page(owner=user_id, after=after, limit=limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowRuleApplication(UseCase):
    """Show one application of rules."""

    rule_applications: RuleApplicationRepository

    @audited_query("rule_application.view", RULE_APPLICATION_VIEWED)
    async def __call__(
        self, *, rule_application_id: RuleApplicationId, user_id: UserId
    ) -> Result[RuleApplication, RuleApplicationNotFound | Unavailable]:
        return await self.rule_applications.get(rule_application_id, owner=user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRuleEffects(UseCase):
    """List a page of what an application of rules has set."""

    rule_applications: RuleApplicationRepository

    @audited_query("rule_effects.view", RULE_EFFECTS_VIEWED, count_items)
    async def __call__(
        self,
        *,
        rule_application_id: RuleApplicationId,
        user_id: UserId,
        after: TransactionId | None,
        limit: int,
    ) -> Result[IdPage[AppliedEffect], RuleApplicationNotFound | Unavailable]:
        found = await self.rule_applications.get(rule_application_id, owner=user_id)
        if isinstance(found, Failure):
            return found
        return await self.rule_applications.effects(
            rule_application_id, owner=user_id, after=after, limit=limit
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoRuleApplication(UseCase):
    """Undo what rules have set, except where something newer was said."""

    accounts: AccountRepository
    imports: ImportRepository
    categories: CategoryRepository
    rule_applications: RuleApplicationRepository

    @audit_failures("rule_application.undo", ResourceType.RULE_APPLICATION)
    @retry_on_conflict
    async def __call__(
        self, *, rule_application_id: RuleApplicationId, user_id: UserId
    ) -> Result[Undoing, RuleApplicationNotFound | RuleApplicationIsUndone | Unavailable]:
        now = self.clock.now()
        async with self.unit_of_work(owner=user_id) as uow:
            found = await self._locked(rule_application_id, user_id)
            if isinstance(found, Failure):
                return found
            undone = await self.rule_applications.undo(found.value, at=now)
            if isinstance(undone, Failure):
                return undone
            await uow.commit(
                RULE_APPLICATION_UNDONE.record(
                    subject_id=rule_application_id,
                    actor=Actor.user(user_id),
                    occurred_at=now,
                    restored=undone.value.restored,
                    changed_since=undone.value.changed_since,
                )
            )
        return undone

    async def _locked(
        self, rule_application_id: RuleApplicationId, owner: UserId
    ) -> Result[RuleApplication, RuleApplicationNotFound | RuleApplicationIsUndone | Unavailable]:
        """Lock accounts, categories and the application, in this order, as others do."""
        begun = await self.imports.allow_long_transaction(steps=True)
        if isinstance(begun, Failure):
            return begun
        locked = await lock_accounts(self.accounts, owner)
        if isinstance(locked, Failure):
            return locked
        known = await self.categories.lock_all(owner=owner)
        if isinstance(known, Failure):
            return known
        found = await self.rule_applications.lock(rule_application_id, owner=owner)
        if isinstance(found, Success) and found.value.undone_at:
            return Failure(RuleApplicationIsUndone())
        return found
