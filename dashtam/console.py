"""What commands share: the origin of their work, and how results are shown.

Texts from elsewhere are shown literally (`Text`), because they may look like rich's markup.
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
from domain.ledger.balances import DailyBalance
from domain.ledger.entities import Transaction
from domain.ledger.imports import StatementImport
from domain.ledger.values import LedgerReconciliation, MatchResult
from domain.shared.errors import DomainError
from domain.shared.money import Money
from domain.shared.result import Failure, Result

console = Console()

T = TypeVar("T")


def set_command_origin(command: str) -> Origin:
    """Mark everything that follows as the work of this command, with a new trace id."""
    came_from = Origin(trace_id=secrets.token_hex(16), user_agent=f"manage.py {command}")
    origin.set(came_from)
    return came_from


def listing_table(title: str, *heads: str) -> Table:
    """Return an empty table for a narrow terminal, too: only its first column is never broken."""
    table = Table(*heads, title=title, title_justify="left")
    for column in table.columns:
        # Names are broken, and none is cut.
        column.overflow = "fold"
    table.columns[0].no_wrap = True
    return table


def imports_table(title: str) -> Table:
    """Return an empty table for files and the results of their imports."""
    return Table("File", "Result", "Rows", title=title, title_justify="left")


def import_row(name: str, result: Result[StatementImport, DomainError]) -> tuple[str | Text, ...]:
    """Return the table's row for one file."""
    if isinstance(result, Failure):
        return Text(name), f"[red]refused:[/red] {result.error.detail}", ""
    done = result.value
    if done.error:
        return Text(name), f"[red]refused:[/red] {done.error.detail}", ""
    if done.is_waiting:
        return Text(name), "waiting", ""
    if done.is_resubmitted:
        return Text(name), "already imported", ""
    counts = {
        **{each.value: getattr(done, each) for each in MatchResult},
        "quarantined": len(done.quarantined),
        "unread positions": len(done.unread_holdings),
    }
    changed = done.new + done.updates + done.conflict
    outcome = "[green]imported[/green]" if changed else "nothing new"
    unbalanced = [
        stretch_text(each.ledger) for each in done.statements if each.ledger.is_unbalanced
    ]
    if unbalanced:
        outcome = f"{outcome}, [red]ledger unbalanced:[/red] {'; '.join(unbalanced)}"
    counts_text = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    return Text(name), outcome, counts_text or "none"


def stretch_text(ledger: LedgerReconciliation) -> str:
    """Return by how much the ledger is short of a balance, and on which days."""
    return f"{ledger.difference}, {ledger.first_day} – {ledger.last_day}"


def accounts_table(accounts: Sequence[AccountOverview]) -> Table:
    table = Table("Account", "Kind", "Institution", title="Accounts", title_justify="left")
    table.add_column("Balance", justify="right")
    table.add_column("Rests on")
    table.add_column("Ledger")
    for overview in accounts:
        account, balance, found = overview.account, overview.balance, overview.reconciliation
        stated = balance_texts(balance)
        state = found.state if found else ""
        table.add_row(Text(account.name), account.kind, Text(account.institution), *stated, state)
    return table


def balance_texts(balance: DailyBalance | None) -> tuple[str, str]:
    """Return an amount, and the day of the stated balance that it rests on."""
    if balance is None or balance.amount is None:
        return "unknown", ""
    return str(Money(balance.amount, balance.currency)), str(balance.stated_on)


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
    """Return the value of a success; a failure ends the command with its message."""
    if isinstance(result, Failure):
        raise CommandError(result.error.detail)
    return result.value
