"""What commands share: where their work comes from, and how results are shown.

Texts from elsewhere are shown as they are (`Text`): they may look like rich's markup.
"""

import secrets
from collections.abc import Sequence
from typing import TypeVar

from django.core.management import CommandError
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dashtam.application.ledger.accounts import AccountOverview
from domain.audit.entities import AuditEntry
from domain.audit.origin import Origin, origin
from domain.ledger.entities import (
    Transaction,
)
from domain.ledger.imports import StatementImport
from domain.ledger.values import MatchResult
from domain.shared.errors import DomainError
from domain.shared.result import Failure, Result

console = Console()

T = TypeVar("T")


def work_from(command: str) -> Origin:
    """Mark all that follows as the work of this command, under a trace id of its own."""
    came_from = Origin(trace_id=secrets.token_hex(16), user_agent=f"manage.py {command}")
    origin.set(came_from)
    return came_from


def imports_table(title: str) -> Table:
    """Return an empty table of files and what became of them."""
    return Table("File", "MatchResult", "Rows", title=title, title_justify="left")


def import_row(name: str, result: Result[StatementImport, DomainError]) -> tuple[str | Text, ...]:
    """Return one file's row of the table."""
    if isinstance(result, Failure):
        return Text(name), f"[red]refused:[/red] {result.error.detail}", ""
    done = result.value
    if done.error:
        return Text(name), f"[red]refused:[/red] {done.error.detail}", ""
    if done.is_waiting:
        return Text(name), "waiting", ""
    counts = {
        **{each.value: getattr(done, each) for each in MatchResult},
        "quarantined": len(done.quarantined),
        "unread positions": len(done.unread_holdings),
    }
    changed = done.new + done.updates + done.conflict
    said = "[green]imported[/green]" if changed else "nothing new"
    told = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    return Text(name), said, told or "none"


def accounts_table(accounts: Sequence[AccountOverview]) -> Table:
    table = Table("Account", "Kind", "Institution", title="Accounts", title_justify="left")
    table.add_column("Balance", justify="right")
    table.add_column("As of")
    for overview in accounts:
        account, balance = overview.account, overview.balance
        stated = (str(balance.money), str(balance.day)) if balance else ("unknown", "")
        table.add_row(account.masked_number, account.kind, Text(account.institution), *stated)
    return table


def transactions_table(transactions: Sequence[Transaction]) -> Table:
    table = Table(
        "Booked", "Kind", "Description", title="Latest transactions", title_justify="left"
    )
    table.add_column("Amount", justify="right")
    for transaction in transactions:
        booked, amount = str(transaction.booking_date), str(transaction.amount)
        table.add_row(booked, transaction.kind, Text(transaction.description), amount)
    return table


def audit_table(entries: Sequence[AuditEntry]) -> Table:
    table = Table("When", "Who", "What", "On", "Outcome", title="Audit trail of this run")
    table.title_justify = "left"
    for entry in entries:
        when, subject = f"{entry.occurred_at:%H:%M:%S}", str(entry.resource_id or "")[-12:]
        resource = f"{entry.resource} {subject}"
        table.add_row(when, entry.actor.kind, entry.action, resource, entry.result)
    return table


def expect(result: Result[T, DomainError]) -> T:
    """Return what came of a step, or end the command with what went wrong."""
    if isinstance(result, Failure):
        raise CommandError(result.error.detail)
    return result.value
