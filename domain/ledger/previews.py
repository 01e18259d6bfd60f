"""Previews of imports. Those of large files are made in the background."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

from domain.ledger.actions import PREVIEW_REFUSED
from domain.ledger.errors import Refusal
from domain.ledger.events import PreviewRequested
from domain.ledger.hints import ReadingHints
from domain.ledger.imported import ImportRowsPage
from domain.ledger.imports import (
    ImportRequest,
    ImportStatus,
    StatementImport,
    SubmittedFile,
)
from domain.shared.errors import DomainError
from domain.shared.events import Actor, AuditRecord
from domain.shared.ids import ImportId


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do, and its first rows."""

    outcome: StatementImport
    rows: ImportRowsPage


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedPreview(SubmittedFile):
    """A preview that is made later: it waits as an import does, and posts nothing.

    The file is stored until the preview is made, and the preview for a day.
    """

    requested_at: datetime
    preview: Preview | None = field(default=None, repr=False)

    @classmethod
    def enqueue(
        cls, request: ImportRequest, *, id: ImportId, hints: ReadingHints, at: datetime
    ) -> Self:
        """Let a file wait for its preview; `hints` are those of the request with its profile."""
        return cls(
            id=id,
            user_id=request.user_id,
            file_name=request.file_name,
            digest=request.digest,
            size=len(request.content),
            hints=hints,
            account_id=request.account_id,
            requested_at=at,
        )

    def submitted(self) -> PreviewRequested:
        """Return the event that the preview was requested, to be made later."""
        return PreviewRequested(
            subject_id=self.id,
            actor=Actor.user(self.user_id),
            occurred_at=self.requested_at,
            sha256=self.digest.hex(),
            size=self.size,
        )

    def complete(self, preview: Preview, *, at: datetime) -> tuple[Self, AuditRecord]:
        """Set the result of the preview."""
        done = replace(self, status=ImportStatus.DONE, progress=None, preview=preview)
        return done, replace(preview.outcome.previewed(at=at), subject_id=self.id)

    def refuse(self, error: DomainError, *, at: datetime) -> tuple[Self, AuditRecord]:
        """Fail for good, because the file could not be imported."""
        failed = replace(self, status=ImportStatus.FAILED, progress=None, error=Refusal.of(error))
        refused = PREVIEW_REFUSED.record(
            subject_id=self.id,
            actor=Actor.user(self.user_id),
            occurred_at=at,
            error=error.code,
        )
        return failed, refused
