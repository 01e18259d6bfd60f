"""Rules at work: previewed, applied to the past, and undone."""

from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Any, Self
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from dashtam.api.http import Body, read, read_query, refuse_query
from dashtam.api.ledger.parameters import READ_TRANSACTIONS, WRITE_TRANSACTIONS, PageQuery
from dashtam.api.ledger.rules import RuleRequest
from dashtam.api.ledger.values import exact
from dashtam.api.problems import unwrap
from dashtam.api.responses import PageResponse, Response, respond, respond_in_thread
from dashtam.api.session import CallerView
from dashtam.application.ledger.apply_rules import ApplyRules, PreviewRules
from dashtam.application.ledger.rule_applications import (
    ListRuleApplications,
    ListRuleEffects,
    ShowRuleApplication,
    UndoRuleApplication,
)
from domain.ledger.rule_effects import (
    AppliedEffect,
    RuleApplication,
    RuleEffect,
    RulesPreview,
    Undoing,
)
from domain.ledger.rules import MAX_RULES, Paths
from domain.shared.ids import RuleApplicationId, RuleId, TransactionId

RuleIds = Annotated[list[UUID], Field(min_length=1, max_length=MAX_RULES)]


class PreviewRulesRequest(Body):
    """Rules to try: given, or stored ones by their ids; otherwise all that are enabled."""

    rules: Annotated[list[RuleRequest], Field(min_length=1, max_length=MAX_RULES)] | None = None
    rule_ids: RuleIds | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if self.rules is not None and self.rule_ids is not None:
            raise PydanticCustomError("rules", "Send rules or their ids, not both")
        return self


class ApplyRulesRequest(Body):
    """The rules to apply, enabled or not; otherwise all that are enabled."""

    rule_ids: RuleIds | None = None


class SortedResponse(Response):
    """What rules set of a transaction."""

    category_id: UUID | None
    category: str
    payee_name: str
    tags: list[str]


class PreviewedChangeResponse(Response):
    """A transaction that rules would change; `payee` and `description` are the bank's."""

    transaction_id: UUID
    account_id: UUID
    booking_date: date
    amount: str
    currency: str
    payee: str
    description: str
    rule_ids: list[UUID]
    before: SortedResponse
    after: SortedResponse

    @classmethod
    def of(cls, effect: RuleEffect, paths: Paths) -> Self:
        its = effect.transaction
        before = SortedResponse(
            category_id=its.category_id,
            category=its.category,
            payee_name=its.payee_name,
            tags=list(its.tags),
        )
        changed: dict[str, Any] = {"tags": list(effect.all_tags)}
        if effect.category_id:
            changed |= {"category_id": effect.category_id, "category": paths[effect.category_id]}
        if effect.payee_name:
            changed["payee_name"] = effect.payee_name
        return cls.copy_from(
            its,
            transaction_id=its.id,
            amount=exact(its.amount),
            rule_ids=list(effect.rule_ids),
            before=before,
            after=before.model_copy(update=changed),
        )


class PreviewedRuleResponse(Response):
    """For how many transactions a rule holds, and how many it would change.

    `rule_id` is null for a rule that was sent, at its place in the list.
    """

    rule_id: UUID | None
    name: str
    matched: int
    changed: int


class RulesPreviewResponse(Response):
    """How many transactions rules would change, and the latest of them."""

    changed: int
    categories: int
    tags: int
    payees: int
    rules: list[PreviewedRuleResponse]
    items: list[PreviewedChangeResponse]

    @classmethod
    def of(cls, preview: RulesPreview, *, stored: bool) -> Self:
        rules = [
            PreviewedRuleResponse(
                rule_id=rule.id if stored else None,
                name=rule.name,
                matched=preview.matched[rule.id],
                changed=preview.changed_by[rule.id],
            )
            for rule in preview.rules
        ]
        items = [PreviewedChangeResponse.of(each, preview.paths) for each in preview.effects]
        if not stored:
            items = [each.model_copy(update={"rule_ids": []}) for each in items]
        return cls.copy_from(preview, rules=rules, items=items)


class RuleApplicationResponse(Response):
    """Rules applied to the past, or to what an import has added, and how many they changed."""

    id: UUID
    import_id: UUID | None
    applied_at: datetime
    transactions: int
    undone_at: datetime | None

    @classmethod
    def of(cls, application: RuleApplication) -> Self:
        return cls.copy_from(application)


class RuleEffectResponse(Response):
    """What an application has set of a transaction; what it left as it was is null or empty."""

    transaction_id: UUID
    rule_ids: list[UUID]
    category_id: UUID | None
    payee_name: str
    tags: list[str]

    @classmethod
    def of(cls, effect: AppliedEffect) -> Self:
        return cls.copy_from(effect, rule_ids=list(effect.rule_ids), tags=list(effect.tags))


class UndoingResponse(Response):
    """How many transactions were restored, and how many have something newer, which stays."""

    restored: int
    changed_since: int

    @classmethod
    def of(cls, undoing: Undoing) -> Self:
        return cls.copy_from(undoing)


def _ids(given: list[UUID] | None) -> set[RuleId] | None:
    return None if given is None else set(map(RuleId, given))


class RulesPreviewView(CallerView):
    """What rules would do."""

    scopes = {"post": WRITE_TRANSACTIONS}
    preview_rules: PreviewRules

    async def post(self, request: HttpRequest) -> HttpResponse:
        """Show what rules would do to the past, without doing it."""
        body = await read(request, PreviewRulesRequest)
        said = None if body.rules is None else [each.said for each in body.rules]
        preview = unwrap(
            await self.preview_rules(
                user_id=self.caller.user_id, said=said, rule_ids=_ids(body.rule_ids)
            )
        )
        return await respond_in_thread(
            lambda: RulesPreviewResponse.of(preview, stored=said is None)
        )


class RuleApplicationsView(CallerView):
    """Applications of rules."""

    scopes = {"get": READ_TRANSACTIONS, "post": WRITE_TRANSACTIONS}
    list_rule_applications: ListRuleApplications
    apply_rules: ApplyRules

    async def get(self, request: HttpRequest) -> HttpResponse:
        """List a page of applications, latest first."""
        query = read_query(request, PageQuery)
        page = unwrap(
            await self.list_rule_applications(
                user_id=self.caller.user_id,
                after=query.after_id(RuleApplicationId),
                limit=query.limit,
            )
        )
        return respond(PageResponse[RuleApplicationResponse].of(page, RuleApplicationResponse.of))

    async def post(self, request: HttpRequest) -> HttpResponse:
        """Apply rules to the past."""
        body = await read(request, ApplyRulesRequest)
        done = unwrap(
            await self.apply_rules(user_id=self.caller.user_id, rule_ids=_ids(body.rule_ids))
        )
        return respond(
            RuleApplicationResponse.of(done),
            HTTPStatus.CREATED,
            location=f"rules/applications/{done.id}",
        )


class RuleApplicationView(CallerView):
    """One application of rules."""

    scopes = {"get": READ_TRANSACTIONS}
    show_rule_application: ShowRuleApplication

    async def get(self, request: HttpRequest, rule_application_id: UUID) -> HttpResponse:
        """Show an application."""
        refuse_query(request)
        found = await self.show_rule_application(
            rule_application_id=RuleApplicationId(rule_application_id),
            user_id=self.caller.user_id,
        )
        return respond(RuleApplicationResponse.of(unwrap(found)))


class RuleEffectsView(CallerView):
    """What an application of rules has set."""

    scopes = {"get": READ_TRANSACTIONS}
    list_rule_effects: ListRuleEffects

    async def get(self, request: HttpRequest, rule_application_id: UUID) -> HttpResponse:
        """List a page of the transactions that it changed, and what it set of each."""
        query = read_query(request, PageQuery)
        page = unwrap(
            await self.list_rule_effects(
                rule_application_id=RuleApplicationId(rule_application_id),
                user_id=self.caller.user_id,
                after=query.after_id(TransactionId),
                limit=query.limit,
            )
        )
        return respond(PageResponse[RuleEffectResponse].of(page, RuleEffectResponse.of))


class RuleApplicationUndoingView(CallerView):
    """The end of an application of rules."""

    scopes = {"post": WRITE_TRANSACTIONS}
    undo_rule_application: UndoRuleApplication

    async def post(self, request: HttpRequest, rule_application_id: UUID) -> HttpResponse:
        """Undo an application, except where something newer was said."""
        undone = await self.undo_rule_application(
            rule_application_id=RuleApplicationId(rule_application_id),
            user_id=self.caller.user_id,
        )
        return respond(UndoingResponse.of(unwrap(undone)))
