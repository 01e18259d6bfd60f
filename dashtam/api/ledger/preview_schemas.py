"""Bodies of responses about what would become of a file."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from dashtam.api.ledger.csv_profile_schemas import CsvProfileBody
from dashtam.api.ledger.import_row_schemas import ImportRowResponse
from dashtam.api.ledger.import_schemas import (
    ImportResponse,
    ProgressResponse,
    QuarantinedRowResponse,
    RefusalResponse,
    StatementOutcomeResponse,
)
from domain.ledger.imports import ImportStatus
from domain.ledger.previews import Preview, QueuedPreview


class PreviewResponse(BaseModel):
    """What would become of a file if it were imported now; nothing of it is kept.

    `rows` are the first of them, and `more_rows` tells whether there are others.
    """

    format: str
    csv_profile: CsvProfileBody | None
    statements: list[StatementOutcomeResponse]
    quarantined: list[QuarantinedRowResponse]
    quarantined_total: int
    unread_holdings: list[QuarantinedRowResponse]
    unread_holdings_total: int
    rows: list[ImportRowResponse]
    more_rows: bool

    @classmethod
    def of(cls, preview: Preview) -> "PreviewResponse":
        whole = ImportResponse.of(preview.outcome)
        return cls(
            format=whole.format,
            csv_profile=whole.csv_profile,
            statements=whole.statements,
            quarantined=whole.quarantined,
            quarantined_total=whole.quarantined_total,
            unread_holdings=whole.unread_holdings,
            unread_holdings_total=whole.unread_holdings_total,
            rows=[ImportRowResponse.foreseen(row) for row in preview.rows.items],
            more_rows=preview.rows.next is not None,
        )


class QueuedPreviewResponse(BaseModel):
    """Where a preview of a large file stands, and the preview once it is made."""

    id: UUID
    status: ImportStatus
    error: RefusalResponse | None
    progress: ProgressResponse | None
    sha256: str
    size: int
    requested_at: datetime
    preview: PreviewResponse | None

    @classmethod
    def of(cls, queued: QueuedPreview) -> "QueuedPreviewResponse":
        return cls(
            id=queued.id,
            status=queued.status,
            error=RefusalResponse.of(queued.error) if queued.error else None,
            progress=ProgressResponse.of(queued.progress) if queued.progress else None,
            sha256=queued.digest.hex(),
            size=queued.size,
            requested_at=queued.requested_at,
            preview=PreviewResponse.of(queued.preview) if queued.preview else None,
        )
