"""Files that were brought in."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Never
from uuid import UUID

from adapters.persistence.database import Database, in_database
from adapters.persistence.ledger.models import ImportModel
from domain.ledger.errors import ImportIsUndone, ImportNotFound
from domain.ledger.imports import StatementImport, StatementOutcome
from domain.ledger.values import Proof, QuarantinedRow
from domain.shared.ids import AccountId, ImportId, UserId
from domain.shared.result import Failure, Result, Success


class DjangoImportRepository:
    """`ImportRepository` on the Django ORM."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @in_database
    def get(self, import_id: ImportId, *, owner: UserId) -> Result[StatementImport, ImportNotFound]:
        row = ImportModel.objects.filter(id=import_id, user_id=owner).first()
        return Success(_entity(row)) if row else Failure(ImportNotFound("No such import."))

    @in_database
    def page(
        self, *, owner: UserId, after: ImportId | None, limit: int
    ) -> Result[Sequence[StatementImport], Never]:
        rows = ImportModel.objects.filter(user_id=owner).order_by("-id")
        if after:
            rows = rows.filter(id__lt=after)
        return Success([_entity(row) for row in rows[:limit]])

    @in_database
    def mark_undone(
        self, statement_import: StatementImport, *, at: datetime
    ) -> Result[None, ImportIsUndone]:
        rows = ImportModel.objects.filter(id=statement_import.id, user_id=statement_import.user_id)
        if rows.filter(undone_at__isnull=True).update(undone_at=at):
            return Success(None)
        return Failure(ImportIsUndone("The import was undone before."))

    @in_database
    def add(self, statement_import: StatementImport) -> Result[None, Never]:
        ImportModel.objects.create(**_columns(statement_import))
        return Success(None)


def _entity(row: ImportModel) -> StatementImport:
    return StatementImport(
        id=ImportId(row.id),
        user_id=UserId(row.user_id),
        file_name=row.file_name,
        digest=bytes(row.digest),
        size=row.size,
        format=row.format,
        imported_at=row.imported_at,
        statements=[_outcome(statement) for statement in row.statements],
        undone_at=row.undone_at,
        quarantined=[QuarantinedRow(**quarantined) for quarantined in row.quarantined],
    )


def _outcome(statement: dict[str, Any]) -> StatementOutcome:
    account_id = AccountId(UUID(statement["account_id"]))
    return StatementOutcome(
        **{**statement, "account_id": account_id, "proof": Proof(statement["proof"])}
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
        "statements": [_statement(outcome) for outcome in done.statements],
        "quarantined": [{"line": row.line, "reason": row.reason} for row in done.quarantined],
    }


def _statement(outcome: StatementOutcome) -> dict[str, Any]:
    return {
        "account_id": str(outcome.account_id),
        "new": outcome.new,
        "same": outcome.same,
        "updates": outcome.updates,
        "conflict": outcome.conflict,
        "deleted": outcome.deleted,
        "balances": outcome.balances,
        "proof": outcome.proof,
    }
