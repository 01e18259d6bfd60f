"""Rules, and their conditions as documents."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Never

from pydantic import TypeAdapter

from adapters.persistence.database import UsesDatabase, in_database
from adapters.persistence.ledger.models import RuleModel
from adapters.persistence.mapping import entity_of
from domain.ledger.errors import RuleNotFound
from domain.ledger.rules import AccountCondition, AmountCondition, Condition, Rule, TextCondition
from domain.shared.ids import RuleId, UserId
from domain.shared.result import Failure, Result, Success

_MISSING = RuleNotFound()


class DjangoRuleRepository(UsesDatabase):
    """`RuleRepository` on the Django ORM."""

    @in_database
    def all(self, *, owner: UserId) -> Result[Sequence[Rule], Never]:
        rows = RuleModel.objects.filter(user_id=owner).order_by("position", "id")
        return Success([_entity(row) for row in rows])

    @in_database
    def get(self, rule_id: RuleId, *, owner: UserId) -> Result[Rule, RuleNotFound]:
        row = RuleModel.objects.filter(id=rule_id, user_id=owner).first()
        return Success(_entity(row)) if row else Failure(_MISSING)

    @in_database
    def add(self, rule: Rule) -> Result[None, Never]:
        RuleModel.objects.create(
            id=rule.id, user_id=rule.user_id, position=rule.position, **_columns(rule)
        )
        return Success(None)

    @in_database
    def change(self, rule: Rule) -> Result[None, RuleNotFound]:
        mine = RuleModel.objects.filter(id=rule.id, user_id=rule.user_id)
        return Success(None) if mine.update(**_columns(rule)) else Failure(_MISSING)

    @in_database
    def arrange(self, rules: Sequence[Rule], *, owner: UserId) -> Result[None, Never]:
        mine = RuleModel.objects.filter(user_id=owner)
        known = dict(mine.values_list("id", "position"))
        for rule in sorted(rules, key=lambda each: each.id):
            if known.get(rule.id) != rule.position:
                mine.filter(id=rule.id).update(position=rule.position)
        return Success(None)

    @in_database
    def delete(self, rule: Rule) -> Result[None, RuleNotFound]:
        deleted, _ = RuleModel.objects.filter(id=rule.id, user_id=rule.user_id).delete()
        return Success(None) if deleted else Failure(_MISSING)


def _columns(rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "conditions": document_of(rule.conditions),
        "category_id": rule.category_id,
        "tags": list(rule.tags),
        "payee_name": rule.payee_name,
        "enabled": rule.enabled,
        "version": rule.version,
    }


def _entity(row: RuleModel) -> Rule:
    return entity_of(Rule, row, conditions=conditions_of(row.conditions), tags=tuple(row.tags))


_KINDS: Mapping[str, TypeAdapter[Condition]] = {
    "text": TypeAdapter(TextCondition),
    "amount": TypeAdapter(AmountCondition),
    "account": TypeAdapter(AccountCondition),
}
_NAMES = {TextCondition: "text", AmountCondition: "amount", AccountCondition: "account"}


def document_of(conditions: Iterable[Condition]) -> list[dict[str, Any]]:
    """Return conditions as a JSON document."""
    named = ((_NAMES[type(each)], each) for each in conditions)
    return [{"kind": kind, **_KINDS[kind].dump_python(each, mode="json")} for kind, each in named]


def conditions_of(document: Iterable[Mapping[str, Any]]) -> tuple[Condition, ...]:
    return tuple(
        _KINDS[each["kind"]].validate_python({k: v for k, v in each.items() if k != "kind"})
        for each in document
    )
