"""Read a statement file and show what is in it. Writes nothing, and needs no database."""

import json
import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.table import Table
from rich.text import Text

from dashtam.application.ledger.read_statement import ReadStatement
from dashtam.console import console
from dashtam.container import container
from dashtam.management.hints import add_hints, answers_wanted, hints_of
from dashtam.management.profiles import profile_document, profile_table
from domain.ledger.errors import HintNeeded
from domain.ledger.kinds import BalanceKind
from domain.ledger.values import (
    QuarantinedRow,
    StatedHolding,
    Statement,
    StatementFile,
    StatementRow,
    masked,
)
from domain.shared.money import Money
from domain.shared.result import Failure


class Command(BaseCommand):
    """Shows every row that would be imported, and every row that would not, with the reason."""

    help = "Read a statement file and show what is in it; writes nothing."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--format", choices=["table", "json"], default="table")
        add_hints(parser)

    def handle(self, *, file: Path, format: str, **options: Any) -> None:
        read = container.use(ReadStatement)(_content(file), hints_of(options))
        if isinstance(read, Failure):
            if format == "json" and isinstance(read.error, HintNeeded):
                self.stdout.write(json.dumps(read.error.members(), ensure_ascii=False, indent=2))
            raise CommandError("\n".join([read.error.detail, *answers_wanted(read.error)]))
        with _writing():
            if format == "json":
                self.stdout.write(json.dumps(_document(read.value), ensure_ascii=False, indent=2))
            else:
                _show(read.value)


@contextmanager
def _writing() -> Iterator[None]:
    """Report in a line if the output fails: a closed pipe, a full disk, an old charset."""
    try:
        yield
        sys.stdout.flush()
    except (OSError, UnicodeError):
        # Drop the buffer, which would fail again when the process ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise CommandError("The output cannot be written.") from None


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            # One byte more than allowed shows that there are too many.
            return file.read(container.use(ReadStatement).max_file_bytes + 1)
    except OSError as error:
        raise CommandError(f"The file cannot be read: {error.strerror}.") from None


def _document(file: StatementFile) -> dict[str, Any]:
    unread = {"unread_holdings": _reasons(file.unread_holdings)} if file.unread_holdings else {}
    found = {"csv_profile": profile_document(file.csv_profile)} if file.csv_profile else {}
    return {
        "format": file.format,
        "statements": [_statement(statement) for statement in file.statements],
        "quarantined": _reasons(file.quarantined),
        **unread,
        **found,
    }


def _reasons(rows: Sequence[QuarantinedRow]) -> list[dict[str, Any]]:
    return [{"line": row.line, "reason": row.reason} for row in rows]


def _statement(statement: Statement) -> dict[str, Any]:
    opening = statement.balance(BalanceKind.OPENING)
    closing = statement.balance(BalanceKind.BOOKED)
    account = statement.account
    return {
        "account": {"id": account.number, "kind": account.kind, "currency": account.currency},
        "number": statement.number,
        "first_day": _day(statement.first_day),
        "last_day": _day(statement.last_day),
        "opening_balance": opening.money.digits if opening else None,
        "closing_balance": closing.money.digits if closing else None,
        "closing_date": _day(closing.day if closing else None),
        "reconciliation": statement.reconciliation,
        "rows": [_row(row) for row in statement.rows],
        "holdings_date": _day(statement.holdings_day),
        "holdings": [_holding(holding) for holding in statement.holdings],
    }


def _holding(holding: StatedHolding) -> dict[str, Any]:
    security = holding.security
    return {
        "security": {
            "scheme": security.scheme,
            "number": security.number,
            "name": security.name,
            "ticker": security.ticker,
        },
        "date": holding.day.isoformat(),
        "quantity": _plain(holding.quantity),
        "price": _money(holding.price),
        "value": _money(holding.value),
        "cost_basis": _money(holding.cost_basis),
        "line": holding.line,
    }


def _money(money: Money | None) -> dict[str, str] | None:
    return {"amount": money.digits, "currency": money.currency} if money else None


def _plain(quantity: Decimal) -> str:
    return f"{quantity.normalize() + 0:f}"


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _row(row: StatementRow) -> dict[str, Any]:
    return {
        "id": row.provider_id,
        "date": row.booking_date.isoformat(),
        "amount": row.amount.digits,
        "currency": row.amount.currency,
        "kind": row.kind,
        "description": row.description,
        "pending": row.pending,
        "line": row.line,
    }


def _show(file: StatementFile) -> None:
    if file.csv_profile:
        console.print(profile_table(file.csv_profile))
    for statement in file.statements:
        console.print(_table(statement))
        if statement.holdings:
            console.print(_holdings(statement))
    _show_reasons("Quarantined", file.quarantined)
    _show_reasons("Positions that cannot be read", file.unread_holdings)
    if file.is_empty:
        console.print("The file does not contain an account statement.")


def _show_reasons(title: str, rows: Sequence[QuarantinedRow]) -> None:
    if not rows:
        return
    table = Table("Line", "Reason", title=title, title_justify="left")
    for row in rows:
        table.add_row(str(row.line), row.reason)
    console.print(table)


def _table(statement: Statement) -> Table:
    table = Table("Line", "Booked", "Kind", "Description", title_justify="left")
    table.add_column("Amount", justify="right")
    # What a bank wrote is shown literally, even if it looks like markup.
    table.title = Text(_title(statement), style="table.title")
    for row in statement.rows:
        booked, amount = str(row.booking_date), str(row.amount)
        table.add_row(str(row.line), booked, row.kind, Text(row.description), amount)
    return table


def _title(statement: Statement) -> str:
    account = statement.account
    days = [_day(statement.first_day) or "…", _day(statement.last_day) or "…"]
    opening = _balance(statement, BalanceKind.OPENING)
    closing = _balance(statement, BalanceKind.BOOKED)
    about = f"{account.kind} {masked(account.number)}"
    about += f", statement {statement.number}" if statement.number else ""
    about += f", {' to '.join(days)}" if days != ["…", "…"] else ""
    return (
        f"{about}: opening {opening}, balance {closing}, reconciliation {statement.reconciliation}"
    )


def _balance(statement: Statement, kind: BalanceKind) -> str:
    stated = statement.balance(kind)
    return f"{stated.money} on {stated.day}" if stated else "not stated"


def _holdings(statement: Statement) -> Table:
    table = Table("Line", title="Positions", title_justify="left")
    table.add_column("Day", no_wrap=True)
    for title in ("Security", "Name"):
        table.add_column(title, overflow="fold")
    for title in ("Quantity", "Price", "Value"):
        table.add_column(title, justify="right", overflow="fold")
    for holding in statement.holdings:
        security = holding.security
        worth = [str(money) if money else "" for money in (holding.price, holding.value)]
        table.add_row(
            str(holding.line),
            str(holding.day),
            Text(f"{security.scheme} {security.number}"),
            Text(security.name or security.ticker),
            _plain(holding.quantity),
            *worth,
        )
    return table
