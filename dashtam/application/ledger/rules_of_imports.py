"""The rules that imports apply to what they add."""

from dataclasses import dataclass

from domain.ledger.ports import CategoryRepository, RuleApplicationRepository, RuleRepository
from domain.ledger.rule_effects import NO_RULES, ImportRules, RuleApplication, of_import
from domain.shared.errors import Unavailable
from domain.shared.ids import ImportId, UserId
from domain.shared.ports import Clock
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesOfImports:
    """Finds the rules that an import applies, once its accounts are locked."""

    clock: Clock
    rules: RuleRepository
    categories: CategoryRepository
    rule_applications: RuleApplicationRepository

    async def __call__(self, owner: UserId) -> Result[ImportRules, Unavailable]:
        listed = await self.rules.all(owner=owner)
        if isinstance(listed, Failure):
            return listed
        enabled = [rule for rule in listed.value if rule.enabled]
        if not enabled:
            return Success(NO_RULES)
        known = await self.categories.lock_all(owner=owner)
        if isinstance(known, Failure):
            return known
        return Success(ImportRules(enabled, {each.id: each.path for each in known.value}))

    async def complete(self, import_id: ImportId, owner: UserId) -> Result[None, Unavailable]:
        """Record that rules were applied, if they have changed anything."""
        application = RuleApplication(
            id=of_import(import_id),
            user_id=owner,
            import_id=import_id,
            applied_at=self.clock.now(),
        )
        return await self.rule_applications.add_of_import(application)
