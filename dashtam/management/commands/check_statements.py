"""Check whether a user's statements add up and follow on from one another."""

import asyncio
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.table import Table
from rich.text import Text

from dashtam.application.ledger.accounts import ListAccounts
from dashtam.application.ledger.statements import ShowContinuity
from dashtam.console import console, expect, set_command_origin
from dashtam.container import container
from dashtam.management.people import find_user
from domain.ledger.continuity import Continuity, Discrepancy, DiscrepancyKind, ImportedStatement
from domain.ledger.entities import Account


class Command(BaseCommand):
    """Prints what is missing.

    Exits with 1 if there is a gap, if a statement does not add up, or if the ledger does not agree
    with a balance.
    """

    help = "Check whether a user's statements add up and follow on from one another."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user", required=True, metavar="EMAIL", help="the user's email")

    def handle(self, *, user: str, **options: Any) -> None:
        set_command_origin("check_statements")
        checked = asyncio.run(_check(user))
        console.print(_accounts(checked))
        found = _findings(checked)
        if found.row_count:
            console.print(found)
        broken = [continuity for _, continuity in checked if not continuity.is_intact]
        if broken:
            gaps = sum(each.gaps for each in broken)
            failing = sum(len(each.unbalanced) for each in broken)
            unbalanced = sum(len(each.ledger_unbalanced) for each in broken)
            raise CommandError(
                f"Gaps: {gaps}; statements that do not add up: {failing}; "
                f"balances that the ledger does not agree with: {unbalanced}."
            )


async def _check(email: str) -> list[tuple[Account, Continuity]]:
    user_id = await find_user(email)
    accounts = [each.account for each in expect(await container.use(ListAccounts)(user_id=user_id))]
    checked = []
    for account in accounts:
        shown = await container.use(ShowContinuity)(account_id=account.id, user_id=user_id)
        checked.append((account, expect(shown)))
    await container.drain()
    return checked


def _accounts(checked: list[tuple[Account, Continuity]]) -> Table:
    counts = ("Statements", "Links", "Gaps", "Overlaps", "Failing", "Unbalanced", "Unknown")
    table = Table("Account", title="Statements", title_justify="left")
    for count in counts:
        table.add_column(count, justify="right")
    for account, continuity in checked:
        overlaps = len(continuity.discrepancies) - continuity.gaps
        figures = (
            continuity.statements,
            continuity.linked,
            continuity.gaps,
            overlaps,
            len(continuity.unbalanced),
            len(continuity.ledger_unbalanced),
        )
        table.add_row(Text(account.name), *map(str, (*figures, continuity.unknown)))
    return table


def _findings(checked: list[tuple[Account, Continuity]]) -> Table:
    table = Table("Account", "What", "Days", "Difference", "Numbers", title="Findings")
    table.title_justify = "left"
    for account, continuity in checked:
        for each in continuity.discrepancies:
            table.add_row(Text(account.name), *_break(each))
        for statement in continuity.unbalanced:
            table.add_row(Text(account.name), *_failing(statement))
        for statement in continuity.ledger_unbalanced:
            table.add_row(Text(account.name), *_unbalanced(statement))
    return table


def _break(found: Discrepancy) -> tuple[str | Text, ...]:
    what = "[red]gap[/red]" if found.kind is DiscrepancyKind.GAP else "overlap"
    numbers = ", ".join(found.missing) or f"{_number(found.before)} → {_number(found.after)}"
    days = f"{found.first_day} – {found.last_day}"
    return what, days, str(found.difference or ""), Text(numbers)


def _failing(statement: ImportedStatement) -> tuple[str | Text, ...]:
    return "[red]does not add up[/red]", str(statement.day), "", Text(_number(statement))


def _unbalanced(statement: ImportedStatement) -> tuple[str | Text, ...]:
    ledger = statement.outcome.ledger
    days = f"{ledger.first_day} – {ledger.last_day}"
    number = Text(_number(statement))
    return "[red]ledger unbalanced[/red]", days, str(ledger.difference), number


def _number(statement: ImportedStatement) -> str:
    return statement.outcome.number or "?"
