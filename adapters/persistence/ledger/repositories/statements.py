"""Statements of accounts, across the imports that tell them."""

from collections.abc import Sequence
from datetime import date
from typing import Never

from django.db.models import QuerySet, Value
from django.db.models.functions import Coalesce

from adapters.persistence.database import Database, in_database
from adapters.persistence.ledger.models import StatementModel
from adapters.persistence.ledger.repositories.outcomes import outcome_of
from domain.ledger.continuity import ImportedStatement
from domain.ledger.values import Reconciliation
from domain.shared.ids import AccountId, ImportId, UserId
from domain.shared.pages import Cursor, Page
from domain.shared.result import Result, Success

_DAY = Coalesce("closing_day", "last_day", "opening_day", "first_day", Value(date.min))


class DjangoStatementRepository:
    """`StatementRepository` on the Django ORM."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @in_database
    def all(
        self, account_id: AccountId, *, owner: UserId
    ) -> Result[Sequence[ImportedStatement], Never]:
        return Success([_entity(row) for row in _standing(account_id, owner)])

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
        rows = _standing(account_id, owner).annotate(day=_DAY).order_by("-day", "-id")
        if reconciliation:
            rows = rows.filter(reconciliation=reconciliation)
        if after:
            rows = rows.filter(day__lte=after.day).exclude(day=after.day, id__gte=after.id)
        found = [_entity(row) for row in rows[: limit + 1]]
        items = found[:limit]
        more = len(found) > limit
        return Success(Page(items, Cursor(items[-1].day, items[-1].outcome.id) if more else None))


def _standing(account_id: AccountId, owner: UserId) -> QuerySet[StatementModel]:
    return StatementModel.objects.filter(
        account_id=account_id, user_id=owner, source__undone_at__isnull=True
    )


def _entity(row: StatementModel) -> ImportedStatement:
    return ImportedStatement(ImportId(row.source_id), outcome_of(row))
