"""Rules: which transactions they are about, and what they set."""

from http import HTTPStatus
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from dashtam.api.http import Body, Changes, read, refuse_query
from dashtam.api.ledger.parameters import READ_TRANSACTIONS, WRITE_TRANSACTIONS
from dashtam.api.ledger.transaction_bodies import Tag, WrittenAmount
from dashtam.api.ledger.values import exact
from dashtam.api.problems import unwrap
from dashtam.api.responses import ListResponse, Response, no_content, respond, respond_in_thread
from dashtam.api.session import CallerView
from dashtam.application.ledger.rules import AddRule, ChangeRule, DeleteRule, ListRules, ShowRule
from domain.ledger.rules import (
    MAX_ACCOUNTS,
    MAX_CONDITIONS,
    MAX_NAME,
    MAX_PAYEE_NAME,
    MAX_RULE_TAGS,
    MAX_RULES,
    MAX_TEXT,
    AccountCondition,
    AmountCondition,
    Comparison,
    Condition,
    Direction,
    Rule,
    RuleChanges,
    TextCondition,
    TextField,
)
from domain.shared.ids import AccountId, CategoryId, RuleId

#: What a condition says of each field, and whether it has to.
_TEXT_PARTS = {"comparison": True, "value": True}
_PARTS = {
    "payee": _TEXT_PARTS,
    "text": _TEXT_PARTS,
    "amount": dict.fromkeys(("at_least", "at_most", "direction", "currency"), False),
    "account": {"account_ids": True},
}


class ConditionBody(Body):
    """A condition: a text compares so with a value, or which amounts, or which accounts.

    Amounts are without their sign.
    """

    field: Literal["payee", "text", "amount", "account"]
    comparison: Comparison | None = None
    value: Annotated[str, Field(min_length=1, max_length=MAX_TEXT)] | None = None
    at_least: WrittenAmount | None = None
    at_most: WrittenAmount | None = None
    direction: Direction | None = None
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$", max_length=3)] | None = None
    account_ids: Annotated[list[UUID], Field(min_length=1, max_length=MAX_ACCOUNTS)] | None = None

    def condition(self) -> Condition:
        if self.field == "amount":
            return AmountCondition(**self.model_dump(include=set(_PARTS["amount"])))
        if self.field == "account":
            ids = map(AccountId, set(self.account_ids or ()))
            return AccountCondition(account_ids=tuple(sorted(ids)))
        assert self.comparison
        assert self.value
        return TextCondition(
            where=TextField(self.field), comparison=self.comparison, value=self.value
        )

    @model_validator(mode="after")
    def _fits_its_field(self) -> Self:
        parts = _PARTS[self.field]
        said = {name for name in self.model_fields_set if getattr(self, name) is not None}
        if said - {"field"} - parts.keys() or {each for each in parts if parts[each]} - said:
            needed = ", ".join(parts)
            raise PydanticCustomError("condition", f"A condition on {self.field} has: {needed}")
        return self


Name = Annotated[str, Field(min_length=1, max_length=2 * MAX_NAME)]
Conditions = Annotated[list[ConditionBody], Field(min_length=1, max_length=MAX_CONDITIONS)]
Tags = Annotated[list[Tag], Field(max_length=MAX_RULE_TAGS)]
PayeeName = Annotated[str, Field(max_length=MAX_PAYEE_NAME)]
Position = Annotated[int, Field(ge=1, le=MAX_RULES)]


class RuleRequest(Body):
    """A rule: conditions that must all hold, and what it sets then."""

    name: Name
    enabled: bool = True
    conditions: Conditions
    category_id: UUID | None = None
    tags: Tags = []
    payee_name: PayeeName = ""

    @property
    def said(self) -> RuleChanges:
        return _said(self, self.model_fields_set)


class AddRuleRequest(RuleRequest):
    """A rule, and its place in the order; without one, it is the last."""

    position: Position | None = None


class ChangeRuleRequest(Changes):
    """What changes of a rule; a category of null is none."""

    name: Name | None = None
    position: Position | None = None
    enabled: bool | None = None
    conditions: Conditions | None = None
    category_id: UUID | None = None
    tags: Tags | None = None
    payee_name: PayeeName | None = None

    @field_validator("*", mode="before")
    @classmethod
    def _is_not_null(cls, value: Any, info: ValidationInfo) -> Any:
        if value is None and info.field_name != "category_id":
            raise PydanticCustomError("null", "Send something empty to clear this, not null")
        return value

    @property
    def said(self) -> RuleChanges:
        return _said(self, self.model_fields_set)


def _said(body: RuleRequest | ChangeRuleRequest, given: set[str]) -> RuleChanges:
    """Return the fields that were given, as the domain has them."""
    said = RuleChanges()
    if body.name is not None:
        said["name"] = body.name
    if body.enabled is not None:
        said["enabled"] = body.enabled
    if body.conditions is not None:
        said["conditions"] = tuple(each.condition() for each in body.conditions)
    if "category_id" in given:
        said["category_id"] = CategoryId(body.category_id) if body.category_id else None
    if body.tags is not None:
        said["tags"] = tuple(body.tags)
    if body.payee_name is not None:
        said["payee_name"] = body.payee_name
    return said


class ConditionResponse(Response):
    """A condition, as it is sent; what does not belong to its field is null."""

    field: Literal["payee", "text", "amount", "account"]
    comparison: Comparison | None = None
    value: str | None = None
    at_least: str | None = None
    at_most: str | None = None
    direction: Direction | None = None
    currency: str | None = None
    account_ids: list[UUID] | None = None

    @classmethod
    def of(cls, condition: Condition) -> Self:
        match condition:
            case TextCondition(where=where, comparison=comparison, value=value):
                return cls(field=where.value, comparison=comparison, value=value)
            case AmountCondition(direction=direction, currency=currency):
                return cls(
                    field="amount",
                    at_least=exact(condition.at_least),
                    at_most=exact(condition.at_most),
                    direction=direction,
                    currency=currency,
                )
            case AccountCondition(account_ids=ids):
                return cls(field="account", account_ids=list(ids))


class RuleResponse(Response):
    """A rule; `position` is its place in the order, from 1."""

    id: UUID
    name: str
    position: int
    enabled: bool
    conditions: list[ConditionResponse]
    category_id: UUID | None
    tags: list[str]
    payee_name: str
    version: int

    @classmethod
    def of(cls, rule: Rule) -> Self:
        conditions = [ConditionResponse.of(each) for each in rule.conditions]
        return cls.copy_from(rule, conditions=conditions, tags=list(rule.tags))


class RulesView(CallerView):
    """The rules of a user."""

    scopes = {"get": READ_TRANSACTIONS, "post": WRITE_TRANSACTIONS}
    list_rules: ListRules
    add_rule: AddRule

    async def get(self, request: HttpRequest) -> HttpResponse:
        """List them in their order."""
        refuse_query(request)
        rules = unwrap(await self.list_rules(user_id=self.caller.user_id))
        return await respond_in_thread(ListResponse[RuleResponse].of, rules, RuleResponse.of)

    async def post(self, request: HttpRequest) -> HttpResponse:
        """Add a rule; it applies to imports from now on."""
        body = await read(request, AddRuleRequest)
        added = unwrap(
            await self.add_rule(body.said, user_id=self.caller.user_id, position=body.position)
        )
        return respond(RuleResponse.of(added), HTTPStatus.CREATED, location=f"rules/{added.id}")


class RuleView(CallerView):
    """One rule."""

    scopes = {"get": READ_TRANSACTIONS, "patch": WRITE_TRANSACTIONS, "delete": WRITE_TRANSACTIONS}
    show_rule: ShowRule
    change_rule: ChangeRule
    delete_rule: DeleteRule

    async def get(self, request: HttpRequest, rule_id: UUID) -> HttpResponse:
        """Show a rule."""
        refuse_query(request)
        rule = await self.show_rule(rule_id=RuleId(rule_id), user_id=self.caller.user_id)
        return respond(RuleResponse.of(unwrap(rule)))

    async def patch(self, request: HttpRequest, rule_id: UUID) -> HttpResponse:
        """Change a rule, or its place in the order; what it has set stays as it is."""
        body = await read(request, ChangeRuleRequest)
        changed = await self.change_rule(
            body.said,
            rule_id=RuleId(rule_id),
            user_id=self.caller.user_id,
            position=body.position,
        )
        return respond(RuleResponse.of(unwrap(changed)))

    async def delete(self, request: HttpRequest, rule_id: UUID) -> HttpResponse:
        """Delete a rule; what it has set stays."""
        unwrap(await self.delete_rule(rule_id=RuleId(rule_id), user_id=self.caller.user_id))
        return no_content()
