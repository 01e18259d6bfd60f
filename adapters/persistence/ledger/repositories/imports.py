"""Files that were brought in."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Never

from django.db.models import Prefetch, QuerySet
from django.db.models.fields.tuple_lookups import TupleGreaterThan

from adapters.persistence.database import Database, in_database
from adapters.persistence.ledger.models import (
    FeedPosition,
    ImportedRowModel,
    ImportModel,
    StatementModel,
)
from adapters.persistence.ledger.repositories.hints import kept_hints, read_hints
from adapters.persistence.ledger.repositories.long_transactions import allow_long_transaction
from adapters.persistence.ledger.repositories.outcomes import outcome_of
from adapters.persistence.ledger.repositories.quarantine import (
    kept_quarantine,
    read_quarantine,
)
from adapters.persistence.ledger.repositories.refusals import kept_refusal, read_refusal
from domain.ledger.errors import ImportIsRunning, ImportIsUndone, ImportNotFound
from domain.ledger.hints import ReadingHints
from domain.ledger.imports import (
    ImportProgress,
    ImportRow,
    ImportRowsPage,
    ImportStatus,
    RowCursor,
    StatementImport,
    StatementOutcome,
)
from domain.ledger.matching import MatchResult
from domain.shared.ids import AccountId, ImportId, TransactionId, UserId
from domain.shared.result import Failure, Result, Success


class DjangoImportRepository:
    """`ImportRepository` on the Django ORM."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @in_database
    def get(self, import_id: ImportId, *, owner: UserId) -> Result[StatementImport, ImportNotFound]:
        row = _whole(owner).filter(id=import_id).first()
        return Success(_entity(row)) if row else Failure(ImportNotFound("No such import."))

    @in_database
    def find_duplicate(
        self,
        digest: bytes,
        *,
        owner: UserId,
        hints: ReadingHints,
        account_id: AccountId | None,
        reader_version: str,
    ) -> Result[StatementImport | None, Never]:
        active = _whole(owner).filter(
            digest=digest,
            status=ImportStatus.DONE,
            undone_at__isnull=True,
            reader_version=reader_version,
            hints=kept_hints(hints, account_id),
        )
        row = active.order_by("-id").first()
        return Success(_entity(row) if row else None)

    @in_database
    def page(
        self, *, owner: UserId, after: ImportId | None, limit: int
    ) -> Result[Sequence[StatementImport], Never]:
        rows = _whole(owner).order_by("-id")
        if after:
            rows = rows.filter(id__lt=after)
        return Success([_entity(row) for row in rows[:limit]])

    @in_database
    def rows(
        self, import_id: ImportId, *, owner: UserId, after: RowCursor | None, limit: int
    ) -> Result[ImportRowsPage, Never]:
        rows = ImportedRowModel.objects.filter(source_id=import_id, user_id=owner)
        if after:
            # As one comparison, which the index answers: a file may be a single line.
            rows = rows.filter(TupleGreaterThan(("line", "id"), (after.line, after.id)))
        found = list(rows.order_by("line", "id")[: limit + 1])
        items = [_row(each) for each in found[:limit]]
        last = found[limit - 1] if len(found) > limit else None
        return Success(ImportRowsPage(items, RowCursor(last.line, last.id) if last else None))

    @in_database
    def lock(
        self, import_id: ImportId, *, owner: UserId
    ) -> Result[StatementImport, ImportNotFound | ImportIsRunning]:
        rows = ImportModel.objects.filter(id=import_id, user_id=owner)
        # Rows of the ledger may point here meanwhile: that takes another lock.
        if rows.select_for_update(no_key=True, skip_locked=True).values_list("id").first():
            return Success(_entity(_whole(owner).get(id=import_id)))
        if rows.exists():
            return Failure(ImportIsRunning("The import is in progress. Try again later."))
        return Failure(ImportNotFound("No such import."))

    @in_database
    def allow_long_transaction(self, *, steps: bool = False) -> Result[None, Never]:
        allow_long_transaction(steps=steps)
        return Success(None)

    @in_database
    def mark_undone(
        self, statement_import: StatementImport, *, at: datetime
    ) -> Result[None, ImportIsUndone]:
        rows = ImportModel.objects.filter(id=statement_import.id, user_id=statement_import.user_id)
        standing = rows.filter(undone_at__isnull=True)
        taken_back = {"undone_at": at, "undone_position": FeedPosition()}
        if standing.update(status=ImportStatus.UNDONE, **taken_back):
            return Success(None)
        return Failure(ImportIsUndone("The import has already been undone."))

    @in_database
    def add(self, statement_import: StatementImport) -> Result[None, Never]:
        done = statement_import
        ImportModel.objects.create(
            id=done.id,
            user_id=done.user_id,
            file_name=done.file_name,
            digest=done.digest,
            size=done.size,
            reader_version=done.reader_version,
            hints=kept_hints(done.hints, done.account_id),
            **_settled(done),
        )
        _add_statements(done)
        return Success(None)

    @in_database
    def complete(self, statement_import: StatementImport) -> Result[None, Never]:
        done = statement_import
        settled = {**_settled(done), "reader_version": done.reader_version}
        ImportModel.objects.filter(id=done.id, user_id=done.user_id).update(**settled)
        _add_statements(done)
        return Success(None)


def _whole(owner: UserId) -> QuerySet[ImportModel]:
    """Return a user's imports, and with them their statements in the order of the file."""
    statements = StatementModel.objects.filter(user_id=owner).order_by("place")
    rows = ImportModel.objects.filter(user_id=owner).select_related("progress")
    return rows.prefetch_related(Prefetch("statements", statements))


def _entity(row: ImportModel) -> StatementImport:
    hints, account_id = read_hints(row.hints)
    status = _status(row)
    rows, positions = read_quarantine(row.quarantined)
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
        quarantined=rows,
        unread_holdings=positions,
        status=status,
        error=read_refusal(row.error),
        progress=_progress(row) if status is ImportStatus.RUNNING else None,
        hints=hints,
        account_id=account_id,
        reader_version=row.reader_version,
    )


def _status(row: ImportModel) -> ImportStatus:
    """Return where the import stands: what is waiting is running where progress is told of it."""
    if row.undone_at:
        return ImportStatus.UNDONE
    status = ImportStatus(row.status)
    return ImportStatus.RUNNING if status is ImportStatus.WAITING and _progress(row) else status


def _progress(row: ImportModel) -> ImportProgress | None:
    told = getattr(row, "progress", None)
    return ImportProgress(told.rows, told.entered) if told else None


def _row(row: ImportedRowModel) -> ImportRow:
    return ImportRow(row.line, MatchResult(row.result), TransactionId(row.transaction_id))


def _settled(done: StatementImport) -> dict[str, Any]:
    """Return the columns that tell what became of a file."""
    return {
        "format": done.format,
        "imported_at": done.imported_at,
        "quarantined": kept_quarantine(done),
        "status": done.status,
        "error": kept_refusal(done.error),
    }


def _add_statements(done: StatementImport) -> None:
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
        number=outcome.number,
        currency=outcome.currency,
        first_day=outcome.first_day,
        last_day=outcome.last_day,
        opening=opening.money.amount if opening else None,
        opening_day=opening.day if opening else None,
        closing=closing.money.amount if closing else None,
        closing_day=closing.day if closing else None,
        holdings_day=outcome.holdings_day,
        reconciliation=outcome.reconciliation,
        new=outcome.new,
        same=outcome.same,
        updates=outcome.updates,
        conflict=outcome.conflict,
        deleted=outcome.deleted,
        balances=outcome.balances,
    )
