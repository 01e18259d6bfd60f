"""List, add, change and delete rules."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.query import audited_query, count
from dashtam.application.use_case import UseCase
from domain.ledger.actions import RULE_ADDED, RULE_CHANGED, RULE_DELETED, RULE_VIEWED, RULES_VIEWED
from domain.ledger.errors import (
    AccountNotFound,
    CategoryNotFound,
    InvalidRule,
    RuleNotFound,
    TooManyRules,
)
from domain.ledger.ports import AccountRepository, CategoryRepository, RuleRepository
from domain.ledger.rules import MAX_RULES, Rule, RuleChanges, arranged, numbered, used_accounts
from domain.ledger.tags import InvalidTags
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, ResourceType
from domain.shared.ids import RuleId, UserId, new_id
from domain.shared.result import Failure, Result, Success

RuleError = InvalidRule | InvalidTags | CategoryNotFound | AccountNotFound | Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRule:
    """Makes sure that what a rule names is its user's.

    The category is locked, in the unit of work of the caller, so that nobody deletes it meanwhile.
    """

    accounts: AccountRepository
    categories: CategoryRepository

    async def __call__(self, rule: Rule) -> Result[Rule, RuleError]:
        if rule.category_id:
            category = await self.categories.lock(rule.category_id, owner=rule.user_id, shared=True)
            if isinstance(category, Failure):
                return category
        named = used_accounts(rule.conditions)
        if not named:
            return Success(rule)
        accounts = await self.accounts.all(owner=rule.user_id)
        if isinstance(accounts, Failure):
            return accounts
        is_known = named <= {each.id for each in accounts.value}
        return Success(rule) if is_known else Failure(AccountNotFound())


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRules(UseCase):
    """List a user's rules in their order: there are never very many."""

    rules: RuleRepository

    @audited_query("rules.view", RULES_VIEWED, count)
    async def __call__(self, *, user_id: UserId) -> Result[Sequence[Rule], Unavailable]:
        return await self.rules.all(owner=user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowRule(UseCase):
    """Show one rule."""

    rules: RuleRepository

    @audited_query("rule.view", RULE_VIEWED)
    async def __call__(
        self, *, rule_id: RuleId, user_id: UserId
    ) -> Result[Rule, RuleNotFound | Unavailable]:
        return await self.rules.get(rule_id, owner=user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddRule(UseCase):
    """Add a rule, at a position or as the last one."""

    rules: RuleRepository
    check_rule: CheckRule

    @audit_failures("rule.add", ResourceType.RULE)
    @retry_on_conflict
    async def __call__(
        self, said: RuleChanges, *, user_id: UserId, position: int | None = None
    ) -> Result[Rule, RuleError | TooManyRules]:
        made = Rule.create(said, id=RuleId(new_id()), user_id=user_id, position=MAX_RULES)
        if isinstance(made, Failure):
            return made
        async with self.unit_of_work(owner=user_id) as uow:
            added = await self._add(made.value, position)
            if isinstance(added, Failure):
                return added
            await uow.commit(
                RULE_ADDED.record(
                    subject_id=made.value.id,
                    actor=Actor.user(user_id),
                    occurred_at=self.clock.now(),
                )
            )
        return added

    async def _add(
        self, rule: Rule, position: int | None
    ) -> Result[Rule, RuleError | TooManyRules]:
        checked = await self.check_rule(rule)
        if isinstance(checked, Failure):
            return checked
        others = await self.rules.all(owner=rule.user_id)
        if isinstance(others, Failure):
            return others
        if len(others.value) >= MAX_RULES:
            text = f"You may have at most {MAX_RULES} rules. Delete one first."
            return Failure(TooManyRules(text))
        added = await self.rules.add(rule)
        if isinstance(added, Failure):
            return added
        return await place(self.rules, others.value, rule, position)


async def place(
    rules: RuleRepository, others: Sequence[Rule], rule: Rule, position: int | None
) -> Result[Rule, Unavailable]:
    """Put a rule at a position among all of its user, or at the end; return it with that."""
    order = arranged(others, rule, position)
    placed = await rules.arrange(order, owner=rule.user_id)
    if isinstance(placed, Failure):
        return placed
    return Success(next(each for each in order if each.id == rule.id))


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRule(UseCase):
    """Change a rule, or its place in the order; what it has set stays as it is."""

    rules: RuleRepository
    check_rule: CheckRule

    @audit_failures("rule.change", ResourceType.RULE)
    @retry_on_conflict
    async def __call__(
        self,
        said: RuleChanges,
        *,
        rule_id: RuleId,
        user_id: UserId,
        position: int | None = None,
    ) -> Result[Rule, RuleNotFound | RuleError]:
        async with self.unit_of_work(owner=user_id) as uow:
            changed = await self._changed(rule_id, user_id, said, position)
            if isinstance(changed, Failure):
                return changed
            await uow.commit(
                RULE_CHANGED.record(
                    subject_id=rule_id,
                    actor=Actor.user(user_id),
                    occurred_at=self.clock.now(),
                    fields=tuple(sorted({*said, *(["position"] if position else [])})),
                )
            )
        return changed

    async def _changed(
        self, rule_id: RuleId, owner: UserId, said: RuleChanges, position: int | None
    ) -> Result[Rule, RuleNotFound | RuleError]:
        found = await self.rules.get(rule_id, owner=owner)
        if isinstance(found, Failure):
            return found
        changed = await self._store(found.value, said) if said else found
        if isinstance(changed, Failure) or position is None:
            return changed
        others = await self.rules.all(owner=owner)
        if isinstance(others, Failure):
            return others
        return await place(self.rules, others.value, changed.value, position)

    async def _store(self, rule: Rule, said: RuleChanges) -> Result[Rule, RuleNotFound | RuleError]:
        changed = rule.change(said)
        if isinstance(changed, Failure):
            return changed
        checked = await self.check_rule(changed.value)
        if isinstance(checked, Failure):
            return checked
        stored = await self.rules.change(changed.value)
        return stored if isinstance(stored, Failure) else checked


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteRule(UseCase):
    """Delete a rule; what it has set stays, and can be undone."""

    rules: RuleRepository

    @audit_failures("rule.delete", ResourceType.RULE)
    @retry_on_conflict
    async def __call__(
        self, *, rule_id: RuleId, user_id: UserId
    ) -> Result[None, RuleNotFound | Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            found = await self.rules.get(rule_id, owner=user_id)
            if isinstance(found, Failure):
                return found
            deleted = await self._delete(found.value)
            if isinstance(deleted, Failure):
                return deleted
            await uow.commit(
                RULE_DELETED.record(
                    subject_id=rule_id, actor=Actor.user(user_id), occurred_at=self.clock.now()
                )
            )
        return Success(None)

    async def _delete(self, rule: Rule) -> Result[None, RuleNotFound | Unavailable]:
        """Delete a rule; those after it move up."""
        deleted = await self.rules.delete(rule)
        if isinstance(deleted, Failure):
            return deleted
        others = await self.rules.all(owner=rule.user_id)
        if isinstance(others, Failure):
            return others
        return await self.rules.arrange(numbered(others.value), owner=rule.user_id)
