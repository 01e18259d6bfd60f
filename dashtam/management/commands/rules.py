"""List a user's rules, and preview, apply and undo them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from rich.text import Text

from dashtam.application.ledger.apply_rules import ApplyRules, PreviewRules
from dashtam.application.ledger.rule_applications import ListRuleApplications, UndoRuleApplication
from dashtam.application.ledger.rules import ListRules
from dashtam.console import console, expect, listing_table
from dashtam.container import container
from dashtam.management.people import AddAction, UserCommand
from domain.ledger.rule_effects import RuleEffect
from domain.ledger.rules import Paths
from domain.shared.ids import RuleApplicationId, RuleId, UserId
from domain.shared.pages import DEFAULT_PAGE_SIZE


class Command(UserCommand):
    """Does what the API does at `/rules`, with the same names."""

    help = "List a user's rules, see what they would do to the past, do it, and undo it."

    def add_actions(self, add: AddAction) -> None:
        add("list", _list, "list the rules, and where they were applied last")
        for name, act, text in (
            ("preview", _preview, "show what rules would do to the past"),
            ("apply", _apply, "apply rules to the past"),
        ):
            which = "a rule; all that are enabled by default"
            adding = add(name, act, text)
            adding.add_argument("--rule-id", type=UUID, action="append", metavar="ID", help=which)
        undoing = add("undo", _undo, "undo an application, except where something newer was said")
        undoing.add_argument("application_id", type=UUID, metavar="ID")


async def _list(user_id: UserId, options: Mapping[str, Any]) -> None:
    rules = listing_table("Rules", "Id", "Position", "Name", "Enabled")
    for rule in expect(await container.use(ListRules)(user_id=user_id)):
        is_enabled = "yes" if rule.enabled else "no"
        rules.add_row(str(rule.id), str(rule.position), Text(rule.name), is_enabled)
    console.print(rules)
    page = await container.use(ListRuleApplications)(
        user_id=user_id, after=None, limit=DEFAULT_PAGE_SIZE
    )
    applications = listing_table(
        "Applications", "Id", "Applied", "Import", "Transactions", "Undone"
    )
    for each in expect(page).items:
        times = (f"{at:%Y-%m-%d %H:%M}" if at else "" for at in (each.applied_at, each.undone_at))
        applied, undone = times
        numbers = str(each.import_id or ""), str(each.transactions)
        applications.add_row(str(each.id), applied, *numbers, undone)
    console.print(applications)


async def _preview(user_id: UserId, options: Mapping[str, Any]) -> None:
    preview = expect(
        await container.use(PreviewRules)(user_id=user_id, rule_ids=_rule_ids(options))
    )
    table = listing_table(
        "Latest changes", "Day", "Amount", "Description", "Category", "Payee", "Tags"
    )
    for effect in preview.effects:
        table.add_row(*_shown(effect, preview.paths))
    console.print(table)
    console.print(f"{preview.changed} transactions would change. Nothing was changed.")


async def _apply(user_id: UserId, options: Mapping[str, Any]) -> None:
    done = expect(await container.use(ApplyRules)(user_id=user_id, rule_ids=_rule_ids(options)))
    console.print(f"{done.transactions} transactions were changed by the application {done.id}.")


async def _undo(user_id: UserId, options: Mapping[str, Any]) -> None:
    undone = expect(
        await container.use(UndoRuleApplication)(
            rule_application_id=RuleApplicationId(options["application_id"]), user_id=user_id
        )
    )
    newer = f"{undone.changed_since} have something newer"
    console.print(f"{undone.restored} transactions were restored; {newer}.")


def _rule_ids(options: Mapping[str, Any]) -> set[RuleId] | None:
    return set(map(RuleId, options["rule_id"])) if options["rule_id"] else None


def _shown(effect: RuleEffect, paths: Paths) -> tuple[str | Text, ...]:
    its = effect.transaction
    category = paths[effect.category_id] if effect.category_id else ""
    texts = its.description, category, effect.payee_name, " ".join(effect.tags)
    return str(its.booking_date), f"{its.amount:f} {its.currency}", *map(Text, texts)
