"""What would become of files, over HTTP."""

from http import HTTPStatus
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from dashtam.api.answers import answer_beside, no_content
from dashtam.api.http import refuse_query
from dashtam.api.ledger.import_forms import read_import
from dashtam.api.ledger.preview_schemas import PreviewResponse, QueuedPreviewResponse
from dashtam.api.ledger.scopes import READ_IMPORTS, WRITE_IMPORTS
from dashtam.api.problems import problem
from dashtam.api.session import CallerView
from dashtam.application.ledger.previews import DeletePreview, ShowPreview
from dashtam.application.ledger.submit_import import SubmitImport
from domain.ledger.previews import QueuedPreview
from domain.shared.ids import ImportId
from domain.shared.result import Failure, Success


class ImportPreviewView(CallerView):
    """What would become of a file."""

    scopes = {"post": WRITE_IMPORTS}
    submit_import: SubmitImport

    async def post(self, request: HttpRequest) -> HttpResponse:
        """Tell what an import of this file would do, now or later; nothing of it is entered."""
        async with read_import(request, self.caller.user_id) as submitted:
            match await self.submit_import.preview(submitted):
                case Success(QueuedPreview() as queued):
                    return await _queued(queued)
                case Success(preview):
                    return await answer_beside(PreviewResponse.of, preview)
                case Failure(error):
                    return problem(error, request)


class QueuedPreviewView(CallerView):
    """One preview that was made after it was asked for."""

    scopes = {"get": READ_IMPORTS, "delete": WRITE_IMPORTS}
    show_preview: ShowPreview
    delete_preview: DeletePreview

    async def get(self, request: HttpRequest, preview_id: UUID) -> HttpResponse:
        """Show it, or where it stands."""
        refuse_query(request)
        match await self.show_preview(import_id=ImportId(preview_id), user_id=self.caller.user_id):
            case Success(queued):
                return await answer_beside(QueuedPreviewResponse.of, queued)
            case Failure(error):
                return problem(error, request)

    async def delete(self, request: HttpRequest, preview_id: UUID) -> HttpResponse:
        """Delete it with its file, made or not."""
        match await self.delete_preview(
            import_id=ImportId(preview_id), user_id=self.caller.user_id
        ):
            case Success(_):
                return no_content()
            case Failure(error):
                return problem(error, request)


async def _queued(queued: QueuedPreview) -> HttpResponse:
    """Say where the preview will be."""
    response = await answer_beside(QueuedPreviewResponse.of, queued, status=HTTPStatus.ACCEPTED)
    response["Location"] = f"/api/v1/imports/preview/{queued.id}"
    return response
