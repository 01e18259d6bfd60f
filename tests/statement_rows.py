"""Statements of an account as imports state them: name what matters, and use defaults."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from domain.ledger.continuity import ImportedStatement
from domain.ledger.entities import Account
from domain.ledger.imports import StatementImport, StatementOutcome
from domain.ledger.kinds import BalanceKind
from domain.ledger.values import Reconciliation, StatedBalance
from domain.shared.ids import AccountId, ImportId, StatementId, UserId, new_id
from domain.shared.money import Money
from tests.factories import make_import


def march(day: int) -> date:
    return date(2026, 3, day)


def stated(kind: BalanceKind, amount: str, day: int, currency: str = "EUR") -> StatedBalance:
    return StatedBalance(kind=kind, money=Money(Decimal(amount), currency), day=march(day))


def outcome(
    opens: tuple[str, int] | None = None,
    closes: tuple[str, int] | None = None,
    number: str = "",
    currency: str = "EUR",
    **changes: Any,
) -> StatementOutcome:
    """Return a statement that opens and closes with these amounts on these days of March."""
    opening = stated(BalanceKind.OPENING, *opens, currency) if opens else None
    closing = stated(BalanceKind.BOOKED, *closes, currency) if closes else None
    made = StatementOutcome(
        id=StatementId(new_id()),
        account_id=AccountId(new_id()),
        currency=currency,
        number=number,
        opening=opening,
        closing=closing,
        reconciliation=Reconciliation.BALANCED if opening and closing else Reconciliation.UNKNOWN,
        new=1,
        same=0,
        updates=0,
        conflict=0,
        deleted=0,
        balances=0,
        suggested=0,
    )
    return replace(made, **changes)


def imported(
    opens: tuple[str, int] | None = None,
    closes: tuple[str, int] | None = None,
    number: str = "",
    **changes: Any,
) -> ImportedStatement:
    """Return such a statement of an import of its own."""
    return ImportedStatement(ImportId(new_id()), outcome(opens, closes, number, **changes))


def day(on: int, opens: str, closes: str, **changes: Any) -> ImportedStatement:
    """Return the statement of one day, both of whose balances are of that day."""
    return imported((opens, on), (closes, on), **changes)


def covers(first: int, last: int, **changes: Any) -> ImportedStatement:
    """Return a statement without balances."""
    return imported(first_day=march(first), last_day=march(last), **changes)


def import_of(account: Account, *outcomes: StatementOutcome) -> StatementImport:
    """Return an import with these statements of the account."""
    done = make_import(UserId(account.user_id))
    return replace(done, statements=[replace(each, account_id=account.id) for each in outcomes])
