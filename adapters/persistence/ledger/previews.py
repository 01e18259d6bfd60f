"""Queued previews: the file, and then the preview itself, in one encrypted column."""

import json
import zlib
from dataclasses import replace
from typing import Never

from django.db.models import QuerySet
from pydantic import TypeAdapter

from adapters.persistence.database import in_database
from adapters.persistence.ledger.csv_profiles import hints_document, hints_of
from adapters.persistence.ledger.files import lock_files
from adapters.persistence.ledger.imports import refusal_of, refusal_text
from adapters.persistence.ledger.models import PreviewModel, ProgressModel
from adapters.persistence.mapping import entity_of
from adapters.persistence.sealing import Sealing, context_in, context_of
from domain.ledger.errors import ImportIsRunning, PreviewNotFound
from domain.ledger.hints import NO_HINTS
from domain.ledger.imports import ImportProgress, ImportStatus
from domain.ledger.previews import Preview, QueuedPreview
from domain.shared.ids import ImportId, UserId
from domain.shared.result import Failure, Result, Success

_PREVIEW = TypeAdapter(Preview)
_MISSING = PreviewNotFound("No such preview. Previews are deleted after a day.")


class SealedPreviewRepository(Sealing):
    """`PreviewRepository` on PostgreSQL."""

    @in_database
    def add(self, preview: QueuedPreview, content: bytes) -> Result[int, Never]:
        # Encrypting takes time: it happens before the lock.
        sealed = self._seal(content, preview)
        lock_files(preview.user_id)
        PreviewModel.objects.create(
            id=preview.id,
            user_id=preview.user_id,
            file_name=preview.file_name,
            digest=preview.digest,
            size=preview.size,
            requested_at=preview.requested_at,
            hints=hints_document(preview.hints, preview.account_id),
            status=preview.status,
            sealed=sealed,
            key_id=self._keyring().primary,
        )
        return Success(len(sealed))

    @in_database
    def get(self, preview_id: ImportId, *, owner: UserId) -> Result[QueuedPreview, PreviewNotFound]:
        row = _of(preview_id, owner).first()
        return Success(self._entity(row)) if row else Failure(_MISSING)

    @in_database
    def lock(
        self, preview_id: ImportId, *, owner: UserId
    ) -> Result[QueuedPreview, PreviewNotFound | ImportIsRunning]:
        rows = _of(preview_id, owner)
        row = rows.select_for_update(no_key=True, skip_locked=True).first()
        if row:
            return Success(self._entity(row))
        if rows.exists():
            return Failure(ImportIsRunning("The preview is being made. Try again later."))
        return Failure(_MISSING)

    @in_database
    def content(self, preview_id: ImportId, *, owner: UserId) -> Result[bytes, PreviewNotFound]:
        row = _of(preview_id, owner).filter(status=ImportStatus.WAITING).first()
        return Success(self._open(row)) if row else Failure(_MISSING)

    @in_database
    def complete(self, preview: QueuedPreview) -> Result[None, Never]:
        sealed = self._seal(_written(preview.preview), preview) if preview.preview else None
        _of(preview.id, preview.user_id).update(
            status=preview.status,
            error=refusal_text(preview.error),
            sealed=sealed,
            key_id=self._keyring().primary,
        )
        return Success(None)

    @in_database
    def delete(self, preview_id: ImportId, *, owner: UserId) -> Result[None, PreviewNotFound]:
        count, _ = _of(preview_id, owner).delete()
        return Success(None) if count else Failure(_MISSING)

    def _seal(self, content: bytes, preview: QueuedPreview) -> bytes:
        context = context_in(PreviewModel, preview.id, preview.user_id)
        return self._keyring().seal(zlib.compress(content), context)

    def _open(self, row: PreviewModel) -> bytes:
        # Only the column of a failed preview is empty, and nobody reads that.
        assert row.sealed is not None
        return zlib.decompress(self._keyring().open(bytes(row.sealed), context_of(row)))

    def _entity(self, row: PreviewModel) -> QueuedPreview:
        hints, account_id = hints_of(row.hints)
        status, progress = ImportStatus(row.status), None
        if status is ImportStatus.WAITING and (progress := _progress(row)):
            status = ImportStatus.RUNNING
        return entity_of(
            QueuedPreview,
            row,
            hints=hints,
            account_id=account_id,
            status=status,
            error=refusal_of(row.error),
            progress=progress,
            preview=_read(self._open(row), row) if status is ImportStatus.DONE else None,
        )


def _of(preview_id: ImportId, owner: UserId) -> "QuerySet[PreviewModel]":
    return PreviewModel.objects.filter(id=preview_id, user_id=owner)


def _written(made: Preview) -> bytes:
    """Return a preview as JSON, without the digest: its column has that."""
    outcome = made.outcome
    plain = replace(made, outcome=replace(outcome, digest=b"", hints=NO_HINTS))
    hints = hints_document(outcome.hints, outcome.account_id)
    document = {"preview": _PREVIEW.dump_python(plain, mode="json"), "hints": hints}
    return json.dumps(document).encode()


def _read(written: bytes, row: PreviewModel) -> Preview:
    document = json.loads(written)
    made: Preview = _PREVIEW.validate_python(document["preview"])
    hints, _ = hints_of(document["hints"])
    return replace(made, outcome=replace(made.outcome, digest=bytes(row.digest), hints=hints))


def _progress(row: PreviewModel) -> ImportProgress | None:
    progress = ProgressModel.objects.filter(source_id=row.id, user_id=row.user_id).first()
    return ImportProgress(progress.rows, progress.entered) if progress else None
