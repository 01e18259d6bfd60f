"""Imports of files, and their progress."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any, Never

import structlog
from django.db import Error, connection
from django.db.models import Prefetch, QuerySet

from adapters.persistence.database import Database, allow_long_transaction, in_database
from adapters.persistence.ledger import imported_rows
from adapters.persistence.ledger.csv_profiles import hints_document, hints_of
from adapters.persistence.ledger.models import (
    FeedPosition,
    ImportModel,
    ProgressModel,
    StatementModel,
)
from adapters.persistence.ledger.statements import insert_statements, outcome_of
from domain.ledger.errors import ImportIsRunning, ImportIsUndone, ImportNotFound, Refusal
from domain.ledger.import_filter import EVERY_IMPORT, ImportFilter
from domain.ledger.imported import ImportRowsPage, RowCursor
from domain.ledger.imports import ImportProgress, ImportStatus, StatementImport
from domain.ledger.values import BY_HAND, QuarantinedRow
from domain.shared.errors import OutcomeUnknown
from domain.shared.ids import ImportId, UserId
from domain.shared.result import Failure, Result, Success

_MAX_REFUSAL = 255
_LOCK_FILE = "SELECT pg_advisory_xact_lock(hashtextextended('import of ' || %s, 0))"


def refusal_text(error: Refusal | None) -> str:
    return f"{error.code}: {error.detail}"[:_MAX_REFUSAL] if error else ""


def refusal_of(text: str) -> Refusal | None:
    code, _, detail = text.partition(": ")
    return Refusal(code, detail) if code else None


class DjangoImportRepository:
    """`ImportRepository` on the Django ORM."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @in_database
    def get(self, import_id: ImportId, *, owner: UserId) -> Result[StatementImport, ImportNotFound]:
        row = _imports_of(owner).filter(id=import_id).first()
        return Success(_entity(row)) if row else Failure(ImportNotFound("No such import."))

    @in_database
    def active_of_file(
        self, digest: bytes, *, owner: UserId, limit: int
    ) -> Result[Sequence[StatementImport], Never]:
        active = _imports_of(owner).filter(
            digest=digest,
            status__in=[ImportStatus.DONE, ImportStatus.WAITING],
            undone_at__isnull=True,
        )
        return Success([_entity(row) for row in active.order_by("-id")[:limit]])

    @in_database
    def lock_asked(self, digest: bytes, *, owner: UserId) -> Result[StatementImport | None, Never]:
        with connection.cursor() as cursor:
            cursor.execute(_LOCK_FILE, [f"{owner} {digest.hex()}"])
        asked = ImportModel.objects.filter(
            user_id=owner, digest=digest, status=ImportStatus.ASKED, undone_at__isnull=True
        )
        locked = asked.select_for_update(no_key=True).order_by("-id")
        found = locked.values_list("id", flat=True).first()
        return Success(_entity(_imports_of(owner).get(id=found)) if found else None)

    @in_database
    def page(
        self,
        *,
        owner: UserId,
        after: ImportId | None,
        limit: int,
        where: ImportFilter = EVERY_IMPORT,
    ) -> Result[Sequence[StatementImport], Never]:
        rows = _filtered(_imports_of(owner), owner, where).order_by("-id")
        if after:
            rows = rows.filter(id__lt=after)
        return Success([_entity(row) for row in rows[:limit]])

    @in_database
    def rows(
        self, import_id: ImportId, *, owner: UserId, after: RowCursor | None, limit: int
    ) -> Result[ImportRowsPage, Never]:
        return Success(imported_rows.page(import_id, owner, after=after, limit=limit))

    @in_database
    def lock(
        self, import_id: ImportId, *, owner: UserId
    ) -> Result[StatementImport, ImportNotFound | ImportIsRunning]:
        rows = ImportModel.objects.filter(id=import_id, user_id=owner)
        # Rows that refer to this one may still be inserted: they take another lock.
        if rows.select_for_update(no_key=True, skip_locked=True).values_list("id").first():
            return Success(_entity(_imports_of(owner).get(id=import_id)))
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
        active = rows.filter(undone_at__isnull=True)
        undone = {"undone_at": at, "undone_position": FeedPosition()}
        if active.update(status=ImportStatus.UNDONE, **undone):
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
            hints=hints_document(done.hints, done.account_id),
            **_outcome_columns(done),
        )
        insert_statements(done)
        return Success(None)

    @in_database
    def complete(self, statement_import: StatementImport) -> Result[None, Never]:
        done = statement_import
        columns = {
            **_outcome_columns(done),
            "reader_version": done.reader_version,
            # With the profile that a CSV file was read by, which is found while it is processed.
            "hints": hints_document(done.hints, done.account_id),
        }
        ImportModel.objects.filter(id=done.id, user_id=done.user_id).update(**columns)
        insert_statements(done)
        return Success(None)


def _imports_of(owner: UserId) -> QuerySet[ImportModel]:
    """Return a user's imports with their statements, in the order of the file."""
    statements = StatementModel.objects.filter(user_id=owner).order_by("place")
    rows = ImportModel.objects.filter(user_id=owner).select_related("progress")
    return rows.prefetch_related(Prefetch("statements", statements))


def _filtered(
    rows: QuerySet[ImportModel], owner: UserId, where: ImportFilter
) -> QuerySet[ImportModel]:
    """Return the imports that match a filter."""
    if not where.by_hand:
        rows = rows.exclude(format=BY_HAND)
    if where.account_id:
        of_account = StatementModel.objects.filter(user_id=owner, account_id=where.account_id)
        rows = rows.filter(id__in=of_account.values("source_id"))
    if where.status:
        rows = _of_status(rows, where.status)
    if where.format:
        rows = rows.filter(format=where.format)
    if where.first_day:
        rows = rows.filter(imported_at__gte=_midnight(where.first_day))
    if where.last_day:
        rows = rows.filter(imported_at__lt=_midnight(where.last_day) + timedelta(days=1))
    return rows


def _of_status(rows: QuerySet[ImportModel], status: ImportStatus) -> QuerySet[ImportModel]:
    if status is ImportStatus.RUNNING:
        return rows.filter(status=ImportStatus.WAITING, progress__isnull=False)
    if status is ImportStatus.WAITING:
        rows = rows.filter(progress__isnull=True)
    return rows.filter(status=status)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _entity(row: ImportModel) -> StatementImport:
    hints, account_id = hints_of(row.hints)
    status = _status(row)
    rows, positions = _quarantine_of(row.quarantined)
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
        error=refusal_of(row.error),
        progress=_progress_of(row) if status is ImportStatus.RUNNING else None,
        hints=hints,
        account_id=account_id,
        reader_version=row.reader_version,
    )


def _status(row: ImportModel) -> ImportStatus:
    """Return the status: a waiting import that reports progress is running."""
    if row.undone_at:
        return ImportStatus.UNDONE
    status = ImportStatus(row.status)
    return ImportStatus.RUNNING if status is ImportStatus.WAITING and _progress_of(row) else status


def _progress_of(row: ImportModel) -> ImportProgress | None:
    progress = getattr(row, "progress", None)
    return ImportProgress(progress.rows, progress.entered) if progress else None


def _outcome_columns(done: StatementImport) -> dict[str, Any]:
    """Return the columns that hold the outcome of an import."""
    return {
        "format": done.format,
        "imported_at": done.imported_at,
        "quarantined": _quarantine_document(done),
        "status": done.status,
        "error": refusal_text(done.error),
    }


_POSITION = "position"


def _quarantine_document(done: StatementImport) -> list[dict[str, Any]]:
    """Return the rows that could not be read, and the holdings, which are marked as such."""
    rows = [{"line": row.line, "reason": row.reason} for row in done.quarantined]
    return rows + [
        {"line": row.line, "reason": row.reason, "kind": _POSITION} for row in done.unread_holdings
    ]


def _quarantine_of(
    document: Iterable[Mapping[str, Any]],
) -> tuple[list[QuarantinedRow], list[QuarantinedRow]]:
    """Return quarantined rows and unread holdings."""
    rows: list[QuarantinedRow] = []
    positions: list[QuarantinedRow] = []
    for each in document:
        among = positions if each.get("kind") == _POSITION else rows
        among.append(QuarantinedRow(each["line"], each["reason"]))
    return rows, positions


logger = structlog.get_logger(__name__)

_UPSERT_PROGRESS = """
INSERT INTO ledger_import_progress (import_id, user_id, rows, entered) VALUES (%s, %s, %s, %s)
ON CONFLICT (user_id, import_id) DO UPDATE
SET rows = excluded.rows, entered = excluded.entered
"""


class DjangoImportProgressStore:
    """`ImportProgressStore` on an unlogged table.

    A task beside the import writes it, so that the import never waits for a connection. When the
    task is late, only the latest progress is written.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._latest: dict[ImportId, tuple[ImportProgress, UserId]] = {}
        self._tasks: dict[ImportId, asyncio.Task[None]] = {}

    async def set(self, import_id: ImportId, progress: ImportProgress, *, owner: UserId) -> None:
        self._latest[import_id] = progress, owner
        task = self._tasks.get(import_id)
        if task is None or task.done():
            self._tasks[import_id] = asyncio.create_task(self._write(import_id))

    async def clear(self, import_id: ImportId, *, owner: UserId) -> None:
        self._latest.pop(import_id, None)
        task = self._tasks.pop(import_id, None)
        if task is not None:
            await task
        await self._run(owner, partial(_delete_progress, import_id, owner))

    async def _write(self, import_id: ImportId) -> None:
        while import_id in self._latest:
            progress, owner = self._latest.pop(import_id)
            await self._run(owner, partial(_upsert_progress, import_id, progress, owner))

    async def _run(self, owner: UserId, write: Callable[[], None]) -> None:
        try:
            async with self._database.transaction(separate=True, owner=owner):
                await self._database.run(write)
        except (Error, OutcomeUnknown) as error:
            logger.warning("import.progress_not_told", error=type(error).__name__)


def _upsert_progress(import_id: ImportId, progress: ImportProgress, owner: UserId) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT_PROGRESS, [import_id, owner, progress.rows, progress.entered])


def _delete_progress(import_id: ImportId, owner: UserId) -> None:
    ProgressModel.objects.filter(source_id=import_id, user_id=owner).delete()
