"""What an import would come to. That of a large file is made after it was asked for."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

from domain.ledger.actions import PREVIEW_REFUSED
from domain.ledger.events import PreviewRequested
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.import_rows import ImportRowsPage
from domain.ledger.imports import ImportProgress, ImportStatus, Refusal, StatementImport
from domain.shared.errors import DomainError
from domain.shared.events import Actor, AuditRecord
from domain.shared.ids import AccountId, ImportId, UserId


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would come to, and its first rows."""

    outcome: StatementImport
    rows: ImportRowsPage


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedPreview:
    """A preview that is made later: it waits as an import does, and is never entered.

    The file is kept until the preview is there, and the preview for a day.
    """

    id: ImportId
    user_id: UserId
    file_name: str = field(repr=False)
    digest: bytes
    size: int
    requested_at: datetime
    hints: ReadingHints = NO_HINTS
    account_id: AccountId | None = None
    status: ImportStatus = ImportStatus.WAITING
    error: Refusal | None = None
    progress: ImportProgress | None = None
    preview: Preview | None = field(default=None, repr=False)

    @property
    def is_waiting(self) -> bool:
        """Whether it is still to be made."""
        return self.status in (ImportStatus.WAITING, ImportStatus.RUNNING)

    def requested(self) -> PreviewRequested:
        """Return the fact that it was asked for, to be made later."""
        return PreviewRequested(
            subject_id=self.id,
            actor=Actor.user(self.user_id),
            occurred_at=self.requested_at,
            sha256=self.digest.hex(),
            size=self.size,
        )

    def complete(self, preview: Preview, *, at: datetime) -> tuple[Self, AuditRecord]:
        """Hold what an import would come to."""
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
