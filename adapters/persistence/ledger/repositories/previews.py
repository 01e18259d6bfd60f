"""Previews that are made later: a file, and then what would become of it, in one sealed column."""

import json
import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Never
from uuid import UUID

from django.db.models import QuerySet
from pydantic import TypeAdapter

from adapters.persistence.database import Database, in_database
from adapters.persistence.ledger.models import PreviewModel, ProgressModel
from adapters.persistence.ledger.repositories.hints import kept_hints, read_hints
from adapters.persistence.ledger.repositories.quotas import lock_files
from adapters.persistence.ledger.repositories.refusals import kept_refusal, read_refusal
from adapters.security.envelope import Keyring, Place
from domain.ledger.errors import ImportIsRunning, PreviewNotFound
from domain.ledger.hints import NO_HINTS
from domain.ledger.imports import ImportProgress, ImportStatus
from domain.ledger.previews import Preview, QueuedPreview
from domain.shared.ids import ImportId, UserId
from domain.shared.result import Failure, Result, Success

_PREVIEW = TypeAdapter(Preview)
_MISSING = PreviewNotFound("No such preview. Previews are deleted after a day.")


class SealedPreviewRepository:
    """`PreviewRepository` on PostgreSQL."""

    def __init__(self, database: Database, keyring: Callable[[], Keyring]) -> None:
        self._database = database
        self._keyring = keyring

    @in_database
    def add(self, preview: QueuedPreview, content: bytes) -> Result[int, Never]:
        # Sealing is work: nobody waits for it.
        sealed = self._seal(content, preview)
        lock_files(preview.user_id)
        PreviewModel.objects.create(
            id=preview.id,
            user_id=preview.user_id,
            file_name=preview.file_name,
            digest=preview.digest,
            size=preview.size,
            requested_at=preview.requested_at,
            hints=kept_hints(preview.hints, preview.account_id),
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
            error=kept_refusal(preview.error),
            sealed=sealed,
            key_id=self._keyring().primary,
        )
        return Success(None)

    @in_database
    def delete(self, preview_id: ImportId, *, owner: UserId) -> Result[None, PreviewNotFound]:
        count, _ = _of(preview_id, owner).delete()
        return Success(None) if count else Failure(_MISSING)

    @in_database
    def rewrap(self, *, owner: UserId) -> Result[int, Never]:
        keyring = self._keyring()
        rows = _to_rotate(keyring.primary).filter(user_id=owner)
        # One at a time: what is sealed may be large.
        ids = list(rows.order_by("id").select_for_update().values_list("id", flat=True))
        for row_id in ids:
            mine = _of(ImportId(row_id), owner)
            sealed = keyring.rewrap(_sealed(mine.get()), _place(row_id, owner))
            mine.update(sealed=sealed, key_id=keyring.primary)
        return Success(len(ids))

    def _seal(self, content: bytes, preview: QueuedPreview) -> bytes:
        place = _place(preview.id, preview.user_id)
        return self._keyring().seal(zlib.compress(content), place)

    def _open(self, row: PreviewModel) -> bytes:
        opened = self._keyring().open(_sealed(row), _place(row.id, UserId(row.user_id)))
        return zlib.decompress(opened)

    def _entity(self, row: PreviewModel) -> QueuedPreview:
        hints, account_id = read_hints(row.hints)
        status, progress = ImportStatus(row.status), None
        if status is ImportStatus.WAITING and (progress := _progress(row)):
            status = ImportStatus.RUNNING
        return QueuedPreview(
            id=ImportId(row.id),
            user_id=UserId(row.user_id),
            file_name=row.file_name,
            digest=bytes(row.digest),
            size=row.size,
            requested_at=row.requested_at,
            hints=hints,
            account_id=account_id,
            status=status,
            error=read_refusal(row.error),
            progress=progress,
            preview=_read(self._open(row), row) if status is ImportStatus.DONE else None,
        )


def owners_of_previews_to_rotate(primary: str) -> list[UUID]:
    """Return whose previews are under another key, above the policies: for staff alone."""
    rows = _to_rotate(primary)
    return list(rows.values_list("user_id", flat=True).distinct().order_by("user_id"))


def _of(preview_id: ImportId, owner: UserId) -> "QuerySet[PreviewModel]":
    return PreviewModel.objects.filter(id=preview_id, user_id=owner)


def _to_rotate(primary: str) -> "QuerySet[PreviewModel]":
    return PreviewModel.objects.filter(sealed__isnull=False).exclude(key_id=primary)


def _written(made: Preview) -> bytes:
    """Return what a preview says, as JSON; the digest, for which that has no form, is beside it."""
    outcome = made.outcome
    plain = replace(made, outcome=replace(outcome, digest=b"", hints=NO_HINTS))
    hints = kept_hints(outcome.hints, outcome.account_id)
    told = {"preview": _PREVIEW.dump_python(plain, mode="json"), "hints": hints}
    return json.dumps(told).encode()


def _read(written: bytes, row: PreviewModel) -> Preview:
    told = json.loads(written)
    made: Preview = _PREVIEW.validate_python(told["preview"])
    hints, _ = read_hints(told["hints"])
    return replace(made, outcome=replace(made.outcome, digest=bytes(row.digest), hints=hints))


def _sealed(row: PreviewModel) -> bytes:
    # Without anything in it are those alone that failed, and these are not asked for it.
    assert row.sealed is not None
    return bytes(row.sealed)


def _progress(row: PreviewModel) -> ImportProgress | None:
    told = ProgressModel.objects.filter(source_id=row.id, user_id=row.user_id).first()
    return ImportProgress(told.rows, told.entered) if told else None


def _place(row_id: UUID, owner: UserId) -> Place:
    return Place("ledger_preview", "sealed", row_id, owner)
