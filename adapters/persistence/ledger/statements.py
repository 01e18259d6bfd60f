"""Statements of accounts, and what became of their rows."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Never

from django.db.models import QuerySet, Value
from django.db.models.functions import Coalesce

from adapters.persistence.database import Database, in_database
from adapters.persistence.ledger import outlines
from adapters.persistence.ledger.models import StatementModel
from adapters.persistence.ledger.outlines import balance_of, ledger_of
from domain.ledger.continuity import ImportedStatement
from domain.ledger.evidence import Outline
from domain.ledger.imports import StatementImport, StatementOutcome
from domain.ledger.kinds import BalanceKind
from domain.ledger.values import BY_HAND, LedgerReconciliation, Reconciliation
from domain.shared.ids import AccountId, ImportId, StatementId, TransactionId, UserId
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
        opening=balance_of(BalanceKind.OPENING, row.opening, row.opening_day, row.currency),
        closing=balance_of(BalanceKind.BOOKED, row.closing, row.closing_day, row.currency),
        pending_day=row.pending_day,
        holdings_day=row.holdings_day,
        corrected_ids=tuple(row.corrected_ids),
        reconciliation=Reconciliation(row.reconciliation),
        new=row.new,
        same=row.same,
        updates=row.updates,
        conflict=row.conflict,
        deleted=row.deleted,
        balances=row.balances,
        suggested=row.suggested,
        withdrawn=tuple(TransactionId(each) for each in row.withdrawn or ()),
        ledger=ledger_of(row, row.currency),
    )


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
        corrected_ids=list(outcome.corrected_ids),
        reconciliation=outcome.reconciliation,
        new=outcome.new,
        same=outcome.same,
        updates=outcome.updates,
        conflict=outcome.conflict,
        deleted=outcome.deleted,
        balances=outcome.balances,
        suggested=outcome.suggested,
        withdrawn=list(outcome.withdrawn) or None,
        **ledger_columns(outcome.ledger),
    )


def ledger_columns(ledger: LedgerReconciliation) -> dict[str, Any]:
    """Return the columns that hold how the ledger agrees with a statement."""
    return {
        "ledger_reconciliation": ledger.state,
        "ledger_difference": ledger.difference.amount if ledger.difference else None,
        "ledger_since": ledger.first_day,
    }


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
        if statement.reach is None:
            return Success([])
        near = outlines.near(account_id, owner, statement.reach)
        return Success([each for each, _ in near if each.currency == statement.currency])

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
    """Return statements that were not undone, without transactions that were written by hand."""
    active = StatementModel.objects.filter(
        account_id=account_id, user_id=owner, source__undone_at__isnull=True
    )
    return active.exclude(report_type=BY_HAND, closing__isnull=True)


def _entity(row: StatementModel) -> ImportedStatement:
    return ImportedStatement(ImportId(row.source_id), outcome_of(row))
