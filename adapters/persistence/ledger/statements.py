"""Statements of accounts, and what became of their rows."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Never

from django.db import connection
from django.db.models import QuerySet, Value
from django.db.models.functions import Coalesce

from adapters.persistence.database import Database, in_database
from adapters.persistence.ledger.models import StatementModel
from domain.ledger.continuity import ImportedStatement
from domain.ledger.counterparts import NEAR_DAYS
from domain.ledger.evidence import Outline
from domain.ledger.imports import StatementImport, StatementOutcome
from domain.ledger.pending import BOOKING_TAKES
from domain.ledger.statement_numbers import Number
from domain.ledger.values import BalanceKind, Reconciliation, StatedBalance, StatementRef
from domain.shared.ids import AccountId, ImportId, StatementId, UserId
from domain.shared.money import Money
from domain.shared.pages import Cursor, Page
from domain.shared.result import Result, Success


def outcome_of(row: StatementModel) -> StatementOutcome:
    return StatementOutcome(
        id=StatementId(row.id),
        account_id=AccountId(row.account_id),
        currency=row.currency,
        report_type=row.report_type,
        number=row.number,
        first_day=row.first_day,
        last_day=row.last_day,
        opening=_balance(BalanceKind.OPENING, row.opening, row.opening_day, row.currency),
        closing=_balance(BalanceKind.BOOKED, row.closing, row.closing_day, row.currency),
        pending_day=row.pending_day,
        holdings_day=row.holdings_day,
        reconciliation=Reconciliation(row.reconciliation),
        new=row.new,
        same=row.same,
        updates=row.updates,
        conflict=row.conflict,
        deleted=row.deleted,
        balances=row.balances,
        suggested=row.suggested,
    )


def _balance(
    kind: BalanceKind, amount: Decimal | None, day: date | None, currency: str
) -> StatedBalance | None:
    if amount is None or day is None:
        return None
    return StatedBalance(kind=kind, money=Money(amount, currency), day=day)


def insert_statements(done: StatementImport) -> None:
    StatementModel.objects.bulk_create(
        _statement(outcome, place, done) for place, outcome in enumerate(done.statements, 1)
    )


def _statement(outcome: StatementOutcome, place: int, done: StatementImport) -> StatementModel:
    opening, closing = outcome.opening, outcome.closing
    return StatementModel(
        id=outcome.id,
        user_id=done.user_id,
        account_id=outcome.account_id,
        source_id=done.id,
        place=place,
        report_type=outcome.report_type,
        number=outcome.number,
        currency=outcome.currency,
        first_day=outcome.first_day,
        last_day=outcome.last_day,
        opening=opening.money.amount if opening else None,
        opening_day=opening.day if opening else None,
        closing=closing.money.amount if closing else None,
        closing_day=closing.day if closing else None,
        pending_day=outcome.pending_day,
        holdings_day=outcome.holdings_day,
        reconciliation=outcome.reconciliation,
        new=outcome.new,
        same=outcome.same,
        updates=outcome.updates,
        conflict=outcome.conflict,
        deleted=outcome.deleted,
        balances=outcome.balances,
        suggested=outcome.suggested,
    )


_DAY = Coalesce("closing_day", "last_day", "opening_day", "first_day", Value(date.min))


class DjangoStatementRepository:
    """`StatementRepository` on the Django ORM."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @in_database
    def all(
        self, account_id: AccountId, *, owner: UserId
    ) -> Result[Sequence[ImportedStatement], Never]:
        return Success([_entity(row) for row in _active(account_id, owner)])

    @in_database
    def near(
        self, statement: Outline, account_id: AccountId, *, owner: UserId
    ) -> Result[Sequence[Outline], Never]:
        days = _days_about(statement)
        if days is None:
            return Success([])
        its: dict[str, Any] = {"owner": owner, "account": account_id, "first": days[0]}
        its |= {"currency": statement.currency, "last": days[1]}
        with connection.cursor() as cursor:
            cursor.execute(_NEAR, its)
            return Success([_outline(row, statement.currency) for row in cursor.fetchall()])

    @in_database
    def page(
        self,
        account_id: AccountId,
        *,
        owner: UserId,
        reconciliation: Reconciliation | None,
        after: Cursor | None,
        limit: int,
    ) -> Result[Page[ImportedStatement], Never]:
        rows = _active(account_id, owner).annotate(day=_DAY).order_by("-day", "-id")
        if reconciliation:
            rows = rows.filter(reconciliation=reconciliation)
        if after:
            rows = rows.filter(day__lte=after.day).exclude(day=after.day, id__gte=after.id)
        found = [_entity(row) for row in rows[: limit + 1]]
        items = found[:limit]
        more = len(found) > limit
        return Success(Page(items, Cursor(items[-1].day, items[-1].outcome.id) if more else None))


def _active(account_id: AccountId, owner: UserId) -> QuerySet[StatementModel]:
    return StatementModel.objects.filter(
        account_id=account_id, user_id=owner, source__undone_at__isnull=True
    )


def _entity(row: StatementModel) -> ImportedStatement:
    return ImportedStatement(ImportId(row.source_id), outcome_of(row))


# A statement is near if one of its batches of rows is, or its closing balance.
_NEAR = """
WITH listed AS (
    SELECT import_id, place, min(first_day) AS first_day, max(last_day) AS last_day
    FROM ledger_imported_rows
    WHERE user_id = %(owner)s AND account_id = %(account)s AND NOT undone
    AND last_day >= %(first)s AND first_day <= %(last)s
    GROUP BY import_id, place
), active AS (
    SELECT statement.* FROM ledger_statement statement JOIN ledger_import source
        ON source.user_id = statement.user_id AND source.id = statement.import_id
    WHERE statement.user_id = %(owner)s AND statement.account_id = %(account)s
    AND statement.currency = %(currency)s AND source.undone_at IS NULL
)
SELECT import_id, place, report_type, number, coalesce(active.first_day, listed.first_day),
    coalesce(active.last_day, listed.last_day), opening, opening_day, closing, closing_day,
    new + same + updates + conflict + deleted
FROM active LEFT JOIN listed USING (import_id, place)
WHERE listed.import_id IS NOT NULL OR closing_day BETWEEN %(first)s AND %(last)s
OR closing_day = (SELECT max(closing_day) FROM active WHERE closing_day < %(first)s)
"""
_ABOUT = timedelta(days=max(NEAR_DAYS, BOOKING_TAKES.days))


def _days_about(statement: Outline) -> tuple[date, date] | None:
    stated = (statement.opening, statement.closing)
    days = [each.day for each in stated if each]
    days += [day for day in (statement.first_day, statement.last_day) if day]
    return (min(days) - _ABOUT, max(days) + _ABOUT) if days else None


def _outline(row: Sequence[Any], currency: str) -> Outline:
    import_id, place, report_type, number, first_day, last_day, *numbers = row
    opening, opening_day, closing, closing_day, rows = numbers
    return Outline(
        ref=StatementRef(ImportId(import_id), place),
        currency=currency,
        report_type=report_type,
        number=Number.parse(number),
        first_day=first_day,
        last_day=last_day,
        opening=_balance(BalanceKind.OPENING, opening, opening_day, currency),
        closing=_balance(BalanceKind.BOOKED, closing, closing_day, currency),
        rows=rows,
    )
