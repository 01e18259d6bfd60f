"""Rules and their applications in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from domain.ledger.allocations import CategorySource
from domain.ledger.entities import Transaction
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
from domain.shared.ids import (
    CategoryId,
    RuleApplicationId,
    RuleId,
    TransactionId,
    UserId,
)
from domain.shared.pages import IdPage
from domain.shared.result import Failure, Result, Success
from tests.fakes import Store, one, owned


class InMemoryRuleRepository:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def all(self, *, owner: UserId) -> Result[Sequence[Rule], Unavailable]:
        mine = [each for each in self._store.rules.values() if each.user_id == owner]
        return Success(sorted(mine, key=lambda rule: (rule.position, rule.id)))

    async def get(
        self, rule_id: RuleId, *, owner: UserId
    ) -> Result[Rule, RuleNotFound | Unavailable]:
        return one(owned(self._store.rules.get(rule_id), owner), RuleNotFound())

    async def add(self, rule: Rule) -> Result[None, Unavailable]:
        self._store.rules[rule.id] = rule
        return Success(None)

    async def change(self, rule: Rule) -> Result[None, RuleNotFound | Unavailable]:
        found = await self.get(rule.id, owner=rule.user_id)
        if isinstance(found, Failure):
            return found
        self._store.rules[rule.id] = replace(rule, position=found.value.position)
        return Success(None)

    async def arrange(self, rules: Sequence[Rule], *, owner: UserId) -> Result[None, Unavailable]:
        for each in rules:
            if known := owned(self._store.rules.get(each.id), owner):
                self._store.rules[each.id] = replace(known, position=each.position)
        return Success(None)

    async def delete(self, rule: Rule) -> Result[None, RuleNotFound | Unavailable]:
        found = await self.get(rule.id, owner=rule.user_id)
        if isinstance(found, Failure):
            return found
        del self._store.rules[rule.id]
        return Success(None)


class InMemoryRuleApplicationRepository:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def examined(
        self, *, owner: UserId, after: TransactionId | None, limit: int
    ) -> Result[Sequence[ExaminedTransaction], Unavailable]:
        return Success(self._examined(owner, after, limit))

    async def write(
        self,
        application_id: RuleApplicationId,
        effects: Sequence[RuleEffect],
        paths: Paths,
        *,
        owner: UserId,
    ) -> Result[int, Unavailable]:
        for effect in effects:
            row = self._store.transactions[effect.transaction.id]
            self._store.transactions[row.id] = effect.on(row, paths)
        await self.record_effects(application_id, effects, owner=owner)
        return Success(len(effects))

    async def record_effects(
        self, application_id: RuleApplicationId, effects: Sequence[RuleEffect], *, owner: UserId
    ) -> Result[None, Unavailable]:
        more = [
            AppliedEffect(
                transaction_id=effect.transaction.id,
                rule_ids=effect.rule_ids,
                category_id=effect.category_id,
                payee_name=effect.payee_name,
                tags=effect.tags,
            )
            for effect in effects
        ]
        self._store.rule_effects = [
            *self._store.rule_effects,
            *((application_id, each) for each in more),
        ]
        return Success(None)

    async def add_of_import(self, application: RuleApplication) -> Result[None, Unavailable]:
        count = len(self._of(application.id))
        if count == 0:
            return Success(None)
        return await self.add(replace(application, transactions=count))

    async def add(self, application: RuleApplication) -> Result[None, Unavailable]:
        self._store.rule_applications[application.id] = application
        return Success(None)

    async def page(
        self, *, owner: UserId, after: RuleApplicationId | None, limit: int
    ) -> Result[IdPage[RuleApplication], Unavailable]:
        mine = [
            each
            for each in self._store.rule_applications.values()
            if each.user_id == owner and (after is None or each.id < after)
        ]
        mine.sort(key=lambda each: each.id, reverse=True)
        return Success(IdPage.of(mine[: limit + 1], limit))

    async def get(
        self, application_id: RuleApplicationId, *, owner: UserId
    ) -> Result[RuleApplication, RuleApplicationNotFound | Unavailable]:
        found = owned(self._store.rule_applications.get(application_id), owner)
        return one(found, RuleApplicationNotFound())

    async def lock(
        self, application_id: RuleApplicationId, *, owner: UserId
    ) -> Result[RuleApplication, RuleApplicationNotFound | Unavailable]:
        return await self.get(application_id, owner=owner)

    async def effects(
        self,
        application_id: RuleApplicationId,
        *,
        owner: UserId,
        after: TransactionId | None,
        limit: int,
    ) -> Result[IdPage[AppliedEffect], Unavailable]:
        its = [
            each
            for each in self._of(application_id)
            if self._store.transactions[each.transaction_id].user_id == owner
            and (after is None or each.transaction_id > after)
        ]
        its.sort(key=lambda each: each.transaction_id)
        return Success(IdPage.of(its[: limit + 1], limit))

    async def undo(
        self, application: RuleApplication, *, at: datetime
    ) -> Result[Undoing, Unavailable]:
        self._store.rule_applications[application.id] = replace(application, undone_at=at)
        restored = changed_since = 0
        for effect in self._of(application.id):
            row = self._store.transactions[effect.transaction_id]
            now = (row.category_source, row.category_id)
            has_category = now == (CategorySource.RULE, effect.category_id)
            has_payee = bool(effect.payee_name) and row.payee_name == effect.payee_name
            changed_since += (effect.category_id is not None and not has_category) or (
                effect.payee_name != "" and not has_payee
            )
            undone = self._without(row, effect, has_category=has_category, has_payee=has_payee)
            restored += undone != row
            self._store.transactions[row.id] = undone
        return Success(Undoing(restored=restored, changed_since=changed_since))

    def _without(
        self, row: Transaction, effect: AppliedEffect, *, has_category: bool, has_payee: bool
    ) -> Transaction:
        others = [each for each in self._active() if each.transaction_id == row.id]
        if has_payee:
            names = [each.payee_name for each in others if each.payee_name]
            row = replace(row, payee_name=names[-1] if names else "")
        if has_category:
            ruled = [each.category_id for each in others if each.category_id]
            said = ruled[-1] if ruled else self._stated(row)
            source = CategorySource.RULE if ruled else CategorySource.IMPORT
            row = _sorted(row, said, source if said else None, self._paths())
        return replace(row, tags=tuple(tag for tag in row.tags if tag not in effect.tags))

    def _stated(self, row: Transaction) -> CategoryId | None:
        for source, each in sorted(self._store.stated_categories, key=lambda pair: pair[0]):
            done = self._store.imports.get(source)
            if each.transaction_id == row.id and done and not done.undone_at:
                return each.category_id
        return None

    def _paths(self) -> Paths:
        known = self._store.categories
        return {
            each.id: replace(each, parent_name=known[each.parent_id].name).path
            if each.parent_id
            else each.path
            for each in known.values()
        }

    def _of(self, application_id: RuleApplicationId) -> list[AppliedEffect]:
        return [each for of, each in self._store.rule_effects if of == application_id]

    def _active(self) -> list[AppliedEffect]:
        """Return what applications say that were not undone; one may have no row yet."""
        known = self._store.rule_applications
        return [
            each
            for of, each in self._store.rule_effects
            if of not in known or known[of].undone_at is None
        ]

    def _examined(
        self, owner: UserId, after: TransactionId | None, limit: int
    ) -> list[ExaminedTransaction]:
        rows = [
            row
            for row in self._store.transactions.values()
            if row.user_id == owner and not row.removal and (after is None or row.id > after)
        ]
        return [self._seen(row) for row in sorted(rows, key=lambda row: row.id)[:limit]]

    def _seen(self, row: Transaction) -> ExaminedTransaction:
        added = [each.tags for each in self._active() if each.transaction_id == row.id]
        refused = tuple(tag for tags in added for tag in tags)
        return ExaminedTransaction.of(row, refused)


def _sorted(
    row: Transaction, category_id: CategoryId | None, source: CategorySource | None, paths: Paths
) -> Transaction:
    path = paths[category_id] if category_id else ""
    return replace(row, category_id=category_id, category=path, category_source=source)
