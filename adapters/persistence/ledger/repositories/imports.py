"""Files that were brought in."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Never

from django.db.models import Prefetch, QuerySet

from adapters.persistence.database import Database, in_database
from adapters.persistence.ledger.models import FeedPosition, ImportModel, StatementModel
from adapters.persistence.ledger.repositories.outcomes import outcome_of
from domain.ledger.errors import ImportIsUndone, ImportNotFound
from domain.ledger.imports import StatementImport, StatementOutcome
from domain.ledger.values import QuarantinedRow
from domain.shared.ids import ImportId, UserId
from domain.shared.result import Failure, Result, Success


class DjangoImportRepository:
    """`ImportRepository` on the Django ORM."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @in_database
    def get(self, import_id: ImportId, *, owner: UserId) -> Result[StatementImport, ImportNotFound]:
        row = _whole().filter(id=import_id, user_id=owner).first()
        return Success(_entity(row)) if row else Failure(ImportNotFound("No such import."))

    @in_database
    def page(
        self, *, owner: UserId, after: ImportId | None, limit: int
    ) -> Result[Sequence[StatementImport], Never]:
        rows = _whole().filter(user_id=owner).order_by("-id")
        if after:
            rows = rows.filter(id__lt=after)
        return Success([_entity(row) for row in rows[:limit]])

    @in_database
    def mark_undone(
        self, statement_import: StatementImport, *, at: datetime
    ) -> Result[None, ImportIsUndone]:
        rows = ImportModel.objects.filter(id=statement_import.id, user_id=statement_import.user_id)
        standing = rows.filter(undone_at__isnull=True)
        if standing.update(undone_at=at, undone_position=FeedPosition()):
            return Success(None)
        return Failure(ImportIsUndone("The import was undone before."))

    @in_database
    def add(self, statement_import: StatementImport) -> Result[None, Never]:
        ImportModel.objects.create(**_columns(statement_import))
        StatementModel.objects.bulk_create(
            _statement(outcome, place, statement_import)
            for place, outcome in enumerate(statement_import.statements, 1)
        )
        return Success(None)


def _whole() -> QuerySet[ImportModel]:
    """Return imports, and with them their statements in the order of the file."""
    in_order = Prefetch("statements", StatementModel.objects.order_by("place"))
    return ImportModel.objects.prefetch_related(in_order)


def _entity(row: ImportModel) -> StatementImport:
    return StatementImport(
        id=ImportId(row.id),
        user_id=UserId(row.user_id),
        file_name=row.file_name,
        digest=bytes(row.digest),
        size=row.size,
        format=row.format,
        imported_at=row.imported_at,
        statements=[outcome_of(statement) for statement in row.statements.all()],
        undone_at=row.undone_at,
        quarantined=[QuarantinedRow(**quarantined) for quarantined in row.quarantined],
    )


def _columns(done: StatementImport) -> dict[str, Any]:
    return {
        "id": done.id,
        "user_id": done.user_id,
        "file_name": done.file_name,
        "digest": done.digest,
        "size": done.size,
        "format": done.format,
        "imported_at": done.imported_at,
        "quarantined": [{"line": row.line, "reason": row.reason} for row in done.quarantined],
    }


def _statement(outcome: StatementOutcome, place: int, done: StatementImport) -> StatementModel:
    opening, closing = outcome.opening, outcome.closing
    return StatementModel(
        id=outcome.id,
        user_id=done.user_id,
        account_id=outcome.account_id,
        source_id=done.id,
        place=place,
        number=outcome.number,
        currency=outcome.currency,
        first_day=outcome.first_day,
        last_day=outcome.last_day,
        opening=opening.money.amount if opening else None,
        opening_day=opening.day if opening else None,
        closing=closing.money.amount if closing else None,
        closing_day=closing.day if closing else None,
        holdings_day=outcome.holdings_day,
        proof=outcome.proof,
        new=outcome.new,
        same=outcome.same,
        updates=outcome.updates,
        conflict=outcome.conflict,
        deleted=outcome.deleted,
        balances=outcome.balances,
    )
