"""Preview rules, and apply them to the past."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.ledger.locking import lock_accounts
from dashtam.application.ledger.rules import CheckRule, RuleError
from dashtam.application.use_case import UseCase
from domain.ledger.actions import RULES_APPLIED, RULES_PREVIEWED
from domain.ledger.errors import RuleNotFound
from domain.ledger.ports import (
    AccountRepository,
    CategoryRepository,
    ImportRepository,
    RuleApplicationRepository,
    RuleRepository,
)
from domain.ledger.rule_effects import (
    Examination,
    RuleApplication,
    RulesPreview,
    examine,
)
from domain.ledger.rules import Paths, Rule, RuleChanges
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, ResourceType
from domain.shared.ids import (
    RuleApplicationId,
    RuleId,
    TransactionId,
    UserId,
    new_id,
)
from domain.shared.result import Failure, Result, Success

#: How many transactions are examined at once.
PAGE = 10_000
Use = Callable[[Examination], Awaitable[Result[object, Unavailable]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRules:
    """Examines transactions, and has what rules do to them used: counted, or written."""

    rule_applications: RuleApplicationRepository

    async def __call__(
        self, rules: Sequence[Rule], use: Use, *, owner: UserId
    ) -> Result[None, Unavailable]:
        after: TransactionId | None = None
        while True:
            page = await self.rule_applications.examined(owner=owner, after=after, limit=PAGE)
            if isinstance(page, Failure):
                return page
            used = await use(await asyncio.to_thread(examine, rules, page.value))
            if isinstance(used, Failure):
                return used
            if len(page.value) < PAGE:
                return Success(None)
            after = page.value[-1].id


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewRules(UseCase):
    """Find what rules would do to the past; only an audit entry is stored.

    They are rules that are said, or stored ones, as `ApplyRules` chooses them.
    """

    imports: ImportRepository
    rules: RuleRepository
    categories: CategoryRepository
    check_rule: CheckRule
    run_rules: RunRules

    @audit_failures("rules.preview", ResourceType.RULE)
    @retry_on_conflict
    async def __call__(
        self,
        *,
        user_id: UserId,
        said: Sequence[RuleChanges] | None = None,
        rule_ids: Collection[RuleId] | None = None,
    ) -> Result[RulesPreview, RuleNotFound | RuleError]:
        async with self.unit_of_work(owner=user_id) as uow:
            preview = await self._preview(said, rule_ids, user_id)
            if isinstance(preview, Failure):
                return preview
            await uow.commit(
                RULES_PREVIEWED.record(
                    subject_id=None,
                    actor=Actor.user(user_id),
                    occurred_at=self.clock.now(),
                    rules=len(preview.value.rules),
                    transactions=preview.value.changed,
                )
            )
        return preview

    async def _preview(
        self,
        said: Sequence[RuleChanges] | None,
        rule_ids: Collection[RuleId] | None,
        user_id: UserId,
    ) -> Result[RulesPreview, RuleNotFound | RuleError]:
        begun = await self.imports.allow_long_transaction()
        if isinstance(begun, Failure):
            return begun
        chosen: Result[list[Rule], RuleNotFound | RuleError]
        if said is None:
            chosen = await _chosen(self.rules, rule_ids, user_id)
        else:
            chosen = await self._made(said, user_id)
        return chosen if isinstance(chosen, Failure) else await self._run(chosen.value, user_id)

    async def _run(
        self, rules: Sequence[Rule], user_id: UserId
    ) -> Result[RulesPreview, Unavailable]:
        known = await self.categories.all(owner=user_id)
        if isinstance(known, Failure):
            return known
        preview = RulesPreview(rules, {each.id: each.path for each in known.value})

        async def count(found: Examination) -> Result[None, Unavailable]:
            preview.add(found)
            return Success(None)

        counted = await self.run_rules(rules, count, owner=user_id)
        return counted if isinstance(counted, Failure) else Success(preview)

    async def _made(
        self, said: Sequence[RuleChanges], user_id: UserId
    ) -> Result[list[Rule], RuleError]:
        """Return rules that are not stored."""
        made: list[Rule] = []
        for position, each in enumerate(said, 1):
            rule = Rule.create(each, id=RuleId(new_id()), user_id=user_id, position=position)
            checked = rule if isinstance(rule, Failure) else await self.check_rule(rule.value)
            if isinstance(checked, Failure):
                return checked
            made.append(checked.value)
        return Success(made)


async def _chosen(
    rules: RuleRepository, rule_ids: Collection[RuleId] | None, owner: UserId
) -> Result[list[Rule], RuleNotFound | Unavailable]:
    """Return the rules with these ids, enabled or not, or else all that are enabled."""
    listed = await rules.all(owner=owner)
    if isinstance(listed, Failure):
        return listed
    if rule_ids is None:
        return Success([rule for rule in listed.value if rule.enabled])
    if not set(rule_ids) <= {rule.id for rule in listed.value}:
        return Failure(RuleNotFound())
    return Success([rule for rule in listed.value if rule.id in rule_ids])


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyRules(UseCase):
    """Apply rules to the past: the enabled ones, or those that are named."""

    accounts: AccountRepository
    categories: CategoryRepository
    imports: ImportRepository
    rules: RuleRepository
    rule_applications: RuleApplicationRepository
    run_rules: RunRules

    @audit_failures("rules.apply", ResourceType.RULE_APPLICATION)
    @retry_on_conflict
    async def __call__(
        self, *, user_id: UserId, rule_ids: Collection[RuleId] | None = None
    ) -> Result[RuleApplication, RuleNotFound | Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            chosen = await self._locked(rule_ids, user_id)
            if isinstance(chosen, Failure):
                return chosen
            applied = await self._apply(chosen.value, user_id)
            if isinstance(applied, Failure):
                return applied
            await uow.commit(
                RULES_APPLIED.record(
                    subject_id=applied.value.id,
                    actor=Actor.user(user_id),
                    occurred_at=applied.value.applied_at,
                    rules=len(chosen.value),
                    transactions=applied.value.transactions,
                )
            )
        return applied

    async def _locked(
        self, rule_ids: Collection[RuleId] | None, user_id: UserId
    ) -> Result[list[Rule], RuleNotFound | Unavailable]:
        """Lock all accounts, as imports do, and return the rules to apply."""
        begun = await self.imports.allow_long_transaction(steps=True)
        if isinstance(begun, Failure):
            return begun
        locked = await lock_accounts(self.accounts, user_id)
        if isinstance(locked, Failure):
            return locked
        return await _chosen(self.rules, rule_ids, user_id)

    async def _apply(
        self, rules: Sequence[Rule], owner: UserId
    ) -> Result[RuleApplication, Unavailable]:
        # Categories before transactions, as everybody locks them.
        known = await self.categories.lock_all(owner=owner)
        if isinstance(known, Failure):
            return known
        paths: Paths = {each.id: each.path for each in known.value}
        application_id, counts = RuleApplicationId(new_id()), list[int]()

        async def write(found: Examination) -> Result[int, Unavailable]:
            written = await self.rule_applications.write(
                application_id, found.effects, paths, owner=owner
            )
            if isinstance(written, Success):
                counts.append(written.value)
            return written

        done = await self.run_rules(rules, write, owner=owner)
        if isinstance(done, Failure):
            return done
        application = RuleApplication(
            id=application_id,
            user_id=owner,
            import_id=None,
            applied_at=self.clock.now(),
            transactions=sum(counts),
        )
        added = await self.rule_applications.add(application)
        return added if isinstance(added, Failure) else Success(application)
