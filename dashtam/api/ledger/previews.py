"""Previews: what would become of a file if it were imported."""

from datetime import datetime
from http import HTTPStatus
from typing import Self
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from dashtam.api.http import refuse_query
from dashtam.api.ledger.import_rows import ImportRowResponse
from dashtam.api.ledger.imports import (
    ContentResponse,
    QueuedFileResponse,
    read_import,
)
from dashtam.api.ledger.parameters import READ_IMPORTS, WRITE_IMPORTS
from dashtam.api.problems import unwrap
from dashtam.api.responses import no_content, respond_in_thread
from dashtam.api.session import CallerView
from dashtam.application.ledger.previews import DeletePreview, ShowPreview
from dashtam.application.ledger.submit_import import SubmitImport
from domain.ledger.previews import Preview, QueuedPreview
from domain.shared.ids import ImportId


class PreviewResponse(ContentResponse):
    """What would become of a file if it were imported now; nothing is imported.

    `rows` are the first of them, and `more_rows` says whether there are others.
    """

    rows: list[ImportRowResponse]
    more_rows: bool

    @classmethod
    def made(cls, preview: Preview) -> Self:
        rows = [ImportRowResponse.foreseen(row) for row in preview.rows.items]
        return cls.of(preview.outcome, rows=rows, more_rows=preview.rows.next is not None)


class QueuedPreviewResponse(QueuedFileResponse):
    """How far the preview of a large file has got, and the preview once it is made."""

    requested_at: datetime
    preview: PreviewResponse | None

    @classmethod
    def of(cls, queued: QueuedPreview) -> Self:
        made = queued.preview
        preview = PreviewResponse.made(made) if made else None
        return cls.copy_from(queued, preview=preview, **cls.state_of(queued))


class ImportPreviewView(CallerView):
    """The preview of a file."""

    scopes = {"post": WRITE_IMPORTS}
    submit_import: SubmitImport

    async def post(self, request: HttpRequest) -> HttpResponse:
        """Show what an import of this file would do, at once or later; nothing is imported."""
        async with read_import(request, self.caller.user_id) as submitted:
            preview = unwrap(await self.submit_import.preview(submitted))
            if isinstance(preview, Preview):
                return await respond_in_thread(PreviewResponse.made, preview)
            return await respond_in_thread(
                QueuedPreviewResponse.of,
                preview,
                status=HTTPStatus.ACCEPTED,
                location=f"imports/preview/{preview.id}",
            )


class QueuedPreviewView(CallerView):
    """One preview that is made in the background."""

    scopes = {"get": READ_IMPORTS, "delete": WRITE_IMPORTS}
    show_preview: ShowPreview
    delete_preview: DeletePreview

    async def get(self, request: HttpRequest, preview_id: UUID) -> HttpResponse:
        """Show it, or how far it has got."""
        refuse_query(request)
        queued = unwrap(
            await self.show_preview(import_id=ImportId(preview_id), user_id=self.caller.user_id)
        )
        return await respond_in_thread(QueuedPreviewResponse.of, queued)

    async def delete(self, request: HttpRequest, preview_id: UUID) -> HttpResponse:
        """Delete it with its file, made or not."""
        unwrap(
            await self.delete_preview(import_id=ImportId(preview_id), user_id=self.caller.user_id)
        )
        return no_content()
